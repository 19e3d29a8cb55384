"""The figures of reports: read only here, from the measures of `statistics` and the records of orders and escalation. A
reading is JSON and is stored with the report, so that it never changes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count

from caunoi.directives import queries as directives
from caunoi.directives.models import Directive
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.lib.privacy.discreet import mask
from caunoi.reports import cases
from caunoi.reports.spans import Span, Turn, before, year_before
from caunoi.sla.queries import escalations
from caunoi.statistics.counting import half_answered_within
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import content, grouped
from caunoi.statistics.measures import MEASURES, TALLIED
from caunoi.statistics.scope import FOUR, TIMES, Scope
from caunoi.statistics.spans import GROUPED

SLOW = 50  # cases listed one by one; the sheet has all


def turn() -> Turn:
    """When the province's reporting month turns."""
    return Turn(day=option("report_day"), hour=option("report_hour"))


def scope(span: Span, at: datetime) -> Scope:
    return Scope(since=span.since, until=span.until, at=at, exact=True)  # as its own cases say it


def scope_then(other: Span, span: Span, at: datetime) -> Scope:
    """Another span, as known the same time after its end as this one is now: like a report made equally soon."""
    moment = other.until + (at - span.until)
    as_of = moment if other.until <= moment < at else None
    return Scope(since=other.since, until=other.until, at=moment, as_of=as_of, exact=True)


def counts(row: Row) -> dict[str, Any]:
    return {"code": row.key, **{part: getattr(row, part) for part in FOUR}, "total": row.total}


def names() -> dict[str, dict[str, str]]:
    """The full names for papers, by grouping and code."""
    by_code = {by: {code: name for code, (name, _) in rows.items()} for by, rows in directory.every_name().items()}
    return by_code | {"agency": {a.code: a.name for a in directory.every_agency()}}


def reading(span: Span, at: datetime, measures: Mapping[str, Sequence[str]] | None = None) -> dict[str, Any]:
    """The figures of a span as of a moment, each beside those of the period before and of a year ago:
    {at, whole, groups {by: [{code, name, four, total, before}]}, half, content, refused, before {code, whole, half},
    year_before, slow [cases], asked {…}, escalated {to: count}, measured {name: measured()}}. Lengths in seconds, those
    of `measures` (named.wanted) measures in their own units."""
    now, month_turn = scope(span, at), turn()
    groups = grouped(now, ["", *GROUPED])
    earlier, ago = before(span, month_turn), year_before(span, month_turn)
    then = grouped(scope_then(earlier, span, at), ["", *GROUPED])
    labels = names()
    (whole,) = groups.pop("")
    return {
        "at": at.isoformat(),
        "whole": counts(whole),
        "half": _seconds(half_answered_within(now)[0]),
        "content": _content(now),
        "before": {
            "code": earlier.code,
            "whole": counts(then[""][0]),
            "half": _seconds(half_answered_within(scope_then(earlier, span, at))[0]),
        },
        "year_before": {"code": ago.code, "whole": counts(grouped(scope_then(ago, span, at), [""])[""][0])},
        "groups": {by: list(_compared(groups[by], then[by], labels.get(by, {}))) for by in GROUPED},
        "slow": [one.as_json(labels) for one in cases.slow(now, SLOW)],
        "asked": directives.explanations(span.since, span.until, at),
        "explained": [_explained(row) for row in directives.asked_in(span.since, span.until)[:SLOW]],
        "escalated": escalated(span.since, span.until),
        "measured": {
            name: measured(
                name,
                by,
                {"now": now, "before": scope_then(earlier, span, at), "year_before": scope_then(ago, span, at)},
                labels,
            )
            for name, by in (measures or {}).items()
        },
    }


def measured(
    name: str, groups: Sequence[str], scopes: Mapping[str, Scope], names: Mapping[str, Mapping[str, str]]
) -> dict[str, list[dict[str, Any]]]:
    """A measure by each of some groups ("": the whole, one row), in each of the scopes: {by: [{key, name, now, before,
    year_before}]}, each of these {value, of}; `of` is None where it is not counted. Times and hops in their order,
    others by their value now, the highest first, and values of few cases after those of enough."""
    result: dict[str, list[dict[str, Any]]] = {}
    few = option("small_number")
    for by in groups:
        rows: dict[str, dict[str, Any]] = {}
        nothing: dict[str, Any] = {}
        for when, one in scopes.items():
            read_rows = MEASURES[name].read(one, by)
            nothing[when] = {"value": 0 if read_rows and name in TALLIED else None, "of": 0}
            for row in read_rows:
                total = row.get("total", row.get("value"))
                line = rows.setdefault(row["key"], {"key": row["key"], "name": _name(by, row["key"], names)})
                line[when] = {"value": total, "of": row.get("of", total)}
        ordered = sorted(rows.values(), key=lambda line: line["key"])
        if by not in (*TIMES, "hop"):
            ordered.sort(key=lambda line: _rank(name, line.get("now") or nothing["now"], few))
        result[by] = [nothing | line for line in ordered]
    return result


def _rank(name: str, now: Mapping[str, Any], few: int) -> tuple[bool, float]:
    return name not in TALLIED and (now["of"] or 0) < few, -(now["value"] or 0)


def _name(by: str, key: str, names: Mapping[str, Mapping[str, str]]) -> str:
    return names.get("agency" if by == "branch" else by, {}).get(key, "")


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()


def _content(scope: Scope) -> dict[str, Any] | None:
    ratings = content(scope)
    if ratings is None:
        return None
    return {
        "grades": ratings.grades,
        "given": ratings.responses,
        "asked": ratings.invited,
        "replied": ratings.replied,
        "whole": ratings.whole,
    }


def _compared(rows: Iterable[Row], then: Iterable[Row], names: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Groups with most late ones first, each with its total before."""
    old = {row.key: row.total for row in then}
    for row in sorted(rows, key=lambda r: (-r.missed, -r.total, r.key)):
        yield {**counts(row), "name": names.get(row.key, ""), "before": old.get(row.key, 0)}


def _explained(row: Directive) -> dict[str, Any]:
    """One explanation as JSON, without the people in it."""
    ticket = row.ticket
    open_ = ticket is not None and not ticket.restricted
    return {
        "code": ticket.code if ticket and open_ else "",
        "agency": row.agency.name if row.agency else "",
        "answer": mask(row.answer, ticket.contact.name) if ticket and open_ else "",
        "due": row.due.isoformat(),
        "done": row.done.isoformat() if row.done else None,
    }


def escalated(since: datetime, until: datetime) -> dict[str, int]:
    """The number of escalations by recipient."""
    return dict(escalations(since=since, until=until).order_by().values_list("to").annotate(count=Count("pk")))
