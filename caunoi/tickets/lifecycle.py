"""The life of a ticket, as one table. Buttons, forms, permissions, the API, event kinds, docs and tests read it.
Pure."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

from caunoi.events.actor import AGENCY, Actor, Role
from caunoi.events.actor import NotAllowedError as NotAllowedError
from caunoi.events.actor import RefusedError as RefusedError
from caunoi.tickets import datum
from caunoi.tickets.datum import Datum, DatumKind


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


FIRST = State.NEW
HANDLED = frozenset({State.ANSWERED, State.CLOSED})
OUTSIDE = frozenset({State.REFUSED, State.MERGED})  # no part of the four numbers
ENDS = frozenset({State.CLOSED}) | OUTSIDE
OPEN = frozenset(State) - HANDLED - OUTSIDE

STAY, BACK = "stay", "back"  # targets: where it is; where it was asked from


SAME = "="
"""The citizen, or anybody, reads the same sentence as the staff."""
CITIZEN, CENTRE, AT_AGENCY = "citizen", "centre", "agency"


@dataclass(frozen=True, kw_only=True)
class Sentences:
    """The lines of the history for the staff, the ticket's citizen and the public; empty = none."""

    staff: str
    citizen: str = ""
    public: str = ""

    def to_citizen(self) -> str:
        return self.staff if self.citizen == SAME else self.citizen

    def to_public(self) -> str:
        return self.staff if self.public == SAME else self.public


@dataclass(frozen=True, kw_only=True)
class Leg:
    """Which hand-over of the own agency a move acts on; `extension_asked`: the one that waits for more time instead."""

    states: frozenset[str] = frozenset({"sent", "accepted"})
    role: str = ""  # lead or coordinate; empty = both
    extension_asked: bool | None = None  # None: whether it has asked does not matter


@dataclass(frozen=True, kw_only=True)
class Move:
    """One row: from `sources` to `target`, by `roles`. `label`, `icon` and `key` make its button; `needs` and `may` its
    form and the API's fields; `history` and `notices` (audience, short, long) are its sentences; `reactions` name tasks
    of flow.py. Dotted paths: `owner` (ticket, *, by, at, **move_input) makes it, `effect` (ticket, before, move_input,
    by) → more facts of the event writes further columns, `condition` (ticket, by) narrows who may, `undo` (ticket,
    event) takes it back, `preview` (ticket) → (label, text)… is what goes out by it, for its form."""

    name: str
    sources: frozenset[State]
    target: str
    roles: frozenset[Role]
    label: str
    icon: str
    key: str
    needs: tuple[Datum, ...] = ()
    may: tuple[Datum, ...] = ()
    history: Sentences | None = None  # None: it leaves no event of the ticket, its owner records one
    notices: tuple[tuple[str, ...], ...] = ()
    followers: str = ""  # the notice to those who follow a published ticket
    reactions: tuple[str, ...] = ()
    owner: str = ""
    effect: str = ""
    condition: str = ""
    undo: tuple[str, ...] = ()
    preview: str = ""
    leg: Leg | None = None
    advice: str = ""  # above its form
    holder: str = ""  # with whom the ticket lies afterwards, where that changes: centre or agency
    counts: str = ""  # which of the ticket's counters in the statistics it adds to

    @property
    def event(self) -> str:
        return f"ticket.{self.name}"

    @property
    def takes(self) -> Mapping[str, Datum]:
        """All its inputs, by name, in the order of its form."""
        return {each.name: each for each in (*self.needs, *self.may)}

    def to(self, state: State, asked_from: str) -> State:
        """The state after this move from `state`."""
        if self.target == STAY:
            return state
        return State(asked_from or State.ACCEPTED) if self.target == BACK else State(self.target)


def words_for_citizen(event: str, name: str) -> bool:
    """Whether the citizen may read the input `name` of an event; True where no move declares it."""
    move = MOVES.get(event.removeprefix("ticket."))
    return move is None or (name in move.takes and move.takes[name].citizen)


