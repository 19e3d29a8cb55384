"""What the figures say, in a sentence above each chart. A share of few tickets is given as a count, never in per
cent."""

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.directory.queries import option
from caunoi.reports.prose import differs
from caunoi.statistics import periods
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import Content
from caunoi.web.board.query import name_of
from caunoi.web.templatetags.caunoi_ui import percent, vndate, vnnumber


def share(part: int, whole: int) -> str:
    """A part of a whole: "93%", or "7 of 8" where the whole is small."""
    if not whole:
        return "–"
    if whole < option("small_number"):
        return _("%(part)s of %(whole)s") % {"part": vnnumber(part), "whole": vnnumber(whole)}
    return percent(part, whole)


def tickets(count: int) -> str:
    return ngettext("%(count)s ticket", "%(count)s tickets", count) % {"count": vnnumber(count)}


def answering(whole: Row) -> str:
    if not whole.total:
        return _("Nothing was received in this period.")
    return _("%(handled)s of the %(tickets)s received in this period have their answer.") % {
        "handled": vnnumber(whole.handled),
        "tickets": tickets(whole.total),
    }


def on_time(whole: Row) -> str:
    if not whole.fallen:
        return _("No deadline has fallen yet.")
    return _(
        "%(good)s of the %(tickets)s whose time is up were answered in time; %(late)s late, %(overdue)s still open "
        "and overdue."
    ) % {
        "good": vnnumber(whole.on_time),
        "tickets": tickets(whole.fallen),
        "late": vnnumber(whole.late),
        "overdue": vnnumber(whole.open_overdue),
    }


def change(now: tuple[int, int], before: tuple[int, int]) -> tuple[str, bool | None]:
    """How a share moved against the period before: words, and whether that is good (None: no better and no worse that
    chance would not explain); nothing where either is small."""
    small = option("small_number")
    if now[1] < small or before[1] < small:
        return "", None
    earlier = percent(*before)
    if not differs(*now, *before):
        return _("%(share)s in the period before; the difference is too small to conclude anything") % {
            "share": earlier
        }, None
    points = abs(round(now[0] / now[1] * 100) - round(before[0] / before[1] * 100))
    better = now[0] / now[1] > before[0] / before[1]
    words = (
        ngettext(
            "%(points)s percentage point more than the period before",
            "%(points)s percentage points more than the period before",
            points,
        )
        if better
        else ngettext(
            "%(points)s percentage point less than the period before",
            "%(points)s percentage points less than the period before",
            points,
        )
    )
    return words % {"points": points}, better


def by_agencies(rows: Sequence[Row]) -> str:
    """The share on time of what agencies handled, beside that of everything: questions that the centre answers itself
    within minutes would hide how agencies do."""
    theirs = [row for row in rows if row.key]
    good, up = sum(row.on_time for row in theirs), sum(row.fallen for row in theirs)
    if not up or len(theirs) == len(rows):
        return ""
    return _("Agencies alone: %(share)s of %(tickets)s; the rest the centre answered itself.") % {
        "share": share(good, up),
        "tickets": tickets(up),
    }


def received(before: int) -> str:
    if before < option("small_number"):
        return ""
    return _("%(before)s in the same time of the period before") % {"before": vnnumber(before)}


def four(whole: Row) -> str:
    if not whole.total:
        return _("Nothing was received in this period.")
    return _(
        "Of %(tickets)s, %(on_time)s were done on time, %(late)s late; %(within)s are open within their time, "
        "%(overdue)s past it."
    ) % {
        "tickets": tickets(whole.total),
        "on_time": vnnumber(whole.on_time),
        "late": vnnumber(whole.late),
        "within": vnnumber(whole.open_within),
        "overdue": vnnumber(whole.open_overdue),
    }


def trend(rows: Sequence[Row], by: str) -> str:
    full = [row for row in rows if row.total]
    if not full:
        return _("Nothing was received in this period.")
    most = max(full, key=lambda row: row.total)
    parts = {
        "when": moment(most.key),
        "tickets": tickets(most.total),
        "mean": vnnumber(sum(r.total for r in rows) / len(rows), 1),
    }
    if by == "month":
        return _("The busiest month was %(when)s with %(tickets)s; on average %(mean)s a month.") % parts
    return _("The busiest day was %(when)s with %(tickets)s; on average %(mean)s a day.") % parts


def moment(key: str) -> str:
    """A day or month of the trend, as people say it."""
    if len(key) == 7:
        return f"{int(key[5:])}/{key[:4]}"
    return vndate(periods.part(key)[0].date())


def hurt(rows: Sequence[Row], by: str) -> str:
    """Where most is late: the sentence above a breakdown."""
    worst = max(rows, key=lambda row: (row.missed, row.total), default=None)
    if worst is None:
        return _("Nothing was received in this period.")
    if not worst.missed:
        return _("Nothing is late here.")
    every = sum(row.missed for row in rows)
    return _("%(name)s has the most late tickets: %(missed)s of its %(tickets)s; %(share)s of all late tickets.") % {
        "name": name_of(by, worst.key),
        "missed": vnnumber(worst.missed),
        "tickets": tickets(worst.total),
        "share": share(worst.missed, every),
    }


def most(rows: Sequence[Row], by: str) -> str:
    """Which group brings most: the sentence above the channels."""
    first = max(rows, key=lambda row: row.total, default=None)
    if first is None:
        return _("Nothing was received in this period.")
    every = sum(row.total for row in rows)
    return _("Most came through %(name)s: %(share)s of %(tickets)s.") % {
        "name": name_of(by, first.key),
        "share": share(first.total, every),
        "tickets": tickets(every),
    }


def whole_only() -> str:
    return _("Ratings are shown for whole periods and agencies only, so that no filter betrays who rated.")


def content(rated: Content | None) -> str:
    if rated is None:
        return _("Fewer than %(least)s ratings: too few to show without betraying who rated.") % {
            "least": option("show_groups_of")
        }
    good = share(rated.grades["satisfied"] + rated.grades["acceptable"], rated.responses)
    words = _("%(good)s of the %(given)s who rated are satisfied.") % {"good": good, "given": vnnumber(rated.responses)}
    if rated.invited:
        words += " " + _("Of %(asked)s who were asked in this time, %(replied)s rated (%(share)s).") % {
            "asked": vnnumber(rated.invited),
            "replied": vnnumber(rated.replied),
            "share": share(rated.replied, rated.invited),
        }
        words += " " + _("A rating counts on the day it is given, whenever its citizen was asked.")
    if not rated.whole:
        words += " " + _("Ratings are counted in whole groups, so that nobody's is betrayed; the last are not in it.")
    return words
