import pytest
from django.utils import translation
from django.utils.module_loading import import_string

from caunoi.events.actor import Actor, Role, citizen
from caunoi.tickets.lifecycle import (
    DATA,
    ENDS,
    FIRST,
    HANDLED,
    MOVES,
    OPEN,
    OUTSIDE,
    SAME,
    Kind,
    MissingDataError,
    NotAllowedError,
    NotPossibleError,
    Sentences,
    State,
    Urgency,
    allowed,
    check,
    diagram,
    edges,
    moves_from,
    texts,
    words_for_citizen,
)

OPERATOR = Actor(name="lan", roles=frozenset({Role.OPERATOR}))
OFFICER = Actor(name="minh", roles=frozenset({Role.OFFICER}), agency_id=7)
PAIRS = {(a, b) for a, _, b in edges()}


def reach(start: State, pairs: set[tuple[State, State]]) -> set[State]:
    seen: set[State] = set()
    todo = [start]
    while todo:
        state = todo.pop()
        if state not in seen:
            seen.add(state)
            todo += [b for a, b in pairs if a == state]
    return seen


def test_every_state_can_be_reached():
    assert reach(FIRST, PAIRS) == set(State)


@pytest.mark.parametrize("state", State)
def test_every_state_leads_to_an_end(state):
    assert reach(state, PAIRS) & ENDS


@pytest.mark.parametrize("state", sorted(set(State) - ENDS))
def test_somebody_can_always_do_something(state):
    assert any(state in m.sources and m.roles - {Role.SYSTEM} for m in MOVES.values())


def test_an_officer_cannot_approve():
    with pytest.raises(NotAllowedError):
        check("approve", State.RESULTED, OFFICER, (), agency_id=7)


def test_an_officer_cannot_work_on_what_another_agency_leads():
    check("start", State.ROUTED, OFFICER, (), agency_id=7)
    with pytest.raises(NotAllowedError):
        check("start", State.ROUTED, OFFICER, (), agency_id=8)


def test_a_citizen_moves_only_the_ticket_of_the_link():
    assert check("reopen", State.CLOSED, citizen(5), {"reason"}, ticket_id=5)
    with pytest.raises(NotAllowedError):
        check("reopen", State.CLOSED, citizen(5), {"reason"}, ticket_id=6)


def test_a_refusal_needs_a_reason():
    with pytest.raises(MissingDataError, match="reason"):
        check("refuse", State.NEW, OPERATOR, ())


def test_a_new_ticket_is_not_handed_over_before_it_is_accepted():
    with pytest.raises(NotPossibleError):
        check("route", State.NEW, OPERATOR, {"agency"})


def test_waiting_leads_back_to_where_it_was_asked_from():
    assert MOVES["resume"].to(State.WAITING, "working") is State.WORKING
    assert MOVES["resume"].to(State.WAITING, "new") is State.NEW


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("role", Role)
def test_offered_moves_are_exactly_those_that_can_be_made(state, role):
    by = Actor(name="x", roles=frozenset({role}), agency_id=7, ticket_id=5)
    offered = {m.name for m in moves_from(state, by, ticket_id=5, agency_id=7)}
    for name, move in MOVES.items():
        try:
            check(name, state, by, set(move.takes), ticket_id=5, agency_id=7)
            made = True
        except (NotAllowedError, NotPossibleError):
            made = False
        assert made == (name in offered)


def test_the_diagram_has_every_move_that_changes_the_state():
    assert all(f": {m.name}" in diagram() for m in MOVES.values() if m.target != "stay")


def test_what_a_row_names_by_a_path_is_there():
    for move in MOVES.values():
        for path in filter(None, (move.owner, move.effect, move.condition, *move.undo)):
            assert callable(import_string(path)), path


def test_everything_that_a_row_says_has_its_words_in_vietnamese():
    with translation.override("vi"):
        assert [text for text in texts() if text and translation.gettext(text) == text] == []


@pytest.mark.parametrize(
    ("sentences", "citizen", "public"),
    [
        (Sentences(staff="a"), "", ""),
        (Sentences(staff="a", citizen="b", public="c"), "b", "c"),
        (Sentences(staff="a", citizen=SAME, public=SAME), "a", "a"),
        (Sentences(staff="a", citizen=SAME), "a", ""),
    ],
)
def test_the_citizen_and_the_public_hear_what_the_row_says_or_the_same_as_the_staff(sentences, citizen, public):
    assert (sentences.to_citizen(), sentences.to_public()) == (citizen, public)


def test_the_key_of_a_move_is_one_small_letter():
    assert [
        move.key for move in MOVES.values() if move.key and not (len(move.key) == 1 and "a" <= move.key <= "z")
    ] == []


