"""A row of an old system's list, as the history of a ticket that our own rules allow. Pure except for the rows it gets.

Old lists hold a few dates and a state; the moves between are put at the last known date. Dates out of order are
corrected forwards only: no move comes before the one it follows.
"""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from caunoi.channels.adapters.phone import Phone
from caunoi.events.actor import IMPORTER, Actor, Role
from caunoi.imports.agencies import EMAIL
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.plan import Line, Plan, Words
from caunoi.imports.table import Entry
from caunoi.imports.vocabulary import codes
from caunoi.lib.tables import cells
from caunoi.lib.tables.nearest import Names
from caunoi.tickets.lifecycle import Kind, State, Urgency
from caunoi.tickets.report import Act, History, Report, Reporter

INBOX = "import"  # nothing is ever sent from there
CENTRE = replace(IMPORTER, roles=frozenset({Role.OPERATOR, Role.SUPERVISOR}))
NOTHING = "–"  # where the old list has no words and a move needs some
HANDED = (State.ROUTED, State.WORKING, State.RESULTED)
FUTURE = "in_the_future"


@dataclass(frozen=True, kw_only=True)
class TicketGround:
    """What a file is checked against: names and rows of categories and agencies, how to find a commune (its row, or why
    not), and the present time."""

    category_names: Names
    categories: Mapping[str, Any]
    agency_names: Names
    agencies: Mapping[str, Any]
    area_of: Callable[[str, date], tuple[Any, str]]
    at: datetime


@dataclass
class Counts:
    """What a file holds, as far as it was read: rows by state, year, channel; `apart`: those that end before they
    begin."""

    rows: int = 0
    left: int = 0
    known: int = 0
    changed: int = 0
    apart: int = 0
    states: Counter[str] = field(default_factory=Counter)
    years: Counter[str] = field(default_factory=Counter)
    channels: Counter[str] = field(default_factory=Counter)

    def as_json(self) -> dict[str, Any]:
        """As JSON; dataclasses.asdict spoils counters."""
        return {name: dict(value) if isinstance(value, Counter) else value for name, value in vars(self).items()}

    def add(self, history: History, state: str) -> None:
        self.rows += 1
        self.states[state] += 1
        self.years[str(history.at.year)] += 1
        self.channels[history.report.channel] += 1


@dataclass(frozen=True, kw_only=True)
class Row:
    """A row interpreted: its key in the old system, the state it ends in, and the history."""

    line: int
    key: str
    digest: str
    state: State
    history: History
    apart: bool


def read(entry: Entry, mapping: ColumnMapping, ground: TicketGround, words: Words) -> tuple[Row | None, Plan]:
    """The history of a row, None where it cannot be one, and what was odd about it."""
    made = Plan(words=words)
    line = Line(entry, made)
    r = _Reader(line, mapping, ground)
    received = r.moment("received", clock="received_time")
    if received is None and not line.out:
        line.odd("no_date", "received", out=True)
    elif received and received > ground.at:
        line.odd(FUTURE, "received", f"{received:%d/%m/%Y %H:%M}", out=True)
    text = r.long("text") or r.long("summary")
    if not text and not line.out:
        line.odd("no_text", "text", out=True)
    if line.out or received is None:
        return None, made
    story = r.story(received)
    if line.out:
        return None, made
    report = r.report(text, received, mapping.source)
    history = History(report=report, at=received, by=CENTRE, acts=story.acts)
    return Row(
        line=entry.line,
        key=report.once.removeprefix(f"{mapping.source}:"),
        digest=_digest(entry),
        state=story.state,
        history=history,
        apart=story.apart,
    ), made


def _digest(entry: Entry) -> str:
    words = "\x1f".join(f"{name}={cells.text(cell)}" for name, cell in sorted(entry.cells.items()))
    return sha256(words.encode()).hexdigest()[:32]


