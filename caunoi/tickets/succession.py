"""Tickets follow their agency and commune where an act of reorganisation leads; no state changes and no clock."""

from collections.abc import Collection
from typing import Any

from django.db import connection

from caunoi.directory.models import Agency, Area
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.lib.places.succession import Plan
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Ticket


def lock(ids: Collection[int]) -> None:
    """Lock these tickets until the transaction ends; others who move them wait."""
    list(Ticket.objects.filter(pk__in=ids).order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))


def succeed(plan: Plan, *, by: Actor) -> None:
    """Open tickets to their new commune and leading agency; every ticket of an agency that ends, closed ones too, is
    the follower's to look up. Where a ticket was when it came in stays known (`area_then`)."""
    _tell(plan, by)
    _move(plan)
    _share(plan)


MOVE = """
    UPDATE tickets_ticket t SET
        area_then_id = CASE WHEN v.area IS NULL THEN t.area_then_id ELSE coalesce(t.area_then_id, t.area_id) END,
        area_id = coalesce(v.area, t.area_id), agency_id = coalesce(v.agency, t.agency_id), touched = %s
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS v(id, area, agency) WHERE t.id = v.id
"""


def _move(plan: Plan) -> None:
    ids = sorted({*plan.tickets, *plan.leads})
    if ids:
        areas, agencies = ([moves.get(pk) for pk in ids] for moves in (plan.tickets, plan.leads))
        with connection.cursor() as cursor:
            cursor.execute(MOVE, [plan.at, ids, areas, agencies])


SHARE = """
    WITH shares AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS v(ticket_id, was, goes)
    ), records AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[]) AS v(was, goes)
    ), over AS (
        UPDATE tickets_participant p SET until = %s
        WHERE p.until IS NULL AND (
            p.agency_id IN (SELECT was FROM records)
            OR (p.ticket_id, p.agency_id) IN (SELECT ticket_id, was FROM shares)
        ) RETURNING p.ticket_id, p.agency_id
    )
    INSERT INTO tickets_participant (ticket_id, agency_id, since)
    SELECT DISTINCT over.ticket_id, coalesce(shares.goes, records.goes), %s::timestamptz
    FROM over
    LEFT JOIN shares ON shares.ticket_id = over.ticket_id AND shares.was = over.agency_id
    LEFT JOIN records ON records.was = over.agency_id
    ON CONFLICT (ticket_id, agency_id) WHERE until IS NULL DO NOTHING
"""


def _share(plan: Plan) -> None:
    """Who may see them: of an open one, whoever has to do with it now; of a closed one, who keeps the records."""
    shares = [[share[n] for share in plan.shares] for n in range(3)]
    if plan.shares or plan.records:
        with connection.cursor() as cursor:
            cursor.execute(SHARE, [*shares, list(plan.records), list(plan.records.values()), plan.at, plan.at])


def _tell(plan: Plan, by: Actor) -> None:
    """Record on each ticket what has changed, and by which act."""
    same = Ticket.objects.filter(agency__in=plan.renames, state__in=OPEN) if plan.renames else Ticket.objects.none()
    renamed = dict(same.exclude(pk__in=plan.leads).values_list("pk", "agency_id"))
    touched = {*plan.tickets, *plan.leads, *renamed}
    leads = {**renamed, **plan.leads}
    tickets = list(Ticket.objects.filter(pk__in=touched).order_by("pk").values_list("pk", "area_id", "agency_id"))
    areas = {pk for _, pk, _ in tickets} | set(plan.tickets.values())
    agencies = {pk for *_, pk in tickets} | set(leads.values())
    of_area = dict(Area.objects.filter(pk__in=areas - {None}).values_list("pk", "code"))
    of_agency = dict(Agency.objects.filter(pk__in=agencies - {None}).values_list("pk", "code"))
    events = []
    for pk, area, agency in tickets:
        data: dict[str, Any] = {"act": plan.act, "number": plan.number}
        if pk in leads:
            data |= {"agency": of_agency[leads[pk]], "was": of_agency.get(agency, "")}
        if pk in plan.tickets:
            data |= {"area": of_area[plan.tickets[pk]], "area_was": of_area.get(area, "")}
        kind = "ticket.succeed" if pk in leads else "ticket.resettle"
        events.append(Event(at=plan.at, kind=kind, subject="ticket", subject_id=pk, **by.signature, data=data))
    Event.objects.bulk_create(events, batch_size=2000)
