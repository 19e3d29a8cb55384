"""The plan, from rows alone: nothing is lost, nothing doubled, and only what is unclear is asked.

Proves: An act renames, merges, divides, abolishes agencies and communes by a document and a date; a pure plan says
what moves where and asks what is unclear"""

from dataclasses import replace
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.places.succession import NewUnit, Plan
from caunoi.reorganisation.checks import ExistingUnit, problems
from caunoi.reorganisation.plan import Belongs, Change, Decisions, Leg, Open, Place, Rows, plan
from tests.examples import examples

HEAD = Plan(act=1, number="1/NQ", on=date(2026, 9, 1), at=datetime(2026, 9, 1, tzinfo=UTC))
# Areas 1, 2, 3 with their committees 11, 12, 13; 14 is a department.
ROWS = Rows(
    areas=tuple(Place(id=n, code=f"2500{n}", parent=9) for n in (1, 2, 3)),
    agencies=(*(Place(id=10 + n, code=f"ubnd-{n}", area=n) for n in (1, 2, 3)), Place(id=14, code="so")),
)


def ward(code):
    return NewUnit(what="area", code=code, name=f"Phường {code}", kind="Phường")


def committee(code, within):
    return NewUnit(what="agency", code=code, name=f"UBND {code}", kind="commune", within=within)


# Commune 1 is divided between 2 and a new one; its committee likewise.
SPLIT = [
    Change(kind="split", what="area", ends=(1,), heirs=("25002", "25009")),
    Change(kind="split", what="agency", ends=(11,), heirs=("ubnd-2", "ubnd-9")),
]
NEW = [ward("25009"), committee("ubnd-9", "25009")]


def test_of_a_divided_commune_a_ticket_goes_by_its_place_and_its_agency_by_the_commune():
    tickets = (Open(id=100, area=1, agency=11, at="25009"), Open(id=101, area=1, agency=11, at="25002"))
    legs = (Leg(id=500, ticket=100, agency=11), Leg(id=501, ticket=101, agency=11))
    found, questions = plan(HEAD, SPLIT, NEW, replace(ROWS, tickets=tickets, legs=legs))
    assert found.tickets == {100: -1, 101: 2} and found.legs == {500: -2, 501: 12} and found.leads == {100: -2, 101: 12}
    assert questions == []


def test_what_the_address_does_not_say_is_asked_with_the_likeliest_first_and_the_agency_follows_the_choice():
    rows = replace(
        ROWS, tickets=(Open(id=100, area=1, agency=11, near="25009"),), legs=(Leg(id=500, ticket=100, agency=11),)
    )
    found, (question,) = plan(HEAD, SPLIT, NEW, rows)
    assert (question.key, question.options, question.default) == ("ticket_area:100", (2, -1), -1)
    assert found.legs == {500: -2}
    chosen, _ = plan(HEAD, SPLIT, NEW, rows, {"ticket_area:100": "2"})
    assert chosen.tickets == {100: 2} and chosen.legs == {500: 12}
    foreign, _ = plan(HEAD, SPLIT, NEW, rows, {"ticket_area:100": "77"})  # no option
    assert foreign.tickets == {100: -1}


def test_a_person_of_a_divided_agency_is_asked_for_and_goes_with_the_first_until_then():
    found, questions = plan(HEAD, SPLIT, NEW, replace(ROWS, people=(Belongs(id=7, agency=11),)))
    assert found.people == {7: 12} and [q.key for q in questions] == ["person:7"]


def test_a_part_that_is_split_off_leaves_the_rest_where_it_is():
    line = Change(kind="split", what="agency", ends=(14,), heirs=("so", "chi-cuc"))
    rows = replace(ROWS, tickets=(Open(id=100, area=1, agency=14),), legs=(Leg(id=500, ticket=100, agency=14),))
    found, questions = plan(HEAD, [line], [committee("chi-cuc", "")], rows)
    assert (found.ends_agencies, found.legs, found.records) == ({}, {}, {})
    assert [q.key for q in questions] == ["ticket_agency:100"]
    moved, _ = plan(HEAD, [line], [committee("chi-cuc", "")], rows, {"ticket_agency:100": "-1"})
    assert moved.legs == {500: -1} and moved.shares == ((100, 14, -1),)


def test_rules_of_merged_communes_become_one_and_of_a_divided_one_several():
    merge = [
        Change(kind="merge", what="area", ends=(1, 2), heirs=("25009",)),
        Change(kind="merge", what="agency", ends=(11, 12), heirs=("ubnd-9",)),
    ]
    rules = (
        Decisions(id=1, agency=11, area=1, same=("noise",)),
        Decisions(id=2, agency=12, area=2, same=("noise",)),
        Decisions(id=3, agency=14, area=1, same=("lamps",)),
    )
    found, _ = plan(HEAD, merge, NEW, replace(ROWS, rules=rules))
    assert sorted((c.row, c.agency, c.area) for c in found.rules) == [(1, -2, -1), (3, 14, -1)]
    assert sorted(found.ended_rules) == [1, 2, 3]
    parts, _ = plan(HEAD, SPLIT, NEW, replace(ROWS, rules=rules[:1]))
    assert sorted((c.agency, c.area) for c in parts.rules) == [(-2, -1), (12, 2)]


