"""Measures in sentences that an office can sign, by the rules of prose.py. Pure."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from caunoi.reports import prose, saying
from caunoi.reports.spans import Span
from caunoi.statistics.measures import MEASURES, SHARE, TALLIED

type Figure = Mapping[str, Any]  # {value, of}

SENTENCES: Mapping[str, Callable[[], str]] = {
    "tickets": lambda: _("%(value)s reports, petitions and questions were received"),
    "on_time": lambda: _("Of the tickets whose time is up, %(value)s were done on time"),
    "first_answer": lambda: _("Half of the answered tickets had their first answer within %(value)s"),
    "first_answer_p90": lambda: _("Nine in ten answered tickets had their first answer within %(value)s"),
    "handling": lambda: _("Half of the handled tickets were done within %(value)s of coming in"),
    "handling_p90": lambda: _("Nine in ten handled tickets were done within %(value)s of coming in"),
    "custody": lambda: _("Half of the hand-overs to agencies lasted no longer than %(value)s"),
    "custody_p90": lambda: _("Nine in ten hand-overs to agencies lasted no longer than %(value)s"),
    "returns": lambda: _("Agencies gave tickets back as not theirs %(value)s times"),
    "extensions": lambda: _("More time was granted %(value)s times"),
    "reopened": lambda: _("Of the answered tickets, %(value)s were reopened because the answer was not good enough"),
    "contacts": lambda: _("On average a citizen had to speak to us %(value)s times about one matter"),
    "refusals": lambda: _("%(value)s tickets were refused, each with its reason"),
    "questions": lambda: _("%(value)s of the tickets ask how something is done"),
    "satisfaction": lambda: _("Of those who rated an answer, %(value)s are satisfied or find it acceptable"),
    "response": lambda: _("There is a rating for %(value)s of the answered tickets"),
    "calls": lambda: _("%(value)s calls came in the hours of service"),
    "calls_answered": lambda: _("Operators took %(value)s calls"),
    "service_level": lambda: _("%(value)s of the calls were taken within the promised time"),
    "calls_abandoned": lambda: _("In %(value)s of the calls the citizen hung up before somebody answered"),
    "calls_wait": lambda: _("Calls waited %(value)s on average until they were answered"),
    "calls_talk": lambda: _("Calls lasted %(value)s on average"),
    "calls_transferred": lambda: _("%(value)s of the answered calls were transferred"),
    "calls_repeated": lambda: _("%(value)s of the calls came from a number that had called in the seven days before"),
}


def sentence(name: str, r: Mapping[str, Any], one: Span, spans: Mapping[str, Span], small: int) -> str:
    """A measure of a span in a sentence, compared with those in `spans`; empty where it has no value, or was not
    read."""
    line = figure(r, name)
    if line is None or line["now"]["value"] is None:
        return ""
    now, unit = line["now"], MEASURES[name].unit
    statement = SENTENCES[name]() % {"value": saying.value(unit, now["value"], now["of"], small)}
    clauses: list[str] = []
    if datetime.fromisoformat(r["at"]) >= one.until:  # a running time is not compared with a whole one
        for when in ("before", "year_before"):
            if when in spans and (when == "before" or spans[when].code != spans["before"].code):
                clauses.append(compared(name, now, line[when], saying.short(spans[when]), small))
    comparison = "; ".join(clause for clause in clauses if clause)
    return f"{statement}, {comparison}." if comparison else f"{statement}."


def compared(name: str, now: Figure, then: Figure, words: str, small: int) -> str:
    """How a measure moved: counts by the difference, shares by points where that is more than chance, anything else
    with its former value."""
    unit = MEASURES[name].unit
    if then["value"] is None or now["value"] is None:
        return ""
    if name in TALLIED:
        return prose.moved(int(now["value"]), int(then["value"]), words, small)
    if min(now["of"] or 0, then["of"] or 0) < small:
        return ""
    params = {"words": words, "then": saying.value(unit, then["value"], then["of"], small)}
    if unit != SHARE:
        return _("%(words)s: %(then)s") % params
    parts = [(round(one["value"] * one["of"]), one["of"]) for one in (now, then)]
    if not prose.differs(*parts[0], *parts[1]):
        return _("%(words)s: %(then)s; the difference is too small to conclude anything") % params
    points = {"points": saying.number(abs(now["value"] - then["value"]) * 100, 1)}
    if now["value"] > then["value"]:
        return _("%(points)s points higher than in %(words)s") % (params | points)
    return _("%(points)s points lower than in %(words)s") % (params | points)


def figure(r: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    """A measure of the whole as it was read: {now, before, year_before}; None where it was not."""
    rows: Sequence[Mapping[str, Any]] = r.get("measured", {}).get(name, {}).get("", [])
    return rows[0] if rows else None


def say(measures: Sequence[str], r: Mapping[str, Any], one: Span, spans: Mapping[str, Span], small: int) -> str:
    """Sentences about some measures, as one paragraph."""
    return " ".join(filter(None, (sentence(name, r, one, spans, small) for name in measures)))
