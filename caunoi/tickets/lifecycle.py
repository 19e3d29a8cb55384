"""The life of a ticket, as one table. Buttons, forms, permissions, the API, event kinds, docs and tests read it. Pure."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum

from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.events.actor import NotAllowed as NotAllowed
from caunoi.events.actor import Refused as Refused


class State(StrEnum):
    NEW = "new"
    WAITING = "waiting"
    ACCEPTED = "accepted"
    ROUTED = "routed"
    WORKING = "working"
    RESULTED = "resulted"
    ANSWERED = "answered"
    CLOSED = "closed"
    REFUSED = "refused"
    MERGED = "merged"


class Kind(StrEnum):
    REPORT = "report"
    PETITION = "petition"
    QUESTION = "question"


class Urgency(StrEnum):
    URGENT = "urgent"
    NORMAL = "normal"
    COMPLEX = "complex"


class Channel(StrEnum):
    PHONE = "phone"
    ZALO = "zalo"
    FACEBOOK = "facebook"
    EMAIL = "email"
    WEB = "web"
    APP = "app"
    SMS = "sms"
    COUNTER = "counter"
    PAPER = "paper"


FIRST = State.NEW
HANDLED = frozenset({State.ANSWERED, State.CLOSED})
OUTSIDE = frozenset({State.REFUSED, State.MERGED})  # no part of the four numbers
ENDS = frozenset({State.CLOSED}) | OUTSIDE
OPEN = frozenset(State) - HANDLED - OUTSIDE

STAY, BACK = "stay", "back"  # targets: where it is; where it was asked from


@dataclass(frozen=True)
class Move:
    """One row: from `sources` to `target`, by `roles`, needing `needs`; `leg` moves act on a hand-over too."""

    name: str
    sources: frozenset[State]
    target: str
    roles: frozenset[Role]
    needs: frozenset[str]
    leg: bool

    def to(self, state: State, asked_from: str) -> State:
        """The state after this move from `state`."""
        if self.target == STAY:
            return state
        return State(asked_from or State.ACCEPTED) if self.target == BACK else State(self.target)


class NotPossible(Refused):
    """The ticket is not in a state for this move."""

    code = "not_possible"


class Missing(Refused):
    """The move needs something that was not given; `fields` names it."""

    code = "missing"

    def __init__(self, fields: Iterable[str]) -> None:
        self.fields = sorted(fields)
        super().__init__(", ".join(self.fields))


def _move(name: str, sources: str, target: str, roles: str, needs: str = "") -> Move:
    return Move(
        name,
        frozenset(State(s) for s in sources.split()),
        target,
        frozenset(Role(r) for r in roles.split()),
        frozenset(needs.split()),
        name.startswith("leg_"),
    )


MOVES = {
    m.name: m
    for m in (
        #     move                 from                                to         who                                  needs
        _move("accept", "new", "accepted", "operator supervisor system", "category"),
        _move("ask", "new accepted working", "waiting", "operator supervisor officer lead", "question"),
        _move("resume", "waiting", BACK, "citizen operator supervisor officer lead system"),
        _move("refuse", "new accepted waiting", "refused", "operator supervisor", "reason"),
        _move("merge", "new accepted waiting routed", "merged", "operator supervisor", "into"),
        _move("route", "accepted", "routed", "operator supervisor system", "agency"),
        _move("start", "routed", "working", "officer lead"),
        _move("result", "working", "resulted", "officer lead", "text"),
        _move("approve", "resulted", "answered", "lead supervisor"),
        _move("revise", "resulted", "working", "lead supervisor reviewer", "reason"),
        _move("answer", "new accepted", "answered", "operator supervisor", "text category"),
        _move("close", "answered", "closed", "citizen operator supervisor reviewer system"),
        _move("reopen", "answered closed refused merged", "accepted", "citizen operator supervisor", "reason"),
        _move("leg_accept", "routed working", STAY, "officer lead"),
        _move("leg_return", "routed working", "accepted", "officer lead", "reason"),
        _move("leg_pass_on", "routed working", "routed", "officer lead", "agency"),
        _move("leg_ask_extension", "routed working", STAY, "officer lead", "reason days"),
        _move("leg_grant_extension", "routed working", STAY, "supervisor leader"),
        _move("leg_refuse_extension", "routed working", STAY, "supervisor leader", "reason"),
        _move("leg_answer", "routed working waiting", STAY, "officer lead", "text"),
    )
}


def allowed(move: Move, by: Actor, *, ticket_id: int | None, agency_id: int | None) -> bool:
    """Whether `by` may make this move on this ticket at all: a role of the table; agencies only on what they lead,
    citizens only on the ticket of their link."""
    roles = by.roles & move.roles
    if not roles:
        return False
    if roles <= AGENCY and not move.leg:
        return by.agency_id is not None and by.agency_id == agency_id
    return not roles <= {Role.CITIZEN} or by.ticket_id == ticket_id


def check(
    name: str,
    state: State,
    by: Actor,
    given: Collection[str],
    *,
    ticket_id: int | None = None,
    agency_id: int | None = None,
) -> Move:
    """The row for a move that can be made, else NotAllowed, NotPossible or Missing. KeyError for an unknown name."""
    move = MOVES[name]
    if not allowed(move, by, ticket_id=ticket_id, agency_id=agency_id):
        raise NotAllowed(name)
    if state not in move.sources:
        raise NotPossible(f"{name}: {state}")
    if lacking := move.needs - set(given):
        raise Missing(lacking)
    return move


def moves_from(state: State, by: Actor, *, ticket_id: int | None, agency_id: int | None) -> list[Move]:
    """The moves of the table that `by` may make now; legs are narrowed further by the hand-over's own state."""
    return [
        m for m in MOVES.values() if state in m.sources and allowed(m, by, ticket_id=ticket_id, agency_id=agency_id)
    ]


def edges() -> Iterable[tuple[State, Move, State]]:
    """Every arrow of the diagram."""
    for move in MOVES.values():
        for source in sorted(move.sources):
            if move.target == BACK:
                for asked in sorted(MOVES["ask"].sources):
                    yield source, move, asked
            else:
                yield source, move, move.to(source, "")


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/lifecycle.md."""
    lines = [f"    {a} --> {b}: {m.name}" for a, m, b in edges() if a is not b]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {FIRST}", *lines])


def page() -> str:
    """docs/lifecycle.md: the diagram, and the table of who may do what."""
    rows = [
        f"| {m.name} | {', '.join(sorted(m.sources))} | {m.target} | {', '.join(sorted(m.roles))} | {', '.join(sorted(m.needs))} |"
        for m in MOVES.values()
    ]
    head = "# The life of a ticket\n\nGenerated from caunoi/tickets/lifecycle.py, which decides. `stay`: the state does not change; "
    head += "`back`: to where it was asked from. Overdue is computed, never a state.\n"
    table = ["| move | from | to | who | needs |", "|---|---|---|---|---|", *rows]
    return "\n".join([head, "```mermaid", diagram(), "```", "", *table])


if __name__ == "__main__":
    print(page())
