"""The tables of measures on a report's paper. Pure but for the language they are read under."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from caunoi.reports import named, saying, telling
from caunoi.reports.cases import BASE
from caunoi.reports.paper import Block, Cell
from caunoi.reports.spans import Kind, Span
from caunoi.statistics.measures import MEASURES, TALLIED
from caunoi.statistics.scope import NARROW, NONE
from caunoi.tickets.reasons import REASONS

type Figures = Mapping[str, Any]

MOST = 15  # rows of a table of the text; the sheet has all


def heads() -> dict[str, tuple[str, str]]:
    """By group: the title of the first column, and the label of the group without one."""
    agency, none = _("Agency"), _("With the centre")
    return {
        "agency": (agency, none),
        "branch": (_("Branch of agencies"), none),
        "area": (_("Commune"), _("Commune not known")),
        "category": (_("Category"), _("No category yet")),
        "channel": (_("Channel"), "–"),
        "day": (_("Day"), "–"),
        "week": (_("Week"), "–"),
        "month": (_("Month"), "–"),
        "report_month": (_("Reporting month"), "–"),
        "hop": (_("Hop"), "–"),
        "reason": (_("Reason"), "–"),
    }


def group_label(by: str, line: Mapping[str, Any], channels: Mapping[str, str]) -> str:
    """The name of a group in a table."""
    key = line["key"]
    if not key:
        return heads()[by][1]
    if by == "reason":
        return _(REASONS[key].label) if key in REASONS else str(key)
    if by == "channel":
        return channels.get(key, str(key))
    if by == "day":
        return f"{key[8:]}/{key[5:7]}/{key[:4]}"
    if by in ("month", "report_month"):
        return f"{key[5:]}/{key[:4]}"
    return str(line["name"] or key)


def value(name: str, one: Mapping[str, Any], small: int) -> str:
    return saying.value(MEASURES[name].unit, one["value"], one["of"], small)


def base(name: str, by: str, key: str) -> str:
    """The query for the cases behind a figure; empty where they are not the report's cases."""
    if name not in BASE or (by and by not in NARROW):
        return ""
    group = f"by={by}&key={key or NONE}&" if by else ""
    return f"{group}of={name}"


def way(m_way: str, name: str, by: str, key: str, span: Span, at: str) -> str:
    """The address of a figure's cases: the report's own, or else the measure's page as of that evening."""
    if not m_way:
        return ""
    if query := base(name, by, key):
        return f"{m_way}?{query}"
    if span.kind is Kind.REPORT_MONTH:
        return ""  # the board's days begin at midnight
    query_period = f"from={span.first}&to={span.last}&as_of={at[:10]}"
    return f"{m_way.partition('/board/')[0]}/board/measures/{name}?{f'by={by}&' if by else ''}{query_period}"


def compare(measures: Sequence[str], figures: Figures, span: Span, small: int, m_way: str) -> Block:
    """Measures of the whole: this period, of how many cases, the period before, a year ago."""
    rows = []
    for name in measures:
        line = telling.figure(figures, name)
        if line is None:
            rows.append((Cell(text=_(MEASURES[name].title)), *(Cell(text="…") for _n in range(4))))
            continue
        now = line["now"]
        rows.append(
            (
                Cell(text=_(MEASURES[name].title)),
                Cell(text=value(name, now, small), value=now["value"]),
                _of(now, way(m_way, name, "", "", span, figures["at"])),
                *_then(name, line, small),
            )
        )
    columns = (
        (_("Measure"), 0.36, "left"),
        (_("This period"), 0.18, "right"),
        (_("Of how many"), 0.12, "right"),
        (_("Period before"), 0.17, "right"),
        (_("A year ago"), 0.17, "right"),
    )
    return Block(
        kind="table",
        text=_("Compared with the period before and a year ago"),
        columns=columns,
        rows=tuple(rows),
        name="compare",
    )


def _then(name: str, line: Mapping[str, Any], small: int) -> Iterator[Cell]:
    for when in ("before", "year_before"):
        yield Cell(text=value(name, line[when], small), value=line[when]["value"])


def _of(now: Mapping[str, Any], url: str) -> Cell:
    if now["of"] is None:
        return Cell(text="–")
    return Cell(text=saying.number(now["of"]), value=now["of"], url=url if now["of"] else "")


def table(
    name: str, by: str, figures: Figures, span: Span, small: int, m_way: str, channels: Mapping[str, str]
) -> Block:
    """A measure by group, beside earlier periods; no rows where there is nothing."""
    lines = figures.get("measured", {}).get(name, {}).get(by, [])
    rows = [
        (
            Cell(text=group_label(by, line, channels)),
            Cell(text=value(name, line["now"], small), value=line["now"]["value"]),
            _of(line["now"], way(m_way, name, by, line["key"], span, figures["at"])),
            *_then(name, line, small),
        )
        for line in lines[:MOST]
    ]
    if rest := lines[MOST:]:
        words = _("%(count)s others") % {"count": saying.number(len(rest))}
        sums = (
            sum(line[when]["value"] or 0 for line in rest) if name in TALLIED else None
            for when in ("now", "before", "year_before")
        )
        now, *then = (Cell(text="–" if one is None else saying.number(one), value=one) for one in sums)
        rows.append((Cell(text=words), now, Cell(text="–"), *then))
    columns = (
        (heads()[by][0], 0.36, "left"),
        (_(MEASURES[name].title), 0.18, "right"),
        (_("Of how many"), 0.12, "right"),
        (_("Period before"), 0.17, "right"),
        (_("A year ago"), 0.17, "right"),
    )
    title = _("%(measure)s by group: %(group)s") % {"measure": _(MEASURES[name].title), "group": heads()[by][0].lower()}
    return Block(kind="table", text=title, columns=columns, rows=tuple(rows), name=f"{name} {by}")


def definitions(measures: Sequence[str]) -> list[Block]:
    """The definitions of measures; nothing where the text names none."""
    rows = tuple(
        (Cell(text=_(m.title)), Cell(text=_(m.definition)), Cell(text=_(m.formula)))
        for m in (MEASURES[name] for name in measures)
    )
    if not rows:
        return []
    columns = ((_("Measure"), 0.22, "left"), (_("What it means"), 0.48, "left"), (_("How it is counted"), 0.3, "left"))
    return [Block(kind="table", text=_("What the measures mean"), columns=columns, rows=rows, name="definitions")]


def blocks(
    text: str,
    body: str,
    figures: Figures,
    span: Span,
    spans: Mapping[str, Span],
    small: int,
    m_way: str,
    channels: Mapping[str, str],
) -> Iterator[Block]:
    """The blocks of the paper for a block of the text; nothing for one that is not of measures."""
    first, *rest = text.split()
    if first == "say":
        if words := telling.say(rest, figures, span, spans, small):
            yield Block(kind="text", text=words)
    elif first == "compare":
        yield compare(rest, figures, span, small, m_way)
    elif first == "table":
        drawn = table(rest[0], rest[1], figures, span, small, m_way, channels)
        if drawn.rows:
            yield drawn
    elif first == "definitions":
        yield from definitions(list(named.measures(body)))
