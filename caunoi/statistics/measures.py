"""Every measure, defined once: its name, meaning, formula, unit and owner.

Names, words and owners are English sources; pages translate them.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from django.utils.timezone import now
from django.utils.translation import gettext_noop

from caunoi.statistics import counting
from caunoi.statistics.counting import Rows
from caunoi.statistics.counts import Row
from caunoi.statistics.figures import grouped
from caunoi.statistics.half_hours import OFFERED, REPEATED, TRANSFERRED
from caunoi.statistics.scope import FOUR, TIMES, Scope

USUAL = ("", "agency", "branch", "area", "category", "channel", *TIMES)
FLOOR = ("queue", "operator", "hour", "half_hour")
"""The groupings of a shift leader, which no report and no alert has."""
CALLS = ("", *TIMES, *FLOOR)
RATING_GROUPS = ("", "agency", "branch", *TIMES)
CENTRE, IOC = gettext_noop("The call centre"), gettext_noop("The operations centre (IOC)")
TICKETS, SHARE, HOURS, CONTACTS, COUNT = "tickets", "share", "hours", "contacts", "calls"
SECONDS = "seconds"
OFFERED_CALLS = f"count(*) FILTER (WHERE {OFFERED})"
ANSWERED = "c.outcome = 'answered'"
ANSWERED_CALLS = f"count(*) FILTER (WHERE {ANSWERED})"


@dataclass(frozen=True, kw_only=True)
class Measure:
    """`read(scope, by)` counts: rows with `key` and the four, or `value` and `of`. `groups`: the groupings it allows;
    `more`: whether more is better (None: neither)."""

    name: str
    title: str
    definition: str
    formula: str
    unit: str
    owner: str
    read: Callable[[Scope, str], Rows]
    groups: tuple[str, ...] = USUAL
    more: bool | None = None

    def rows(self, scope: Scope, by: str) -> Rows:
        """The rows for the API: the group under its own name."""
        return [
            {**({by: row["key"]} if by else {}), **{k: v for k, v in row.items() if k != "key"}}
            for row in self.read(scope, by)
        ]


def four_numbers(
    since: datetime, until: datetime, by: str = "", *, area_id: int | None = None, at: datetime | None = None
) -> Rows:
    """Tickets received in [since, until): handled on time, handled late, open within and past the deadline of the
    `handle` clock; the four always sum to the total. Refused and merged tickets are outside. A ticket that was reopened
    is open against its first due until it is handled again, and late from then on."""
    return _four(Scope(since=since, until=until, at=at or now(), only_area=area_id), by)


def _four(scope: Scope, by: str) -> Rows:
    return _numbers(grouped(scope, [by])[by])


def _numbers(rows: Sequence[Row]) -> Rows:
    return [{"key": r.key, **{part: getattr(r, part) for part in FOUR}, "total": r.total} for r in rows]


def _on_time(scope: Scope, by: str) -> Rows:
    return _shares(grouped(scope, [by])[by])


def _shares(rows: Sequence[Row]) -> Rows:
    return [{"key": r.key, "value": round(r.on_time / r.fallen, 4) if r.fallen else None, "of": r.fallen} for r in rows]


MEASURES: Mapping[str, Measure] = {
    m.name: m
    for m in (
        Measure(
            name="tickets",
            title=gettext_noop("Tickets"),
            unit=TICKETS,
            owner=CENTRE,
            read=_four,
            definition=gettext_noop(
                "Tickets received in the period: handled on time, handled late, open within the deadline, open past "
                "it; refused and merged tickets are not counted."
            ),
            formula=gettext_noop("on time + late + open within time + open overdue = total"),
        ),
        Measure(
            name="on_time",
            title=gettext_noop("Share on time"),
            unit=SHARE,
            owner=IOC,
            read=_on_time,
            more=True,
            definition=gettext_noop(
                "Of the tickets whose time is up, how many were handled in time. Open ones past their deadline count "
                "as late, and so does an answer that the citizen did not accept: it was reopened."
            ),
            formula=gettext_noop("on time ÷ (on time + late + open overdue)"),
        ),
        Measure(
            name="first_answer",
            title=gettext_noop("First answer"),
            unit=HOURS,
            owner=CENTRE,
            more=False,
            read=counting.length("answered", part=0.5),
            definition=gettext_noop(
                "How long half of the answered tickets waited for their first answer, by the clock."
            ),
            formula=gettext_noop("median of (first answer − received)"),
        ),
        Measure(
            name="first_answer_p90",
            title=gettext_noop("First answer, nine in ten"),
            unit=HOURS,
            owner=CENTRE,
            more=False,
            read=counting.length("answered", part=0.9),
            definition=gettext_noop(
                "Within how long nine in ten answered tickets had their first answer, by the clock."
            ),
            formula=gettext_noop("90th percentile of (first answer − received)"),
        ),
        Measure(
            name="handling",
            title=gettext_noop("Handling"),
            unit=HOURS,
            owner=IOC,
            more=False,
            read=counting.length("handled", part=0.5),
            definition=gettext_noop(
                "How long half of the handled tickets took, from coming in to the answer that stands."
            ),
            formula=gettext_noop("median of (answer that stands − received)"),
        ),
        Measure(
            name="handling_p90",
            title=gettext_noop("Handling, nine in ten"),
            unit=HOURS,
            owner=IOC,
            more=False,
            read=counting.length("handled", part=0.9),
            definition=gettext_noop(
                "Within how long nine in ten handled tickets were done, from coming in to the answer."
            ),
            formula=gettext_noop("90th percentile of (answer that stands − received)"),
        ),
        Measure(
            name="custody",
            title=gettext_noop("Time with an agency"),
            unit=HOURS,
            owner=IOC,
            more=False,
            read=counting.custody(part=0.5),
            groups=(*USUAL, "hop"),
            definition=gettext_noop(
                "How long half of the hand-overs lasted, until the agency passed the ticket on, gave it back or "
                "answered. Only hand-overs that are over; by agency, the one that held the ticket."
            ),
            formula=gettext_noop("median of (end of the hand-over − its beginning)"),
        ),
        Measure(
            name="custody_p90",
            title=gettext_noop("Time with an agency, nine in ten"),
            unit=HOURS,
            owner=IOC,
            more=False,
            read=counting.custody(part=0.9),
            groups=(*USUAL, "hop"),
            definition=gettext_noop("Within how long nine in ten hand-overs were over."),
            formula=gettext_noop("90th percentile of (end of the hand-over − its beginning)"),
        ),
        Measure(
            name="returns",
            title=gettext_noop("Returned by agencies"),
            unit=TICKETS,
            owner=CENTRE,
            more=False,
            read=counting.of_tickets("sum(s.returns)", summed=counting.times("returns")),
            definition=gettext_noop("How often agencies gave tickets back as not theirs."),
            formula=gettext_noop("number of returns of the tickets received in the period"),
        ),
        Measure(
            name="extensions",
            title=gettext_noop("More time granted"),
            unit=TICKETS,
            owner=IOC,
            more=False,
            read=counting.of_tickets("sum(s.extensions)", summed=counting.times("extensions")),
            definition=gettext_noop("How often an agency was granted more time."),
            formula=gettext_noop("number of extensions of the tickets received in the period"),
        ),
        Measure(
            name="reopened",
            title=gettext_noop("Reopened"),
            unit=SHARE,
            owner=IOC,
            more=False,
            read=counting.share(
                "s.reopened > 0", of="s.answered IS NOT NULL", summed=counting.part_of("reopened", "answered")
            ),
            definition=gettext_noop(
                "Of the tickets that were answered, how many were reopened because the answer was not good enough."
            ),
            formula=gettext_noop("reopened at least once ÷ answered at least once"),
        ),
        Measure(
            name="contacts",
            title=gettext_noop("Contacts per ticket"),
            unit=CONTACTS,
            owner=CENTRE,
            more=False,
            read=counting.of_tickets("avg(s.contacts)", summed=counting.times("contacts", each=1)),
            definition=gettext_noop(
                "How often a citizen had to speak to us about one matter: the first time, later messages and calls."
            ),
            formula=gettext_noop("(first contacts + later messages + further calls) ÷ tickets"),
        ),
        Measure(
            name="refusals",
            title=gettext_noop("Refused"),
            unit=TICKETS,
            owner=CENTRE,
            groups=(*USUAL, "reason"),
            read=counting.refusals,
            definition=gettext_noop("Tickets that were refused, with the reason given to the citizen."),
            formula=gettext_noop("number of refused tickets; by reason, of each reason"),
        ),
        Measure(
            name="channels",
            title=gettext_noop("Share of a channel"),
            unit=SHARE,
            owner=CENTRE,
            read=counting.mix,
            groups=("channel", "category", "area", "agency", "branch"),
            definition=gettext_noop(
                "By which way tickets come: the share of each channel (or of another group) in all."
            ),
            formula=gettext_noop("tickets of the channel ÷ all tickets"),
        ),
        Measure(
            name="questions",
            title=gettext_noop("Questions about procedures"),
            unit=SHARE,
            owner=CENTRE,
            read=counting.share("s.kind = 'question'", summed=counting.part_of("questions")),
            definition=gettext_noop(
                "The share of tickets that ask how something is done, most of them about administrative procedures."
            ),
            formula=gettext_noop("tickets of the kind question ÷ all tickets"),
        ),
        Measure(
            name="satisfaction",
            title=gettext_noop("Satisfied citizens"),
            unit=SHARE,
            owner=IOC,
            more=True,
            groups=RATING_GROUPS,
            read=partial(counting.ratings, what="content"),
            definition=gettext_noop(
                "Of those who rated an answer in the period, how many are satisfied or find it acceptable. The "
                "province's own figure counts every rating; an agency's counts whole groups, so that no grade betrays "
                "its rater."
            ),
            formula=gettext_noop("(satisfied + acceptable) ÷ all ratings"),
        ),
        Measure(
            name="response",
            title=gettext_noop("Share who rate"),
            unit=SHARE,
            owner=IOC,
            more=True,
            groups=RATING_GROUPS,
            read=partial(counting.ratings, what="response"),
            definition=gettext_noop(
                "Of the citizens who were asked in the period what they think of their answer, how many have said so: "
                "how far the ratings can be trusted."
            ),
            formula=gettext_noop("citizens who rated ÷ citizens who were asked"),
        ),
        Measure(
            name="calls",
            title=gettext_noop("Calls offered"),
            unit=COUNT,
            owner=CENTRE,
            groups=CALLS,
            read=counting.calls(OFFERED_CALLS),
            definition=gettext_noop("Incoming calls in hours of service, however they ended."),
            formula=gettext_noop("number of incoming calls without those outside the hours"),
        ),
        Measure(
            name="calls_answered",
            title=gettext_noop("Calls answered"),
            unit=COUNT,
            owner=CENTRE,
            groups=CALLS,
            more=True,
            read=counting.calls(ANSWERED_CALLS),
            definition=gettext_noop("Incoming calls that an operator took."),
            formula=gettext_noop("number of incoming calls with an operator"),
        ),
        Measure(
            name="service_level",
            title=gettext_noop("Calls answered fast"),
            unit=SHARE,
            owner=CENTRE,
            groups=CALLS,
            more=True,
            read=counting.calls(
                f"avg((c.outcome = 'answered' AND c.waited <= %(fast)s)::int) FILTER (WHERE {OFFERED})",
                of=OFFERED_CALLS,
            ),
            definition=gettext_noop(
                "Of the calls offered, how many an operator took within the seconds that the province promises."
            ),
            formula=gettext_noop("answered within the promised seconds ÷ offered"),
        ),
        Measure(
            name="calls_abandoned",
            title=gettext_noop("Abandoned calls"),
            unit=SHARE,
            owner=CENTRE,
            groups=CALLS,
            more=False,
            read=counting.calls(f"avg((c.outcome = 'abandoned')::int) FILTER (WHERE {OFFERED})", of=OFFERED_CALLS),
            definition=gettext_noop("Of the calls offered, in how many the citizen hung up before somebody answered."),
            formula=gettext_noop("hung up while waiting ÷ offered"),
        ),
        Measure(
            name="calls_wait",
            title=gettext_noop("Average wait of a call"),
            unit=SECONDS,
            owner=CENTRE,
            groups=CALLS,
            more=False,
            read=counting.calls(f"avg(c.waited) FILTER (WHERE {ANSWERED})", of=ANSWERED_CALLS),
            definition=gettext_noop("How long the answered calls waited on average before an operator took them."),
            formula=gettext_noop("seconds that answered calls waited ÷ calls answered"),
        ),
        Measure(
            name="calls_talk",
            title=gettext_noop("Average length of a call"),
            unit=SECONDS,
            owner=CENTRE,
            groups=CALLS,
            read=counting.calls(f"avg(c.talked) FILTER (WHERE {ANSWERED})", of=ANSWERED_CALLS),
            definition=gettext_noop("How long the answered calls were talked on average, with all who took part."),
            formula=gettext_noop("seconds that were talked ÷ calls answered"),
        ),
        Measure(
            name="calls_transferred",
            title=gettext_noop("Transferred calls"),
            unit=SHARE,
            owner=CENTRE,
            groups=CALLS,
            read=counting.calls(f"avg(({TRANSFERRED})::int) FILTER (WHERE {ANSWERED})", of=ANSWERED_CALLS),
            definition=gettext_noop("Of the calls answered, how many were passed on to another phone."),
            formula=gettext_noop("transferred ÷ calls answered"),
        ),
        Measure(
            name="calls_repeated",
            title=gettext_noop("Repeated calls"),
            unit=SHARE,
            owner=CENTRE,
            groups=CALLS,
            more=False,
            read=counting.calls(f"avg(({REPEATED})::int) FILTER (WHERE {OFFERED})", of=OFFERED_CALLS),
            definition=gettext_noop(
                "Of the calls offered, how many came from a number that had called in the seven days before."
            ),
            formula=gettext_noop("calls of a number that called in the 7 days before ÷ offered"),
        ),
    )
}


def wholes(scope: Scope, names: Sequence[str]) -> dict[str, Rows]:
    """Each of these measures for the whole scope (empty where it exists only by group), in few statements."""
    measures = [MEASURES[name] for name in names if "" in MEASURES[name].groups]
    four = grouped(scope, [""])[""]
    numbers = {m.name: m.read for m in measures if isinstance(m.read, counting.Number)}
    together = counting.wholes(numbers, scope, four[0].total)
    together |= {m.name: of(four) for m in measures if (of := {"tickets": _numbers, "on_time": _shares}.get(m.name))}
    alone = {m.name: m.read(scope, "") for m in measures if m.name not in together}
    return {name: [] for name in names} | together | alone


TALLIED = frozenset(name for name, m in MEASURES.items() if m.unit in (TICKETS, COUNT))
"""Those that are counts, and can be summed."""
