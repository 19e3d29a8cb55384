"""A ticket's facts at any moment, as spans without a change, and who held it: derived from its events. Pure.

Facts are known from when their event was recorded, not from when it happened: a late event changes figures from then
on, and never a figure that was given about a past day. What becomes known within an hour counts from the hour's end on,
so that a morning of many moves is one span."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from caunoi.channels.adapters.phone import Phone
from caunoi.sla.clocks import missed
from caunoi.tickets.lifecycle import CENTRE, HANDLED, MOVES, OUTSIDE, State

OPEN, DONE, OUT = 0, 1, 2  # phases
HOUR = timedelta(hours=1)
CODE_KEYS = ("category", "area", "agency", "kind")


class TicketEvent(NamedTuple):
    """The counted part of a ticket's event (ticket.*)."""

    recorded: datetime
    at: datetime
    kind: str
    data: Mapping[str, Any]


class Moved(NamedTuple):
    """The handling deadline was known to be `due` (None: paused) from `recorded` on."""

    recorded: datetime
    due: datetime | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Facts:
    """The facts of a ticket during a span; codes, "" for none. `agency`: the holder of an open ticket, "" for the
    centre; of a handled one, who handled it. `late`, of a handled one: after its deadline, or again after it had been
    answered. `answered` is the first answer, `handled` the present one."""

    phase: int = OPEN
    channel: str = ""
    kind: str = ""
    category: str = ""
    area: str = ""
    agency: str = ""
    restricted: bool = False
    reopened: int = 0
    late: bool = False
    due: datetime | None = None
    answered: datetime | None = None
    handled: datetime | None = None
    reason: str = ""
    returns: int = 0
    extensions: int = 0
    contacts: int = 1


class FactsSpan(NamedTuple):
    """Facts on [since, until); no end: now."""

    since: datetime
    until: datetime | None
    facts: Facts


@dataclass(kw_only=True, slots=True)
class Custody:
    """Who held the ticket on [since, until) ("" = the centre), as known from `known` to `over`; hop 0 is the centre's
    first look."""

    hop: int
    agency: str
    since: datetime
    known: datetime
    until: datetime | None = None
    over: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Story:
    spans: Sequence[FactsSpan]
    holds: Sequence[Custody]


def hour_end(at: datetime) -> datetime:
    """The end of the hour of a recording; a full hour belongs to the hour that it begins."""
    return at.replace(minute=0, second=0, microsecond=0) + HOUR


