"""Reading acts, and the rows that they affect."""

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet
from django.utils.timezone import localdate, localtime, now

from caunoi.accounts import service_accounts
from caunoi.accounts.models import User
from caunoi.directives.models import Directive
from caunoi.directory.geography import resolve
from caunoi.directory.models import Agency, Area
from caunoi.directory.queries import SURE, in_force, unit_of
from caunoi.events.queries import history
from caunoi.lib.places import geometry
from caunoi.lib.places.gazetteer import Unit
from caunoi.lib.places.succession import NewUnit, Plan
from caunoi.procedures.models import Note
from caunoi.reorganisation.checks import ExistingUnit, Problem
from caunoi.reorganisation.checks import problems as check
from caunoi.reorganisation.models import Act, Line
from caunoi.reorganisation.plan import Belongs, Change, Decisions, Leg, Open, Place, Question, Rows, plan
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.sla.models import Target
from caunoi.tickets.lifecycle import OPEN
from caunoi.tickets.models import Ticket

type Located = Mapping[int, tuple[str, str]]
"""Ticket → the commune (code) that its pin or address means for sure, and the likeliest; empty = unknown."""


def acts() -> QuerySet[Act]:
    """All but those that were dropped, what comes next first."""
    return Act.objects.exclude(state=Act.State.DROPPED).order_by("-on", "-id")


def act(pk: int) -> Act | None:
    return acts().filter(pk=pk).first()


def withdrawn(pk: int) -> tuple[Act, date, bool] | None:
    """An act that was scheduled and withdrawn, its former day, and whether it still reads as it did then."""
    row = Act.objects.filter(pk=pk, state__in=(Act.State.DRAFT, Act.State.DROPPED)).first()
    events = list(history(row).exclude(kind="act.drop")) if row else []
    taken_back = next((e for e in reversed(events) if e.kind == "act.unschedule"), None)
    if row is None or taken_back is None:
        return None
    return row, date.fromisoformat(taken_back.data["on"]), events[-1].pk == taken_back.pk


def of_number(number: str) -> Act | None:
    return acts().filter(number=number).first()


def lines(row: Act) -> list[Line]:
    return list(Line.objects.filter(act=row).order_by("id"))


def due(on: date | None = None) -> list[Act]:
    """Scheduled acts whose day (and hour, of one of today or the past) has come, in the order in which they come into
    force."""
    there = Q(starts=None) | Q(starts__lte=now())
    rows = Act.objects.filter(there, state=Act.State.SCHEDULED, on__lte=on or localdate())
    return list(rows.order_by("on", "id"))


def rewritten(row: Act) -> int:
    """How many tickets since the day of a past act count for other units by it than they did before."""
    areas, agencies = _ended(row)
    since = Ticket.objects.filter(received__date__gte=row.on)
    return since.filter(Q(area__in=areas) | Q(agency__in=agencies)).count()


def ending(agency: int) -> tuple[Act, str] | None:
    """The act by which an agency ended, and how (merge, split, abolish, rename); None for one that did not."""
    matches = Line.objects.filter(what="agency", ends__contains=[agency], act__state=Act.State.IN_FORCE)
    line = matches.select_related("act").order_by("-act__on", "-pk").first()
    return (line.act, line.kind) if line else None


def units(row: Act) -> list[NewUnit]:
    return [NewUnit(**unit) for unit in row.units]


def changes(row: Act) -> list[Change]:
    return [
        Change(kind=line.kind, what=line.what, ends=tuple(line.ends), heirs=tuple(line.heirs)) for line in lines(row)
    ]


def existing_units(row: Act) -> dict[str, list[ExistingUnit]]:
    """Every unit there is, as the other scheduled acts leave it."""
    result: dict[str, list[ExistingUnit]] = {}
    other = Line.objects.filter(act__state=Act.State.SCHEDULED).exclude(act=row).select_related("act")
    for what, model in (("area", Area), ("agency", Agency)):
        ended: dict[int, Act] = {}
        for line in other.filter(what=what).order_by("-act__on"):
            ended |= dict.fromkeys(line.ends, line.act)
        result[what] = []
        rows: Any = model._default_manager.values_list("pk", "code", "valid_from", "valid_to")
        for pk, code, since, until in rows:
            by = ended.get(pk)
            result[what].append(
                ExistingUnit(
                    id=pk,
                    code=code,
                    since=since,
                    until=min(filter(None, (until, by.on))) if by else until,
                    by=by.number if by else "",
                )
            )
    return result


