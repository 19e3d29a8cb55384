"""A procedure in plain words, for every page that shows one."""

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from caunoi.procedures.record import Record


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One line of the summary: a question people have, and its answer."""

    icon: str
    label: str
    text: str


def facts(record: Record) -> list[Fact]:
    """Who, where, how long, how much, what one gets; only what the record says."""
    rows = [
        ("users", _("Who may apply"), ", ".join(record.audience)),
        ("building-2", _("Who handles it"), record.agency or record.authority),
        ("timer", _("How long it takes"), how_long(record)),
        ("tag", _("What it costs"), how_much(record)),
        ("badge-check", _("What you get"), "; ".join(record.results)),
        ("file-text", _("What to bring"), how_many(record)),
    ]
    return [Fact(icon=icon, label=label, text=text) for icon, label, text in rows if text]


def how_long(record: Record) -> str:
    """The working days of all ways in one phrase; what has no such number in the portal's own words."""
    days = sorted({way.days for way in record.ways if way.days is not None})
    if len(days) == 1 and all(way.days is not None for way in record.ways):
        return ngettext("%(days)s working day", "%(days)s working days", days[0]) % {"days": days[0]}
    if len(days) > 1:
        return _("%(least)s to %(most)s working days, by the way you hand it in") % {"least": days[0], "most": days[-1]}
    return "; ".join(dict.fromkeys(way.time_said for way in record.ways if way.time_said))


def how_much(record: Record) -> str:
    fees = list(dict.fromkeys(way.fee_text for way in record.ways if way.fee_text))
    if len(fees) > 1 or any(len(fee) > 160 for fee in fees):
        return _("It depends: see “Fee and time” below")
    return fees[0] if fees else ""


def how_many(record: Record) -> str:
    cases = [case for case in record.cases if case.needed]
    if len(cases) > 1:
        return _("It depends on your case: see the lists below")
    count = sum(len(case.needed) for case in cases)
    return ngettext("%(count)s document", "%(count)s documents", count) % {"count": count} if count else ""