def test_of_two_targets_the_shorter_counts_unless_somebody_chooses():
    merge = [Change(kind="merge", what="agency", ends=(11, 12), heirs=("ubnd-9",))]
    targets = (
        Decisions(id=1, agency=11, same=("handle",), amount=5),
        Decisions(id=2, agency=12, same=("handle",), amount=3),
    )
    rows = replace(ROWS, targets=targets)
    found, (question,) = plan(HEAD, merge, [NEW[1]], rows)
    assert [c.row for c in found.targets] == [2] and sorted(found.ended_targets) == [1, 2]
    chosen, _ = plan(HEAD, merge, [NEW[1]], rows, {question.key: "1"})
    assert [c.row for c in chosen.targets] == [1]
    into = [Change(kind="merge", what="agency", ends=(11,), heirs=("ubnd-2",))]
    kept, _ = plan(HEAD, into, [], rows)
    assert kept.targets == () and list(kept.ended_targets) == [1]


def test_what_belongs_to_an_agency_that_ends_belongs_to_the_one_that_follows():
    rows = replace(ROWS, agencies=(*ROWS.agencies, Place(id=20, code="tram", parent=11)))
    merge = [Change(kind="merge", what="agency", ends=(11,), heirs=("ubnd-2",))]
    found, _ = plan(HEAD, merge, [], rows)
    assert found.parents == {20: 12}


acts = st.sampled_from(
    [
        (SPLIT, NEW),
        ([Change(kind="merge", what="agency", ends=(11, 12, 13), heirs=("ubnd-9",))], [committee("ubnd-9", "")]),
        ([Change(kind="abolish", what="agency", ends=(11, 14), heirs=("ubnd-2", "ubnd-3"))], []),
        ([Change(kind="rename", what="area", ends=(1,), heirs=("25001",))], [ward("25001")]),
    ]
)


@st.composite
def situations(draw):
    """Tickets with one leading leg and perhaps some that help."""
    tickets, legs = [], []
    for number in range(draw(st.integers(0, 6))):
        ids = draw(st.lists(st.sampled_from([11, 12, 13, 14]), unique=True, max_size=4))
        at = draw(st.sampled_from(["", "25002", "25009"]))
        tickets.append(
            Open(id=number, area=draw(st.sampled_from([None, 1, 2, 3])), agency=ids[0] if ids else None, at=at)
        )
        legs += [Leg(id=100 * number + n, ticket=number, agency=a, lead=n == 0) for n, a in enumerate(ids)]
    return replace(ROWS, tickets=tuple(tickets), legs=tuple(legs))


@examples(200)
@given(acts, situations())
def test_at_any_moment_one_holder(act, rows):
    """Whoever leads goes on leading, at the follower; nobody has two legs on a ticket; nothing stays with what ends."""
    changes, units = act
    found, _ = plan(HEAD, changes, units, rows)
    for ticket in rows.tickets:
        mine = [leg for leg in rows.legs if leg.ticket == ticket.id]
        after = [(leg.lead, found.legs.get(leg.id, leg.agency)) for leg in mine]
        kept = [(lead, agency) for lead, agency in after if agency is not None]
        leads = [agency for lead, agency in kept if lead]
        assert leads == ([found.leads.get(ticket.id, ticket.agency)] if ticket.agency else [])
        assert len({agency for _, agency in kept}) == len(kept)
        assert not {agency for _, agency in kept} & found.ends_agencies.keys()
        assert found.tickets.get(ticket.id, ticket.area) not in found.ends_areas


@given(acts, situations())
def test_whoever_had_to_do_with_a_ticket_is_followed_by_whom_it_lies_with(act, rows):
    changes, units = act
    found, _ = plan(HEAD, changes, units, rows)
    for ticket, was, goes in found.shares:
        assert was in {a for c in changes if c.what == "agency" for a in c.ends} and goes not in found.ends_agencies
        assert ticket in {t.id for t in rows.tickets}


KNOWN = {
    "area": [
        ExistingUnit(id=1, code="25001"),
        ExistingUnit(id=2, code="25002"),
        ExistingUnit(id=8, code="25008", until=date(2025, 7, 1)),
    ],
    "agency": [
        ExistingUnit(id=11, code="a"),
        ExistingUnit(id=12, code="b", until=date(2026, 9, 1), by="7/NQ"),
        ExistingUnit(id=13, code="c"),
    ],
}


def wrong(*changes, units=()):
    rows = [Change(kind=kind, what=what, ends=ends, heirs=heirs) for kind, what, ends, heirs in changes]
    return [(p.code, p.unit) for p in problems(HEAD.on, rows, units, KNOWN)]


def test_what_cannot_be_is_said():
    assert wrong() == [("nothing", "")]
    assert wrong(("rename", "area", (1,), ("25002",))) == [("shape_rename", "")]
    assert wrong(("merge", "area", (1,), ("25001",)), units=[ward("25001")]) == [("shape_merge", "")]
    assert wrong(("split", "area", (1,), ("25002",))) == [("shape_split", "")]
    assert wrong(("abolish", "agency", (11,), ())) == [("shape_abolish", "")]
    assert wrong(("merge", "agency", (12,), ("c",))) == [("not_in_force", "b")]
    assert wrong(("merge", "agency", (11,), ("b",))) == [("heir_not_in_force", "b")]
    assert wrong(("merge", "agency", (11,), ("c",)), ("abolish", "agency", (11,), ("c",))) == [("ends_twice", "a")]
    both = [("merge", "agency", (11,), ("c",)), ("merge", "agency", (13,), ("a",))]
    assert wrong(*both) == [("heir_ends", "c"), ("heir_ends", "a")]
    again = wrong(("rename", "agency", (11,), ("b",)), units=[committee("b", "")])
    assert again == [("code_taken", "b")]  # an agency's code is never used again
    assert wrong(("rename", "area", (1,), ("25008",)), units=[ward("25008")]) == []  # a commune's may be, once it ended
    assert wrong(("rename", "area", (1,), ("25001",)), units=[ward("25001")]) == []
