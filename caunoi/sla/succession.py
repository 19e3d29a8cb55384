"""Clocks run on: the deadlines of a leg that an act passes on are carried to the leg that goes on, with the same
due."""

from typing import Any

from django.db import connection

from caunoi.directory.actions import forget
from caunoi.events.actor import Actor
from caunoi.lib.places.succession import Plan
from caunoi.routing.queries import HANDOVERS
from caunoi.routing.succession import copies
from caunoi.sla.models import Target

LEADS = """
    UPDATE sla_deadline d SET agency_id = v.goes FROM unnest(%(tickets)s::bigint[], %(leads)s::bigint[]) AS v(id, goes)
    WHERE d.ticket_id = v.id AND d.leg_id IS NULL AND d.agency_id IS NOT NULL AND d.met IS NULL
"""
GO_ON = f"""
    INSERT INTO sla_deadline (
        ticket_id, leg_id, clock, agency_id, target_id, fixed, extra_days, state, started, due, due_first,
        first_due, late, wake, told
    )
    SELECT d.ticket_id, n.id, d.clock, n.agency_id, d.target_id, d.fixed, d.extra_days, d.state, d.started, d.due,
           d.due_first, d.first_due, d.late, d.wake, d.told
    FROM unnest(%(legs)s::bigint[], %(to)s::bigint[]) AS v(id, goes)
    JOIN sla_deadline d ON d.leg_id = v.id AND d.met IS NULL
    JOIN {HANDOVERS} n
         ON n.ticket_id = d.ticket_id AND n.agency_id = v.goes AND n.act = %(act)s AND n.sent = %(at)s
    ON CONFLICT DO NOTHING
"""  # noqa: S608  our own words
OVER = """
    UPDATE sla_deadline SET state = 'met', met = %(at)s, late = late OR coalesce(due < %(at)s, false), wake = NULL
    WHERE leg_id = ANY(%(over)s::bigint[]) AND met IS NULL
"""


def succeed(plan: Plan, *, by: Actor) -> None:
    """No due moves: open deadlines keep the target, start and hours of the agency that they were calculated with."""
    legs = {pk: to for pk, to in plan.legs.items() if to is not None}
    params: dict[str, Any] = {
        "tickets": list(plan.leads),
        "leads": list(plan.leads.values()),
        "legs": list(legs),
        "to": list(legs.values()),
        "over": list(plan.legs),
        "act": plan.act,
        "at": plan.at,
    }
    with connection.cursor() as cursor:
        cursor.execute(LEADS, params)
        cursor.execute(GO_ON, params)
        cursor.execute(OVER, params)
    copies(Target, plan, plan.ended_targets, plan.targets)
    forget()