@dataclass
class _Story:
    state: State
    acts: list[Act]
    at: datetime
    apart: bool = False

    def then(self, name: str, by: Actor, at: datetime | None, **data: Any) -> None:
        """A move no earlier than the one before."""
        self.at = max(self.at, at or self.at)
        self.acts.append(Act(name=name, at=self.at, by=by, move_input={k: v for k, v in data.items() if v}))


class _Reader:
    """One row, with the means to read it."""

    def __init__(self, line: Line, mapping: ColumnMapping, ground: TicketGround) -> None:
        self.line, self.mapping, self.ground = line, mapping, ground
        self.category = self._row("category", ground.category_names, ground.categories)
        self.agency = self._row("agency", ground.agency_names, ground.agencies)

    def _row(self, name: str, names: Names, rows: Mapping[str, Any]) -> Any:
        word = self.line.words(name)
        code = self.line.code("tickets", name, word, names, self.mapping) or self.mapping.defaults.get(name, "")
        if word and code not in rows:
            suggest = self.line.plan.words.seen[name].get(word, {}).get("suggest", "")
            self.line.odd(f"{name}_unknown", name, word, suggest=suggest)
        return rows.get(code)

    def code(self, name: str, default: str) -> str:
        """A word of one of our own tables."""
        word = self.line.words(name)
        code = self.line.code("tickets", name, word, Names({}), self.mapping)
        if word and not code:
            self.line.odd(f"{name}_unknown", name, word)
        return code or self.mapping.defaults.get(name, default)

    def long(self, name: str) -> str:
        """A text as it stands, line ends and all."""
        cell = self.line.entry.cells.get(name)
        if flaw := cells.flawed(cell):
            self.line.odd(flaw, name, str(cell), out=name == "text")
            return ""
        return cells.text(cell).strip()

    def moment(self, name: str, *, clock: str = "") -> datetime | None:
        cell = self.line.entry.cells.get(name)
        if cell is None:
            return None
        time = self.line.entry.cells.get(clock)
        at = cells.moment(cell, order=self.mapping.order, zone=self.mapping.zone, clock=time)
        if at is None:
            self.line.odd("date_unreadable", name, cells.text(cell), out=name == "received")
        return at

    def past(self, name: str) -> datetime | None:
        """A moment in the past."""
        at = self.moment(name)
        if at and at > self.ground.at:
            self.line.odd(FUTURE, name, f"{at:%d/%m/%Y %H:%M}")
            return self.ground.at
        return at

    def state(self, ended: datetime | None, answer: str) -> State | None:
        """The state in the list; else the one that its dates, answer and agency suggest."""
        word = self.line.words("state")
        code = self.line.code("tickets", "state", word, Names({}), self.mapping)
        code = code or ("" if word else self.mapping.defaults.get("state", ""))
        if word and code not in State:
            self.line.odd("state_unknown", "state", word, out=True)
            return None
        if code:
            return State(code)
        if ended or answer:
            return State.CLOSED if self.line.entry.cells.get("closed") else State.ANSWERED
        return State.WORKING if self.agency else State.ACCEPTED if self.category else State.NEW

    def story(self, received: datetime) -> _Story:
        """The moves from coming in to the state the row ends in."""
        routed, answered, closed = self.past("routed"), self.past("answered"), self.past("closed")
        answer = self.long("answer")
        ended = answered or closed
        state = self.state(ended, answer)
        story = _Story(state or State.NEW, [], received)
        if state is None or (state is State.NEW):
            return story
        first = min((at for at in (answered, closed) if at), default=None)
        story.apart = first is not None and first < received
        if story.apart:
            self.line.odd("closed_before_received", "answered", f"{first:%d/%m/%Y %H:%M}")
        elif [d for d in (received, routed, answered, closed) if d] != sorted(
            d for d in (received, routed, answered, closed) if d
        ):
            self.line.odd("order_mended")
        note = self.long("note")
        if state in (State.REFUSED, State.MERGED):
            story.state = State.REFUSED
            reason = "duplicate" if state is State.MERGED else self.code("reason", "other")
            word = self.long("reason")
            story.then("refuse", CENTRE, ended, reason=reason, note="\n".join(filter(None, [word, answer, note])))
            return story
        if self.category is None:
            self.line.odd("category_unknown", "category", self.line.words("category"), out=True)
            return story
        if state in (State.ANSWERED, State.CLOSED) and not ended:
            self.line.odd("answer_without_date")
        self._handled(story, state, routed, ended, answer, note)
        if state is State.CLOSED:
            story.then("close", CENTRE, closed or ended)
        return story

    def _handled(
        self, story: _Story, state: State, routed: datetime | None, ended: datetime | None, answer: str, note: str
    ) -> None:
        done = state in (State.ANSWERED, State.CLOSED)
        common = {"category": self.category, "note": note, "urgency": self._urgency()}
        if done and self.agency is None:
            story.then("answer", CENTRE, ended, text=answer or NOTHING, **common)
            return
        story.then("accept", CENTRE, None, **common)
        if state is State.WAITING:
            story.then("ask", CENTRE, None, question=answer or NOTHING)
        elif state in HANDED and self.agency is None:
            self.line.odd("state_without_agency", "agency", self.line.words("agency"))
            story.state = State.ACCEPTED
        elif state in HANDED or done:
            officer = replace(IMPORTER, roles=frozenset({Role.OFFICER, Role.LEAD}), agency_id=self.agency.pk)
            story.then("route", CENTRE, routed, agency=self.agency)
            if state is not State.ROUTED:
                story.then("start", officer, None)
            if done or state is State.RESULTED:
                story.then("result", officer, ended, text=answer or NOTHING)
            if done:
                story.then("approve", officer, ended)

    def _urgency(self) -> str:
        word = self.line.words("urgency")
        code = codes("tickets", "urgency").same(word) if word else ""
        return self.mapping.code("urgency", word) or code or self.mapping.defaults.get("urgency", "")

    def report(self, text: str, received: datetime, source: str) -> Report:
        line = self.line
        address, commune, district = line.words("address"), line.words("area"), line.words("district")
        place = ", ".join(dict.fromkeys(part for part in (address, commune, district) if part))
        where = ", ".join(part for part in (commune, district) if part) or address
        area, why = self.ground.area_of(where, received.date()) if where else (None, "")
        if why:
            line.odd(why, "area", where)
        latitude, longitude = self._point()
        kind = self.code("kind", self.category.kind if self.category else Kind.REPORT)
        mailbox = EMAIL.findall(line.words("email"))
        reporter = Reporter(
            name=line.words("name"),
            phone=line.phone(),
            email=mailbox[0] if mailbox else "",
            address=line.words("reporter_address"),
        )
        code = line.words("code")
        unnamed = sha256(f"{received.isoformat()}\x1f{reporter.phone}\x1f{text}".encode()).hexdigest()[:32]
        return Report(
            text=text,
            channel=self.code("channel", Phone.key),
            once=f"{source}:{code[:70] or unnamed}",
            kind=Kind(kind),
            urgency=Urgency(self.code("urgency", Urgency.NORMAL)),
            address=place,
            category_id=self.category.pk if self.category else None,
            area_id=area.pk if area else None,
            latitude=latitude,
            longitude=longitude,
            occurred=self.moment("occurred"),
            summary=line.words("summary"),
            reporter=reporter,
            inbox=INBOX,
        )

    def _point(self) -> tuple[float | None, float | None]:
        numbers: list[float] = []
        for name, most in (("latitude", 90), ("longitude", 180)):
            text = cells.text(self.line.entry.cells.get(name)).replace(",", ".")
            try:
                value = float(text)
            except ValueError:
                value = float("nan")
            if text and not -most <= value <= most:
                self.line.odd("bad_point", name, text)
            numbers.append(value)
        lat, long = numbers
        return (lat, long) if abs(lat) <= 90 and abs(long) <= 180 else (None, None)
