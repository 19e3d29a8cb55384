import pytest
from django.utils import translation
from django.utils.module_loading import import_string

from caunoi.events.actor import Actor, Role, citizen
from caunoi.tickets.lifecycle import (
    ENDS,
    FIRST,
    MOVES,
    SAME,
    MissingDataError,
    NotAllowedError,
    NotPossibleError,
    Sentences,
    State,
    check,
    diagram,
    edges,
    moves_from,
    texts,
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
