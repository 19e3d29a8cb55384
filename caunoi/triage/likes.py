"""Open tickets that may tell of the same thing as a report."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import connection
from django.db.models import F

from caunoi.directory import queries as directory
from caunoi.directory.ai_register import Use
from caunoi.directory.geography import geography
from caunoi.events.actor import Actor
from caunoi.lib.places import spoken
from caunoi.tickets.lifecycle import FIRST, OPEN, State
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import TICKETS, WORDS, visible_to
from caunoi.triage import alike
from caunoi.triage.alike import Reasons, Report
from caunoi.triage.models import Likeness
from caunoi.triage.proposals import Certainty, Limits

SAME = Limits(sure=0.75, perhaps=0.25)
"""Of what may be the same thing."""
LEAST_WORDS = 3
POOL = 300
"""Open tickets, the newest, that are looked at: of all, of a commune, of a field."""
COMPARED = 25
"""Of these, those that are read and compared."""
READ = "summary text address occurred received latitude longitude category area".split()
"""What is read of them."""
RARE = 7.0
"""How rare a word or pair is (alike.Gist) that says more than others."""
DEGREE = 111_200
"""Metres of a degree of latitude."""
WORTH = f"""
    0.5 * coalesce(length(vector) - length(ts_delete(vector, %s::text[])), 0)
    + 0.15 * coalesce(length(vector) - length(ts_delete(vector, %s::text[])), 0)
    + (CASE WHEN vector @@ %s::tsquery THEN 0.5 ELSE 0 END)
    + (CASE WHEN area_id = %s THEN 0.5 ELSE 0 END) + (CASE WHEN category_id = %s THEN 0.4 ELSE 0 END)
    + coalesce(1.5 * exp(-({DEGREE} / 500) * |/ ((latitude - %s) ^ 2 + (longitude - %s) ^ 2)), 0)
"""
"""How much a row is worth a comparison, in SQL; it is given `worth_values`. Its words should come from a subquery with
OFFSET 0, which unpacks them once a row."""


@dataclass(frozen=True, kw_only=True)
class Like:
    """An open ticket that may tell of the same thing. `p`: the probability; `because`: why."""

    ticket: Ticket
    p: float
    certainty: Certainty
    because: Reasons


def like(report: Report, by: Actor, *, but: int | None = None) -> list[Like]:
    """The open tickets most alike to a report, of those that this actor may see, best first; without the ticket `but`.
    Nothing where there are no words to go by, and none that is unlikely."""
    report = placed(report)
    if not directory.is_helping("alike") or (len(report.text.split()) < LEAST_WORDS and report.lat is None):
        return []
    own = alike.read(report)
    tickets = visible_to(by).filter(state__in=sorted(OPEN))
    ids = [pk for pk in _candidates(own) if pk != but]
    compared = list(tickets.filter(pk__in=ids).select_related(None).only(*READ))
    readings = [alike.read(of_ticket(ticket)) for ticket in compared]
    likely = [one for one in alike.among(own, readings) if SAME.certainty(one.p) is not Certainty.SILENT]
    whole = tickets.in_bulk([compared[one.at].pk for one in likely])
    return [
        Like(
            ticket=ticket,
            p=one.p,
            certainty=SAME.certainty(one.p),
            because=alike.reasons(own, readings[one.at]),
        )
        for one in likely
        if (ticket := whole.get(compared[one.at].pk))
    ]


def use(begin: datetime, end: datetime) -> Use:
    """What became of the tickets beside which others were shown as alike on [begin, end): joined to one of these, to
    another, or not. Of what is new nobody has decided."""
    every = Likeness.objects.filter(at__gte=begin, at__lt=end).exclude(ticket__state=FIRST)
    joined = every.filter(ticket__state=State.MERGED)
    same = joined.filter(ticket__merged_into=F("other"))
    count, merged, as_is = (rows.values("ticket").distinct().count() for rows in (every, joined, same))
    return Use(proposals=count, as_is=as_is, edited=merged - as_is, unused=count - merged)


def of_ticket(ticket: Ticket) -> Report:
    """What there is of a ticket."""
    return Report(
        text="\n".join(filter(None, (ticket.summary, ticket.text, ticket.address))),
        at=ticket.occurred or ticket.received,
        lat=ticket.latitude,
        long=ticket.longitude,
        category=ticket.category.code if ticket.category else "",
        area=ticket.area.code if ticket.area else "",
    )


def placed(report: Report) -> Report:
    """With the commune in which its point lies, or that its words name, where nobody chose one."""
    if report.area:
        return report
    if report.lat is not None and report.long is not None and (area := directory.area_at(report.lat, report.long)):
        return replace(report, area=area.code)
    commune = spoken.commune(report.text, home=directory.province_code(), geography=geography())
    return replace(report, area=commune.code) if commune else report


def _candidates(own: alike.Gist) -> list[int]:
    """The ids of open tickets worth a comparison: of the newest everywhere, in the commune and in the field, those that
    share most, or say the same in other words."""
    report = own.report
    area = directory.area(report.area) if report.area else None
    category = directory.category(report.category) if report.category else None
    narrower = [("area_id", area.pk)] if area else []
    narrower += [("category_id", category.pk)] if category else []
    pools = " UNION ".join(
        f"(SELECT id FROM {TICKETS} open_ticket WHERE state = ANY(%s){condition} ORDER BY id DESC LIMIT {POOL})"  # noqa: S608
        for condition in ("", *(f" AND {column} = %s" for column, _ in narrower))
    )
    states = sorted(OPEN)
    values: list[Any] = [states]
    for _, pk in narrower:
        values += [states, pk]
    sql = f"""
    SELECT id FROM (
        SELECT t.id, t.category_id, t.area_id, t.latitude, t.longitude, strip(w.vector) AS vector
        FROM ({pools}) AS pool JOIN {TICKETS} t USING (id) LEFT JOIN {WORDS} w ON w.ticket_id = t.id
        OFFSET 0
    ) AS each ORDER BY {WORTH} DESC, id DESC LIMIT {COMPARED}"""  # noqa: S608  (our own conditions)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*values, *worth_values(own)])
        return [pk for (pk,) in cursor.fetchall()]


def worth_values(own: alike.Gist) -> list[Any]:
    """What WORTH is given: the rare words and pairs, as an index has them (writing.lexemes), the other ones, other
    names for the same things, commune, field, place."""
    report = own.report
    terms = {**own.words} | {pair.replace(" ", "_"): rare for pair, rare in own.pairs.items()}
    rare = [term for term, value in terms.items() if value >= RARE]
    area = directory.area(report.area) if report.area else None
    category = directory.category(report.category) if report.category else None
    place = [area.pk if area else None, category.pk if category else None, report.lat, report.long]
    return [rare, [*terms.keys() - {*rare}], " | ".join(alike.synonyms(own)), *place]
