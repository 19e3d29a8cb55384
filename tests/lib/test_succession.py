"""What stands where a unit stood on another day."""

from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.places.succession import Plan, Stretch, standing

OLD, NEW = date(2025, 6, 30), date(2025, 7, 1)
APRIL = date(2026, 4, 30)
# 1 and 2 were merged into 3; 4 was divided into 5 and 3; 6 became 7, and 7 got another name (8).
ROWS = [
    *(Stretch(id=n, until=NEW) for n in (1, 2, 4, 6)),
    *(Stretch(id=n, since=NEW) for n in (3, 5)),
    Stretch(id=7, since=NEW, until=APRIL),
    Stretch(id=8, since=APRIL),
]
FOLLOWS = [(1, 3), (2, 3), (4, 5), (4, 3), (6, 7), (7, 8)]


def test_merged_ones_count_for_what_followed_and_a_divided_one_for_itself():
    assert standing(ROWS, FOLLOWS, date(2026, 5, 1)) == {1: 3, 2: 3, 3: 3, 4: 4, 5: 5, 6: 8, 7: 8, 8: 8}


def test_in_old_boundaries_only_what_was_merely_renamed_goes_back():
    assert standing(ROWS, FOLLOWS, OLD) == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 6, 7: 6, 8: 6}


def test_between_two_acts_the_name_of_then():
    assert standing(ROWS, FOLLOWS, date(2025, 12, 1)) == {1: 3, 2: 3, 3: 3, 4: 4, 5: 5, 6: 7, 7: 7, 8: 7}


links = st.lists(st.tuples(st.sampled_from([r.id for r in ROWS]), st.sampled_from([r.id for r in ROWS])), max_size=12)


@given(links, st.dates(date(2025, 1, 1), date(2027, 1, 1)))
def test_whatever_follows_what_it_ends_and_each_has_one(links, on):
    found = standing(ROWS, links, on)
    known = {row.id: row for row in ROWS}
    assert found.keys() == known.keys()
    for pk, stood in found.items():
        assert stood == pk or known[stood].in_force(on)


def test_a_plan_with_ids_knows_no_placeholder_any_more():
    plan = Plan(
        act=1, number="1", on=NEW, at=datetime(2025, 7, 1, tzinfo=UTC), legs={1: -1, 2: None}, shares=((1, 2, -1),)
    )
    full = plan.with_ids({-1: 50})
    assert full.legs == {1: 50, 2: None} and full.shares == ((1, 2, 50),)
