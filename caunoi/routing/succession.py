"""Custody goes on: every open leg at an agency that ends is passed on to the one that follows, with the act as reason;
its clocks run on as if nothing had happened. Rules end and go on as new rows."""

from typing import Any

from django.db import connection

from caunoi.directory.models import Valid
from caunoi.events.actor import Actor
from caunoi.lib.places.succession import Copy, Plan
from caunoi.routing.models import OPEN_LEGS, Handover, Rule

GOES_ON = """
    INSERT INTO routing_handover (
        ticket_id, source_id, agency_id, role, state, hop, "by", note, reason, sent, accepted, asked_days, asked_reason,
        asked, granted_days, decided, decided_by, refusal, answer, act, began, hours_of
    )
    SELECT ticket_id, agency_id, v.goes, role, CASE WHEN accepted IS NULL THEN 'sent' ELSE 'accepted' END, hop, %(by)s,
           note, '', %(at)s, accepted, asked_days, asked_reason, asked,
           CASE WHEN role = 'lead' THEN 0 ELSE granted_days END,
           decided, decided_by, refusal, '', %(act)s, coalesce(began, sent), coalesce(hours_of, agency_id)
    FROM routing_handover h JOIN unnest(%(legs)s::bigint[], %(to)s::bigint[]) AS v(id, goes) ON v.id = h.id
"""
LINKS = """
    UPDATE routing_link l SET leg_id = n.id
    FROM unnest(%(legs)s::bigint[], %(to)s::bigint[]) AS v(id, goes)
    JOIN routing_handover h ON h.id = v.id
    JOIN routing_handover n
         ON n.ticket_id = h.ticket_id AND n.agency_id = v.goes AND n.act = %(act)s AND n.sent = %(at)s
    WHERE l.leg_id = h.id AND l.used IS NULL AND l.revoked IS NULL
"""


def lock(agencies: list[int]) -> list[Handover]:
    """Hold the open legs at these agencies."""
    rows = Handover.objects.filter(agency__in=agencies, state__in=OPEN_LEGS).order_by("pk")
    return list(rows.select_for_update(no_key=True))


def succeed(plan: Plan, *, by: Actor) -> None:
    legs = {pk: to for pk, to in plan.legs.items() if to is not None}
    rows = Handover.objects.filter(pk__in=plan.legs, state__in=OPEN_LEGS)
    rows.update(state=Handover.State.PASSED_ON, ended=plan.at, reason=plan.number)
    if legs:
        params: dict[str, Any] = {"legs": list(legs), "to": list(legs.values()), "by": by.name}
        params |= {"at": plan.at, "act": plan.act}
        with connection.cursor() as cursor:
            cursor.execute(GOES_ON, params)
            cursor.execute(LINKS, params)
    copies(Rule, plan, plan.ended_rules, plan.rules)


def copies(model: type[Valid], plan: Plan, ended: object, specs: tuple[Copy, ...]) -> None:
    """Rows with validity end on the act's day and go on as new ones for those that follow."""
    table = model._default_manager
    rows = table.in_bulk([copy.row for copy in specs])
    new = []
    for copy in specs:
        values = {f.attname: getattr(rows[copy.row], f.attname) for f in model._meta.concrete_fields}
        values |= {"id": None, "valid_from": plan.on, "valid_to": None, "agency_id": copy.agency}
        if "area_id" in values:
            values["area_id"] = copy.area
        new.append(model(**values))
    table.filter(pk__in=ended).update(valid_to=plan.on)
    table.bulk_create(new, batch_size=500)