class NotPossibleError(RefusedError):
    """The ticket is not in a state for this move."""

    code = "not_possible"


class MissingDataError(RefusedError):
    """The move needs something that was not provided; `fields` names it."""

    code = "missing"

    def __init__(self, fields: Iterable[str]) -> None:
        self.fields = sorted(fields)
        super().__init__(", ".join(self.fields))


def _states(names: str) -> frozenset[State]:
    return frozenset(State(name) for name in names.split())


def _roles(names: str) -> frozenset[Role]:
    return frozenset(Role(name) for name in names.split())


def _table(*moves: Move) -> dict[str, Move]:
    return {move.name: move for move in moves}


_DRAFT = replace(datum.TEXT, initial="caunoi.answers.queries.text_so_far")
_ANSWER_NOTICE = "{code} has been answered. Are you satisfied with the answer?"
_ANSWER = (
    "Answer to your report {code}: {words} Are you satisfied with it? Reply 1 (satisfied), 2 (acceptable) or 3 (not "
    "satisfied), or open one of these: 1 {good} 2 {fair} 3 {poor} Your ticket: {link}"
)

MOVES = _table(
    Move(
        name="accept",
        sources=_states("new"),
        target="accepted",
        roles=_roles("operator supervisor system"),
        label="Accept",
        icon="check",
        key="a",
        needs=(datum.CATEGORY,),
        may=(datum.AREA, datum.KIND, datum.URGENCY, datum.SUMMARY),
        history=Sentences(staff="Accepted", citizen=SAME, public=SAME),
        notices=((CITIZEN, "We have accepted your report {code}."),),
        reactions=("refresh", "propose", "refile", "judge", "tell", "announce"),
        effect="caunoi.tickets.effects.accept",
    ),
    Move(
        name="route",
        sources=_states("accepted"),
        target="routed",
        roles=_roles("operator supervisor system"),
        label="Hand to an agency",
        icon="forward",
        key="f",
        needs=(datum.AGENCY,),
        may=(datum.NOTE, datum.COORDINATING),
        history=Sentences(staff="Handed to %(agency)s", citizen=SAME, public=SAME),
        notices=(
            (
                CITIZEN,
                "{code} has been handed to {agency}.",
                "Your report {code} has been handed to {agency}. Follow it here: {link}",
            ),
            (AT_AGENCY, "New for you: {code}"),
        ),
        followers="Ticket {code} has been handed to {agency}.",
        reactions=("refresh", "propose", "refile", "judge", "tell", "tell_followers", "announce"),
        owner="caunoi.routing.actions.route",
        undo=("caunoi.routing.recall.withdraw",),
        holder=AT_AGENCY,
    ),
    Move(
        name="answer",
        sources=_states("new accepted"),
        target="answered",
        roles=_roles("operator supervisor"),
        label="Answer now",
        icon="reply",
        key="r",
        needs=(datum.TEXT, datum.CATEGORY),
        may=(datum.CITES,),
        history=Sentences(staff="Answered", citizen=SAME, public=SAME),
        notices=((CITIZEN, _ANSWER_NOTICE, _ANSWER),),
        followers="Ticket {code} has been answered: {answer}",
        reactions=("refresh", "propose", "invite", "refile", "judge", "tell", "tell_followers", "announce"),
        owner="caunoi.answers.actions.answer",
        undo=(
            "caunoi.publication.actions.unpublished",
            "caunoi.answers.actions.take_back",
            "caunoi.ratings.actions.uninvite",
        ),
    ),
    Move(
        name="start",
        sources=_states("routed"),
        target="working",
        roles=_roles("officer lead"),
        label="Start work",
        icon="construction",
        key="s",
        history=Sentences(staff="Taken on", citizen=SAME, public=SAME),
        notices=((CITIZEN, "{agency} is working on {code}."),),
        followers="{agency} is working on ticket {code}.",
        reactions=("refresh", "refile", "tell", "tell_followers", "announce"),
        owner="caunoi.routing.actions.start",
    ),
    Move(
        name="result",
        sources=_states("working"),
        target="resulted",
        roles=_roles("officer lead"),
        label="Send the result",
        icon="send",
        key="r",
        needs=(_DRAFT,),
        may=(datum.BEFORE, datum.AFTER, datum.CITES, datum.WITHOUT),
        history=Sentences(staff="Result sent for approval"),
        notices=((AT_AGENCY, "{code} has an answer to approve."),),
        reactions=("refresh", "refile", "tell", "announce"),
        owner="caunoi.answers.actions.submit",
    ),
    Move(
        name="approve",
        sources=_states("resulted"),
        target="answered",
        roles=_roles("lead supervisor"),
        label="Approve and answer",
        icon="circle-check",
        key="p",
        may=(_DRAFT,),
        history=Sentences(staff="Answer approved", citizen="Answered", public="Answered"),
        notices=((CITIZEN, _ANSWER_NOTICE, _ANSWER),),
        followers="Ticket {code} has been answered: {answer}",
        reactions=("finish", "refresh", "propose", "invite", "refile", "tell", "tell_followers", "announce"),
        owner="caunoi.answers.actions.approve",
        condition="caunoi.answers.queries.may_approve",
    ),
    Move(
        name="revise",
        sources=_states("resulted"),
        target="working",
        roles=_roles("lead supervisor reviewer"),
        label="Ask for a revision",
        icon="pencil",
        key="v",
        needs=(datum.REASON,),
        history=Sentences(staff="Answer sent back"),
        notices=((AT_AGENCY, "The answer to {code} must be revised."),),
        reactions=("refresh", "refile", "tell", "announce"),
        owner="caunoi.answers.actions.revise",
    ),
    Move(
        name="resume",
        sources=_states("waiting"),
        target=BACK,
        roles=_roles("citizen operator supervisor officer lead system"),
        label="Continue",
        icon="play",
        key="c",
        history=Sentences(staff="The citizen replied", citizen="We continue"),
        notices=((CENTRE, "The citizen has replied on {code}."),),
        reactions=("refresh", "refile", "tell", "announce"),
    ),
    Move(
        name="leg_accept",
        sources=_states("routed working"),
        target=STAY,
        roles=_roles("officer lead"),
        label="Confirm it is ours",
        icon="check",
        key="a",
        history=Sentences(staff="The agency confirmed the ticket"),
        reactions=("refresh", "refile", "announce"),
        owner="caunoi.routing.actions.accept",
        leg=Leg(states=frozenset({"sent"})),
    ),
    Move(
        name="leg_answer",
        sources=_states("routed working waiting"),
        target=STAY,
        roles=_roles("officer lead"),
        label="Send our part",
        icon="send",
        key="r",
        needs=(replace(datum.TEXT, label="Your part, for the agency that leads", citizen=False),),
        may=(datum.BEFORE, datum.AFTER),
        advice="You help: the agency that leads reads this and answers the citizen.",
        owner="caunoi.routing.actions.contribute",
        leg=Leg(role="coordinate"),
    ),
    Move(
        name="ask",
        sources=_states("new accepted working"),
        target="waiting",
        roles=_roles("operator supervisor officer lead"),
        label="Ask the citizen",
        icon="circle-question-mark",
        key="q",
        needs=(datum.QUESTION,),
        history=Sentences(staff="The citizen was asked", citizen="We ask you something"),
        notices=(
            (
                CITIZEN,
                "We need a little more information about {code}.",
                "We need a little more information about {code}: {words} Please reply here, or on {link}",
            ),
        ),
        reactions=("refresh", "refile", "tell", "announce"),
        effect="caunoi.tickets.effects.ask",
    ),
    Move(
        name="leg_ask_extension",
        sources=_states("routed working"),
        target=STAY,
        roles=_roles("officer lead"),
        label="Ask for more time",
        icon="calendar-clock",
        key="e",
        needs=(datum.REASON, datum.DAYS),
        advice="The supervisor or a leader decides; until then the deadline stays.",
        history=Sentences(staff="More time asked for"),
        notices=((CENTRE, "{agency} asks for more time for {code}."),),
        reactions=("refresh", "tell", "announce"),
        owner="caunoi.routing.actions.ask_extension",
        leg=Leg(states=frozenset({"accepted"}), extension_asked=False),
    ),
    Move(
        name="refuse",
        sources=_states("new accepted waiting"),
        target="refused",
        roles=_roles("operator supervisor system"),  # the product itself: what its words keep from the staff
        label="Refuse",
        icon="ban",
        key="x",
        needs=(replace(datum.REASON, kind=DatumKind.CODE, of="refusal"),),
        may=(
            replace(
                datum.TEXT,
                label="Words to the citizen",
                hint="The citizen reads it with the reason. Needed when it is another reason than those of the list.",
                rows=3,
                expected=False,
            ),
            datum.NOTE,
        ),
        history=Sentences(staff="Refused", citizen=SAME, public=SAME),
        notices=(
            (
                CITIZEN,
                "We cannot handle {code}; the page says why and where to go.",
                "We cannot handle {code}. {words} More: {link}",
            ),
        ),
        reactions=("finish", "refresh", "give_back", "propose", "refile", "judge", "tell", "announce"),
        effect="caunoi.tickets.effects.refuse",
        undo=("caunoi.routing.recall.reopen_legs",),
    ),
    Move(
        name="merge",
        sources=_states("new accepted waiting routed"),
        target="merged",
        roles=_roles("operator supervisor"),
        label="Merge into an earlier ticket",
        icon="git-merge",
        key="m",
        needs=(datum.INTO,),
        history=Sentences(staff="Merged into an earlier ticket", citizen=SAME, public=SAME),
        notices=(
            (
                CITIZEN,
                "Your report {code} is handled together with an earlier one.",
                "Your report {code} is handled together with an earlier one. Follow it here: {link}",
            ),
        ),
        reactions=("finish", "refresh", "propose", "refile", "tell", "announce"),
        effect="caunoi.tickets.effects.merge",
        undo=("caunoi.routing.recall.reopen_legs",),
    ),
    Move(
        name="transfer",
        sources=_states("new accepted"),
        target=STAY,
        roles=_roles("operator supervisor"),
        label="Hand to another province",
        icon="landmark",
        key="v",
        needs=(datum.CELL, replace(datum.REASON, label="Why is it theirs?", hint="The other province reads this.")),
        may=(datum.REACH,),
        advice="Until the other province has signed for it, it stays with us, its deadlines run, and it can be taken "
        "back.",
        history=Sentences(staff="Handed to %(province)s, which has not signed for it yet"),
        reactions=("announce",),
        owner="caunoi.transfers.actions.offer",
        condition="caunoi.transfers.queries.may_offer",
        preview="caunoi.transfers.queries.preview",
    ),
    Move(
        name="transfer_recall",
        sources=_states("new accepted"),
        target=STAY,
        roles=_roles("operator supervisor"),
        label="Take it back from the other province",
        icon="undo-2",
        key="b",
        history=Sentences(staff="To be taken back from %(province)s"),
        reactions=("announce",),
        owner="caunoi.transfers.actions.recall",
        condition="caunoi.transfers.queries.may_recall",
    ),
    Move(
        name="recall",
        sources=_states("routed"),
        target="accepted",
        roles=_roles("operator supervisor"),
        label="Take it back from the agency",
        icon="undo-2",
        key="b",
        may=(replace(datum.REASON, label="Why is it not theirs?", hint="Colleagues read this.", expected=False),),
        advice="As long as the agency has not confirmed it. Whoever was asked to help is told, too.",
        history=Sentences(staff="Taken back from %(agency)s", citizen=SAME, public=SAME),
        notices=((AT_AGENCY, "{code} was taken back: it is no longer yours."),),
        reactions=("refresh", "refile", "tell", "announce"),
        owner="caunoi.routing.actions.recall",
        effect="caunoi.tickets.effects.recall",
        condition="caunoi.routing.queries.may_recall",
        holder=CENTRE,
    ),
    Move(
        name="hand_over",
        sources=_states("new accepted"),
        target="refused",
        roles=_roles("system"),  # when the other province has signed for it
        label="The other province has it",
        icon="landmark",
        key="v",
        needs=(
            replace(datum.TEXT, label="Words to the citizen", expected=False),
            replace(datum.REASON, kind=DatumKind.CODE, of="refusal"),
        ),
        may=(datum.CELL,),
        history=Sentences(staff="Handed to %(province)s", citizen=SAME, public=SAME),
        notices=(
            (
                CITIZEN,
                "{code} belongs to another province, which has it now; the page says where to follow it.",
                "Your report {code} belongs to another province and has been handed to it. {words} More: {link}",
            ),
        ),
        followers="Ticket {code} belongs to another province and has been handed to it.",
        reactions=("finish", "refresh", "propose", "refile", "tell", "tell_followers", "announce"),
    ),
    Move(
        name="transfer_return",
        sources=_states("refused"),
        target="accepted",
        roles=_roles("system"),  # when the other province says that it is not theirs
        label="It came back from the other province",
        icon="undo-2",
        key="b",
        needs=(replace(datum.REASON, citizen=True),),
        may=(datum.CELL,),
        history=Sentences(staff="Returned by %(province)s", citizen=SAME, public=SAME),
        notices=(
            (CENTRE, "{code} came back from another province."),
            (
                CITIZEN,
                "{code} has come back from the other province: we are looking at it again.",
                "Your report {code} has come back from the other province, and we are looking at it again. {words} "
                "Follow it here: {link}",
            ),
        ),
        reactions=("refresh", "propose", "refile", "tell", "announce"),
        holder=CENTRE,
    ),
    Move(
        name="close",
        sources=_states("answered"),
        target="closed",
        roles=_roles("citizen operator supervisor reviewer system"),
        label="Close",
        icon="circle-check",
        key="z",
        history=Sentences(staff="Closed", citizen=SAME, public=SAME),
        reactions=("refresh", "refile", "announce"),
    ),
    Move(
        name="reopen",
        sources=_states("answered closed refused merged"),
        target="accepted",
        roles=_roles("citizen operator supervisor"),
        label="Reopen",
        icon="rotate-ccw",
        key="o",
        needs=(replace(datum.REASON, citizen=True),),
        history=Sentences(staff="Reopened", citizen=SAME, public=SAME),
        notices=(
            (CENTRE, "{code} was reopened."),
            (
                CITIZEN,
                "Your report {code} is open again.",
                "Your report {code} has been reopened: we are looking at it again. Follow it here: {link}",
            ),
        ),
        followers="Ticket {code} has been opened again.",
        reactions=("refresh", "refile", "tell", "tell_followers", "announce"),
        owner="caunoi.routing.actions.reopen",
        effect="caunoi.tickets.effects.reopen",
        holder=CENTRE,
    ),
    Move(
        name="leg_return",
        sources=_states("routed working"),
        target="accepted",
        roles=_roles("officer lead"),
        label="Return: not ours",
        icon="undo-2",
        key="b",
        needs=(datum.REASON,),
        advice="Say why it is not yours, and whose it is if you know: the centre reads this and hands it on.",
        history=Sentences(staff="Returned by %(agency)s", citizen=SAME, public=SAME),
        notices=((CENTRE, "{agency} returned {code}."),),
        reactions=("refresh", "refile", "tell", "announce"),
        owner="caunoi.routing.actions.give_back",
        effect="caunoi.tickets.effects.give_back",
        leg=Leg(),
        holder=CENTRE,
        counts="returns",
    ),
    Move(
        name="leg_pass_on",
        sources=_states("routed working"),
        target="routed",
        roles=_roles("officer lead"),
        label="Pass on",
        icon="forward",
        key="f",
        needs=(datum.AGENCY,),
        may=(datum.NOTE,),
        history=Sentences(staff="Passed on to %(agency)s", citizen=SAME, public=SAME),
        notices=(
            (
                CITIZEN,
                "{code} has been passed on to {agency}.",
                "Your report {code} has been passed on to {agency}. Follow it here: {link}",
            ),
            (AT_AGENCY, "New for you: {code}"),
        ),
        followers="Ticket {code} has been passed on to {agency}.",
        reactions=("refresh", "refile", "tell", "tell_followers", "announce"),
        owner="caunoi.routing.actions.pass_on",
        leg=Leg(role="lead"),
        holder=AT_AGENCY,
    ),
    Move(
        name="leg_grant_extension",
        sources=_states("routed working"),
        target=STAY,
        roles=_roles("supervisor leader"),
        label="Grant more time",
        icon="calendar-clock",
        key="y",
        history=Sentences(staff="More time granted", citizen=SAME, public=SAME),
        notices=((AT_AGENCY, "More time was granted for {code}."),),
        reactions=("refresh", "refile", "tell", "announce"),
        owner="caunoi.routing.actions.grant_extension",
        condition="caunoi.routing.queries.may_decide_extension",
        leg=Leg(extension_asked=True),
        counts="extensions",
    ),
    Move(
        name="leg_refuse_extension",
        sources=_states("routed working"),
        target=STAY,
        roles=_roles("supervisor leader"),
        label="No more time",
        icon="ban",
        key="d",
        needs=(datum.REASON,),
        history=Sentences(staff="No more time granted"),
        notices=((AT_AGENCY, "No more time for {code}; the ticket says why."),),
        reactions=("tell", "announce"),
        owner="caunoi.routing.actions.refuse_extension",
        condition="caunoi.routing.queries.may_decide_extension",
        leg=Leg(extension_asked=True),
    ),
)


