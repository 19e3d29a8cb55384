"""A reading of the figures in sentences that an office can sign. Pure.

Claims are weighed: a share of few is written as a count; shares are called higher or lower only where the difference is
larger than chance (95 %), else it is called too small; nothing is compared with a period without figures, nor a running
period with a whole one."""

from collections.abc import Mapping
from datetime import datetime
from math import sqrt
from typing import Any

from django.utils.translation import gettext as _

from caunoi.reports.saying import clock, length, number, percent, short, span
from caunoi.reports.spans import Span

type Reading = Mapping[str, Any]

Z = 1.96
TOP = 3


def differs(part: int, whole: int, other_part: int, other_whole: int) -> bool:
    """Whether two shares differ by more than chance (two proportions, 95 %); False where either has no base."""
    if not whole or not other_whole:
        return False
    pooled = (part + other_part) / (whole + other_whole)
    spread = sqrt(pooled * (1 - pooled) * (1 / whole + 1 / other_whole))
    return spread > 0 and abs(part / whole - other_part / other_whole) > Z * spread


def fallen(row: Mapping[str, int]) -> int:
    """Done, or open past the deadline: the base of "on time"."""
    return row["on_time"] + row["late"] + row["open_overdue"]


def missed(row: Mapping[str, int]) -> int:
    return row["late"] + row["open_overdue"]


def share(part: int, whole: int, small: int) -> str:
    """A part of a whole in per cent, or as a count where the whole is small; "–" of nothing."""
    if not whole:
        return "–"
    return percent(part, whole) if whole >= small else f"{number(part)}/{number(whole)}"


def moved(now: int, then: int, words: str, small: int) -> str:
    """How a count moved: "tăng 89 phiếu (12,3%) so với kỳ trước"; without per cent where the count before is small."""
    if not then:
        return ""
    if now == then:
        return _("as many as in %(words)s") % {"words": words}
    more = abs(now - then)
    params = {"count": number(more), "share": percent(more, then), "words": words, "then": number(then)}
    if then < small:
        up = _("%(count)s more than in %(words)s (%(then)s)")
        down = _("%(count)s fewer than in %(words)s (%(then)s)")
    else:
        up = _("%(count)s more (%(share)s) than in %(words)s")
        down = _("%(count)s fewer (%(share)s) than in %(words)s")
    return (up if now > then else down) % params


def received(r: Reading, one: Span, hotline: str, spans: Mapping[str, Span], small: int) -> str:
    whole, at = r["whole"]["total"], datetime.fromisoformat(r["at"])
    running = at < one.until
    params = {"hotline": hotline, "span": span(one), "total": number(whole), "at": clock(at)}
    if not whole:
        return _("In %(span)s %(hotline)s received nothing within its scope.") % params
    if running:
        return (
            _("In %(span)s, counted until %(at)s, %(hotline)s received %(total)s reports, petitions and questions.")
            % params
        )
    clauses = [
        clause
        for name in ("before", "year_before")
        if name in spans and (name == "before" or spans[name].code != spans["before"].code)
        if (clause := moved(whole, r[name]["whole"]["total"], short(spans[name]), small))
    ]
    sentence = _("In %(span)s %(hotline)s received %(total)s reports, petitions and questions") % params
    return ", ".join([sentence, "; ".join(clauses)] if clauses else [sentence]) + "."


def handled(r: Reading, small: int) -> str:
    w = r["whole"]
    params = {name: number(w[name]) for name in ("on_time", "late", "open_within", "open_overdue")}
    done, running = w["on_time"] + w["late"], w["open_within"] + w["open_overdue"]
    params |= {"done": number(done), "open": number(running), "share": share(done, w["total"], small)}
    parts = [
        _("%(done)s are done (%(share)s): %(on_time)s on time, %(late)s late") % params
        if done
        else _("none is done yet"),
        _("%(open)s are being worked on: %(open_within)s within their time, %(open_overdue)s past it") % params
        if running
        else _("none is left open"),
    ]
    return _("Of these, %(parts)s.") % {"parts": "; ".join(parts)}