def problems(row: Act) -> list[Problem]:
    """What keeps an act from being scheduled."""
    return check(row.on, changes(row), units(row), existing_units(row))


def _ended(row: Act) -> tuple[list[int], list[int]]:
    """The areas and agencies that an act is about."""
    every = lines(row)
    return (
        [pk for line in every if line.what == "area" for pk in line.ends],
        [pk for line in every if line.what == "agency" for pk in line.ends],
    )


def touched(row: Act) -> tuple[QuerySet[Ticket], list[int], list[int]]:
    """The open tickets that an act affects, and its areas and agencies."""
    areas, agencies = _ended(row)
    at_work = Handover.objects.filter(agency__in=agencies, state__in=OPEN_LEGS)
    mine = Q(area__in=areas) | Q(agency__in=agencies) | Q(pk__in=at_work.values("ticket"))
    return Ticket.objects.filter(mine, state__in=OPEN), areas, agencies


def _places(row: Act, areas: Collection[int], agencies: Collection[int]) -> tuple[tuple[Place, ...], tuple[Place, ...]]:
    """The units in force on the act's day, and those that it is about."""
    there = in_force(row.on)
    area_rows = Area.objects.filter(there | Q(pk__in=areas)).values_list("pk", "code", "parent_id", "valid_to")
    every = sorted(area_rows, key=lambda a: a[3] is None)  # of one code, the one that goes on counts
    rows = Agency.objects.filter(there | Q(pk__in=agencies)).order_by("pk")
    return (
        tuple(Place(id=pk, code=code, parent=parent) for pk, code, parent, _ in every),
        tuple(
            Place(id=pk, code=code, area=area, parent=parent)
            for pk, code, area, parent in rows.values_list("pk", "code", "area_id", "parent_id")
        ),
    )


def rows(row: Act, located: Located | None = None) -> Rows:
    """Everything open that names a unit of the act."""
    tickets, areas, agencies = touched(row)
    places, offices = _places(row, areas, agencies)
    open_tickets = list(tickets.order_by("pk").values_list("pk", "area_id", "agency_id"))
    sure = located or {}
    legs = Handover.objects.filter(ticket__in=[pk for pk, *_ in open_tickets], state__in=OPEN_LEGS).order_by("pk")
    there = in_force()
    orders = Directive.objects.filter(agency__in=agencies, done=None, withdrawn=None)
    people = User.objects.filter(Q(agency__in=agencies) | Q(area__in=areas))
    programs = service_accounts.at(agencies, areas)
    return Rows(
        areas=places,
        agencies=offices,
        tickets=tuple(
            Open(id=pk, area=area, agency=agency, at=sure.get(pk, ("", ""))[0], near=sure.get(pk, ("", ""))[1])
            for pk, area, agency in open_tickets
        ),
        legs=tuple(
            Leg(id=pk, ticket=ticket, agency=agency, lead=role == Handover.Role.LEAD)
            for pk, ticket, agency, role in legs.values_list("pk", "ticket_id", "agency_id", "role")
        ),
        rules=tuple(
            Decisions(
                id=r.pk,
                agency=r.agency_id,
                area=r.area_id,
                same=(r.category_id, r.since_hour, r.until_hour, r.words, r.of_area),
            )
            for r in Rule.objects.filter(there).order_by("order", "pk")
        ),
        targets=tuple(
            Decisions(
                id=t.pk,
                agency=t.agency_id,
                same=(t.clock, t.category_id, t.urgency, t.kind),
                amount=(t.days or 0) * 8 * 60 + (t.minutes or 0),
            )
            for t in Target.objects.filter(there, agency__isnull=False).order_by("pk")
        ),
        people=tuple(Belongs(id=u.pk, agency=u.agency_id, area=u.area_id) for u in people.order_by("full_name")),
        programs=tuple(Belongs(id=p.pk, agency=p.agency_id, area=p.area_id) for p in programs),
        orders=tuple(Belongs(id=o.pk, agency=o.agency_id, ticket=o.ticket_id) for o in orders.order_by("pk")),
        notes=tuple(Belongs(id=n.pk, area=n.area_id) for n in Note.objects.filter(area__in=areas, active=True)),
    )