DATA: Mapping[str, Datum] = {name: each for move in reversed(MOVES.values()) for name, each in move.takes.items()}
"""Every datum by its name, as the first move of the table takes it."""


def allowed(move: Move, by: Actor, *, ticket_id: int | None, agency_id: int | None) -> bool:
    """Whether `by` may make this move on this ticket at all: a role of the table; agencies only on what they lead,
    citizens only on the ticket of their link."""
    roles = by.roles & move.roles
    if not roles:
        return False
    if roles <= AGENCY and move.leg is None:
        return by.agency_id is not None and by.agency_id == agency_id
    return not roles <= {Role.CITIZEN} or by.ticket_id == ticket_id


def check(
    name: str,
    state: State,
    by: Actor,
    provided: Collection[str],
    *,
    ticket_id: int | None = None,
    agency_id: int | None = None,
) -> Move:
    """The row for a move that can be made, else NotAllowedError, NotPossibleError or MissingDataError. KeyError for an
    unknown name."""
    move = MOVES[name]
    if not allowed(move, by, ticket_id=ticket_id, agency_id=agency_id):
        raise NotAllowedError(name)
    if state not in move.sources:
        raise NotPossibleError(f"{name}: {state}")
    if lacking := {each.name for each in move.needs} - set(provided):
        raise MissingDataError(lacking)
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
                asking = (m.sources for m in MOVES.values() if m.target == State.WAITING)
                for origin in sorted(frozenset[State]().union(*asking)):
                    yield source, move, origin
            else:
                yield source, move, move.to(source, "")


def texts() -> Iterator[str]:
    """Every English source of the table, for translation."""
    for move in MOVES.values():
        yield move.label
        yield move.advice
        yield move.followers
        for sentence in (move.history.staff, move.history.citizen, move.history.public) if move.history else ():
            yield sentence if sentence != SAME else ""
        for _audience, *notice in move.notices:
            yield from notice
        for each in move.takes.values():
            yield from (each.label, each.hint)


def diagram() -> str:
    """The table as a Mermaid state diagram, for docs/lifecycle.md."""
    lines = [f"    {a} --> {b}: {m.name}" for a, m, b in edges() if a is not b]
    return "\n".join(["stateDiagram-v2", f"    [*] --> {FIRST}", *lines])