def test_the_words_of_the_contract():
    assert [*State] == [
        "new",
        "waiting",
        "accepted",
        "routed",
        "working",
        "resulted",
        "answered",
        "closed",
        "refused",
        "merged",
    ]
    assert [*Kind] == ["report", "petition", "question"] and [*Urgency] == ["urgent", "normal", "complex"]
    assert {*OPEN} == {"new", "waiting", "accepted", "routed", "working", "resulted"}
    assert {*HANDLED} == {"answered", "closed"} and {*OUTSIDE} == {"refused", "merged"}
    assert {*ENDS} == {"closed", "refused", "merged"} and FIRST == "new"
    assert all(move.event == f"ticket.{name}" for name, move in MOVES.items())


@pytest.mark.parametrize(
    ("event", "name", "may"),
    [
        ("ticket.answer", "text", True),
        ("ticket.answer", "nothing", False),
        ("ticket.leg_answer", "text", False),
        ("ticket.refuse", "text", True),
        ("ticket.refuse", "note", False),
        ("ticket.reopen", "reason", True),
        ("ticket.revise", "reason", False),
        ("ticket.remark", "text", True),  # no move's
    ],
)
def test_which_words_the_citizen_may_read(event, name, may):
    assert words_for_citizen(event, name) == may


def test_a_datum_is_known_as_the_first_move_takes_it():
    assert DATA["text"] is MOVES["answer"].needs[0] and DATA["reason"] is MOVES["revise"].needs[0]
    assert set(DATA) == {name for move in MOVES.values() for name in move.takes}
    assert list(MOVES["refuse"].takes) == ["reason", "text", "note"]


def test_what_was_asked_from_nowhere_goes_on_at_the_centre():
    assert MOVES["resume"].to(State.WAITING, "") is State.ACCEPTED
    assert MOVES["leg_accept"].to(State.WORKING, "new") is State.WORKING
    assert MOVES["accept"].to(State.NEW, "working") is State.ACCEPTED


def test_an_agency_s_people_need_an_agency_and_a_second_role_stands_by_itself():
    nowhere = Actor(name="x", roles=frozenset({Role.OFFICER}))
    assert not allowed(MOVES["start"], nowhere, ticket_id=5, agency_id=None)
    both = Actor(name="x", roles=frozenset({Role.LEAD, Role.SUPERVISOR}), agency_id=8)
    assert allowed(MOVES["approve"], both, ticket_id=5, agency_id=7)
    assert not allowed(MOVES["start"], both, ticket_id=5, agency_id=7)
    assert allowed(MOVES["leg_accept"], nowhere, ticket_id=5, agency_id=7)  # the hand-over says whose it is
    known = Actor(name="x", roles=frozenset({Role.CITIZEN, Role.OPERATOR}), ticket_id=6)
    assert allowed(MOVES["close"], known, ticket_id=5, agency_id=None)
    assert not allowed(MOVES["route"], citizen(5), ticket_id=5, agency_id=None)


def test_a_refusal_to_move_says_which_move_which_state_and_what_is_missing():
    with pytest.raises(NotAllowedError, match=r"^route$"):
        check("route", State.ACCEPTED, OFFICER, {"agency"}, agency_id=7)
    with pytest.raises(NotPossibleError, match=r"^route: new$"):
        check("route", State.NEW, OPERATOR, {"agency"})
    with pytest.raises(MissingDataError, match=r"^category, text$") as refused:
        check("answer", State.NEW, OPERATOR, {"cites"})
    assert refused.value.fields == ["category", "text"]
    assert (NotPossibleError.code, MissingDataError.code) == ("not_possible", "missing")
    assert check("answer", State.NEW, OPERATOR, {"category", "text"}) is MOVES["answer"]
    with pytest.raises(KeyError):
        check("fly", State.NEW, OPERATOR, ())


def test_every_arrow_begins_where_its_move_may_and_leads_back_to_where_one_may_ask():
    found = {(a, m.name, b) for a, m, b in edges()}
    assert {edge for edge in found if edge[1] == "resume"} == {
        (State.WAITING, "resume", asked) for asked in (State.NEW, State.ACCEPTED, State.WORKING)
    }
    assert {(a, m) for a, m, _ in found} == {(state, move.name) for move in MOVES.values() for state in move.sources}
    assert (State.ROUTED, "leg_accept", State.ROUTED) in found and "routed --> routed" not in diagram()
    assert diagram().splitlines()[:3] == ["stateDiagram-v2", "    [*] --> new", "    new --> accepted: accept"]


def test_every_word_of_a_row_is_to_be_translated():
    said = set(texts())
    for move in MOVES.values():
        assert {move.label, move.advice, move.followers} <= said
        assert {text for _, *short_and_long in move.notices for text in short_and_long} <= said
        assert {text for datum in move.takes.values() for text in (datum.label, datum.hint)} <= said
        if move.history:
            assert {move.history.staff, move.history.citizen, move.history.public} <= said | {SAME}
    assert SAME not in said