def head(row: Act, at: datetime | None = None) -> Plan:
    return Plan(act=row.pk, number=row.number, on=row.on, at=at or now())


def planned(row: Act, *, at: datetime | None = None, located: Located | None = None) -> tuple[Plan, list[Question]]:
    """What an act would move now and what it asks. Once it is carried out nothing begins any more: then what came to a
    unit that has ended is taken along."""
    begins = [] if row.state == Act.State.IN_FORCE else units(row)
    return plan(head(row, at), changes(row), begins, rows(row, located), row.choices)


def locate(row: Act) -> Located:
    """Where the open tickets of communes that the act divides lie, by pin, else by address."""
    split = [line for line in lines(row) if line.what == "area" and len(line.heirs) > 1]
    if not split:
        return {}
    codes = {code for line in split for code in line.heirs}
    tickets, *_ = touched(row)
    listed = {unit.code: unit_of(unit) for unit in units(row) if unit.what == "area" and unit.code in codes}
    known_rows = Area.objects.filter(in_force(row.on), code__in=codes - listed.keys())
    shapes = [(a.code, geometry.Shape.of(a.outline)) for a in known_rows if a.outline]
    near = [*listed.values(), *(unit_of(a) for a in known_rows)]
    divided = tickets.filter(area__in=[pk for line in split for pk in line.ends])
    return {
        t.pk: _at(t, shapes, near, codes)
        for t in divided.only("pk", "address", "latitude", "longitude", "received").iterator(chunk_size=500)
    }


def _at(
    ticket: Ticket, shapes: list[tuple[str, geometry.Shape]], near: list[Unit], codes: Collection[str]
) -> tuple[str, str]:
    """The commune for sure, and the likeliest: inside an outline or by clear words; else near a middle."""
    guess = ""
    if ticket.latitude is not None and ticket.longitude is not None:
        point = geometry.Point(lat=ticket.latitude, lon=ticket.longitude)
        if code := geometry.inside(point, shapes):
            return code, code
        nearest = geometry.nearest(point, near)
        guess = nearest.code if nearest else ""
    if ticket.address:
        resolution = resolve(ticket.address, localdate(localtime(ticket.received)))
        if resolution.area_code in codes and resolution.confidence >= SURE:
            return str(resolution.area_code), str(resolution.area_code)
        likely = [c.area_code for c in resolution.candidates if c.area_code in codes]
        guess = guess or (likely[0] if likely else "")
    return "", guess


def places_of(pks: Collection[int]) -> list[tuple[int, str, str]]:
    """Tickets (id, code, address) for whoever decides where they lie: the place and nothing else, of a restricted one
    not even that."""
    rows_ = Ticket.objects.filter(pk__in=pks).order_by("code").values_list("pk", "code", "address", "restricted")
    return [(pk, code, "" if restricted else address) for pk, code, address, restricted in rows_]


def stragglers() -> list[Act]:
    """Acts in force with something open that still lies with a unit they ended: it came in while they were carried out,
    or names an old unit."""
    today = localdate()
    legs = Handover.objects.filter(state__in=OPEN_LEGS, agency__valid_to__lte=today)
    tickets = Ticket.objects.filter(state__in=OPEN, area__valid_to__lte=today)
    areas = set(tickets.order_by().values_list("area_id", flat=True).distinct())
    agencies = set(legs.order_by().values_list("agency_id", flat=True).distinct())
    if not areas and not agencies:
        return []
    condition = Q(lines__what="area", lines__ends__overlap=sorted(areas)) if areas else Q()
    if agencies:
        condition |= Q(lines__what="agency", lines__ends__overlap=sorted(agencies))
    return list(Act.objects.filter(condition, state=Act.State.IN_FORCE).distinct().order_by("on", "id"))


STEP = "caunoi act"


def at_work(row: Act) -> int | None:
    """The step that an act is being carried out at just now, by any process; None when nobody does. The transaction
    itself shows nothing before it is done, so each step is the name of its connection."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT application_name FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name LIKE %s",
            [f"{STEP} {row.pk}:%"],
        )
        step = cursor.fetchone()
    return int(step[0].rpartition(":")[2]) if step else None