class _Teller:
    """A ticket's state while its events are replayed."""

    def __init__(self, first: Facts) -> None:
        self.facts, self.met, self.again = first, False, False
        self.returned = False  # opened again, it lies at the centre until it is sent on
        self.state = State.NEW
        self.entered: datetime | None = None  # when it came into its state: never before it came into the one before
        self.due: datetime | None = None  # the last one, kept while the clock is paused
        self.holds: list[Custody] = []
        self.first_call = first.channel == Phone.key  # the call that it came by is no second contact

    def tell(self, event: TicketEvent) -> None:
        name, data = event.kind.removeprefix("ticket."), event.data
        move = MOVES.get(name)
        if changed := {key: str(data[key] or "") for key in CODE_KEYS if key in data}:
            if move is not None and move.holder == CENTRE and "agency" in changed:
                changed["agency"] = ""  # the event names the former holder
            self.facts = replace(self.facts, **changed)  # type: ignore[arg-type]
        last = self.holds[-1] if self.holds else None
        if name == "succeed" and last and last.until is None and last.agency == data.get("was") != data.get("agency"):
            self._begin(self.facts.agency, event)  # by an act of reorganisation
        self._count(name, data)
        if move is not None and move.counts:
            self.facts = replace(self.facts, **{move.counts: getattr(self.facts, move.counts) + 1})
        if "to" in data:
            self.entered = max(event.at, self.entered) if self.entered else event.at
            event = event._replace(at=self.entered)
            holder = CENTRE if name == "create" else move.holder if move is not None else ""
            self._enter(State(data["to"]), event, holder)

    def _count(self, name: str, data: Mapping[str, Any]) -> None:
        facts = self.facts
        if name == "remark" and not data.get("internal", True):
            self.facts = replace(facts, contacts=facts.contacts + 1)
        elif name == "call":
            more, self.first_call = 0 if self.first_call else 1, False
            self.facts = replace(facts, contacts=facts.contacts + more)
        elif name == "uncall":
            self.facts = replace(facts, contacts=max(1, facts.contacts - 1))
        elif data.get("to") == State.REFUSED:
            reason = str(data.get("reason", ""))
            self.facts = replace(facts, reason=reason, restricted=facts.restricted or reason == "denunciation")

    def _enter(self, state: State, event: TicketEvent, holder: str) -> None:
        facts, before, self.state = self.facts, self.state, state
        if state in HANDLED:
            self.met = True
            done = {"phase": DONE, "answered": facts.answered or event.at, "handled": facts.handled or event.at}
            self.facts = replace(facts, **done)  # type: ignore[arg-type]
        elif state in OUTSIDE:
            self.met = True
            self.facts = replace(facts, phase=OUT)
        elif state is not State.WAITING or facts.phase != OPEN:
            self.again = self.again or self.met
            self.met = False
            more = 1 if holder == CENTRE and before in HANDLED else 0
            self.facts = replace(facts, phase=OPEN, handled=None, reason="", reopened=facts.reopened + more)
        self._hold(state, event, holder)

    def _hold(self, state: State, event: TicketEvent, holder: str) -> None:
        if holder:
            self.returned = holder == CENTRE and bool(self.holds)  # what is new was never elsewhere
            self._begin("" if holder == CENTRE else self.facts.agency, event)
        elif state in HANDLED or state in OUTSIDE:
            self._end(event)

    def _end(self, event: TicketEvent) -> None:
        if self.holds and self.holds[-1].until is None:
            last = self.holds[-1]
            last.until, last.over = max(event.at, last.since), event.recorded

    def _begin(self, agency: str, event: TicketEvent) -> None:
        self._end(event)
        since = max(event.at, self.holds[-1].since) if self.holds else event.at
        self.holds.append(Custody(hop=len(self.holds), agency=agency, since=since, known=event.recorded))

    def move(self, due: datetime | None) -> None:
        self.due = due or self.due
        if self.facts.due != due:
            self.facts = replace(self.facts, due=due)

    def now(self) -> Facts:
        facts = self.facts
        if facts.phase != DONE:
            agency = "" if self.returned else facts.agency
            same = not facts.late and facts.agency == agency
            return facts if same else replace(facts, late=False, agency=agency)
        late = missed(self.due, facts.handled, again=self.again)
        return facts if late == facts.late else replace(facts, late=late)


def tell(first: Facts, received: datetime, events: Iterable[TicketEvent], moved: Iterable[Moved]) -> Story:
    """A ticket's spans and holds from its events in the order they were recorded and its deadline's moves likewise."""
    teller, spans = _Teller(first), list[FactsSpan]()
    recorded = received
    for when, what in _merged(list(events), list(moved)):
        recorded = max(recorded, when)
        if isinstance(what, TicketEvent):
            teller.tell(what)
        else:
            teller.move(what.due)
        since, facts = hour_end(recorded), teller.now()
        if spans and spans[-1].since == since:
            spans.pop()
        if spans and spans[-1].facts == facts:
            continue
        spans.append(FactsSpan(since, None, facts))
    closed = [span._replace(until=after.since) for span, after in pairwise(spans)]
    return Story(spans=[*closed, *spans[-1:]], holds=teller.holds)


def _merged(events: Sequence[TicketEvent], moved: Sequence[Moved]) -> list[tuple[datetime, TicketEvent | Moved]]:
    """Both in the order in which they became known; a deadline follows the event that moved it."""
    both: list[tuple[datetime, int, int, TicketEvent | Moved]] = []
    recorded = events[0].recorded if events else None
    for number, event in enumerate(events):
        recorded = max(event.recorded, recorded) if recorded else event.recorded
        both.append((recorded, 0, number, event))
    both += [(one.recorded, 1, number, one) for number, one in enumerate(moved)]
    both.sort(key=lambda row: row[:3])
    return [(when, what) for when, _, _, what in both]