def on_time(r: Reading, one: Span, spans: Mapping[str, Span], small: int) -> str:
    w, then = r["whole"], r["before"]["whole"]
    up, was = fallen(w), fallen(then)
    if not up:
        return ""
    params = {"up": number(up), "good": number(w["on_time"]), "share": share(w["on_time"], up, small)}
    sentence = (
        _("Of %(up)s whose time is up, %(good)s were done on time (%(share)s)") % params
        if up >= small
        else _("Of %(up)s whose time is up, %(good)s were done on time") % params
    )
    whole = datetime.fromisoformat(r["at"]) >= one.until
    if whole and up >= small and was >= small:
        params = {"then": percent(then["on_time"], was), "words": short(spans["before"])}
        points = abs(w["on_time"] / up - then["on_time"] / was) * 100
        if not differs(w["on_time"], up, then["on_time"], was):
            sentence += ", " + _("%(words)s: %(then)s; the difference is too small to conclude anything") % params
        elif w["on_time"] / up > then["on_time"] / was:
            sentence += ", " + _("%(points)s points higher than in %(words)s") % (
                params | {"points": number(points, 1)}
            )
        else:
            sentence += ", " + _("%(points)s points lower than in %(words)s") % (params | {"points": number(points, 1)})
    return sentence + "."


def half(r: Reading) -> str:
    if r["half"] is None:
        return ""
    return _("Half of the answers came within %(time)s of the report.") % {"time": length(r["half"])}


def fields(r: Reading, small: int) -> str:
    """What people report about most."""
    whole = r["whole"]["total"]
    rows = sorted((g for g in r["groups"]["category"] if g["code"]), key=lambda g: -g["total"])[:TOP]
    if not rows or whole < small:
        return ""
    items = [
        _("%(name)s (%(count)s, %(share)s)")
        % {"name": g["name"], "count": number(g["total"]), "share": percent(g["total"], whole)}
        for g in rows
    ]
    return _("People reported most about: %(list)s.") % {"list": "; ".join(items)}


def agencies(r: Reading) -> str:
    """The agencies with most late tickets: counts, no ranking by shares of few."""
    rows = sorted((g for g in r["groups"]["agency"] if g["code"] and missed(g)), key=lambda g: -missed(g))[:TOP]
    if not rows:
        return _("No agency has anything late.") if any(g["code"] for g in r["groups"]["agency"]) else ""
    items = [
        (
            _("%(name)s (%(missed)s late, of which %(open)s not done yet)")
            if g["open_overdue"]
            else _("%(name)s (%(missed)s late)")
        )
        % {"name": g["name"], "missed": number(missed(g)), "open": number(g["open_overdue"])}
        for g in rows
    ]
    return _("Most that is late lies with: %(list)s.") % {"list": "; ".join(items)}


def content(r: Reading, small: int) -> str:
    rated = r["content"]
    if rated is None:
        return ""
    grades = rated["grades"]
    words = _(
        "%(given)s ratings were given: %(good)s satisfied, %(fair)s find the answer acceptable, %(bad)s dissatisfied."
    ) % {
        "given": number(rated["given"]),
        "good": number(grades["satisfied"]),
        "fair": number(grades["acceptable"]),
        "bad": number(grades["dissatisfied"]),
    }
    if rated.get("asked"):
        words += " " + _("Of %(asked)s citizens who were asked in this time, %(replied)s rated (%(share)s).") % {
            "asked": number(rated["asked"]),
            "replied": number(rated["replied"]),
            "share": share(rated["replied"], rated["asked"], small),
        }
        words += " " + _("A rating counts on the day it is given, whenever its citizen was asked.")
    if not rated.get("whole", False):
        words += " " + _("Ratings are counted in whole groups, so that nobody's is betrayed; the last are not in it.")
    return words


def explained(r: Reading) -> str:
    counts = r["asked"]
    if not counts["asked"]:
        return ""
    words = _(
        "Explanations were asked for %(asked)s late tickets: %(on_time)s on time, %(late)s late, %(open)s are not "
        "due yet, %(overdue)s overdue."
    )
    return words % {name: number(count) for name, count in counts.items()}


def summary(r: Reading, one: Span, spans: Mapping[str, Span], *, hotline: str, small: int) -> list[str]:
    """The whole, in paragraphs; `spans` are those compared with: before, year_before."""
    if not r["whole"]["total"]:
        return [received(r, one, hotline, spans, small)]
    paragraphs = (
        (received(r, one, hotline, spans, small), handled(r, small)),
        (on_time(r, one, spans, small), half(r)),
        (fields(r, small), agencies(r)),
        (content(r, small), explained(r)),
    )
    return [" ".join(filter(None, paragraph)) for paragraph in paragraphs if any(paragraph)]
