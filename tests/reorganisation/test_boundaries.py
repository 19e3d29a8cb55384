"""Figures in old or new boundaries: whatever is certain is mapped, and the sum is always the same.

Proves: Figures in old or new boundaries (`boundaries=now, then or YYYY-MM-DD`), the sum always the same
Proves: Boundaries chosen on the board and in the API; other words 422"""

from datetime import UTC, date, datetime, timedelta

import pytest

from caunoi.directory.boundaries import boundaries
from caunoi.directory.queries import every_name, forget
from caunoi.reorganisation import tasks
from caunoi.statistics import rollup
from caunoi.statistics.figures import grouped
from caunoi.statistics.models import Cursor, Hold, Pair, Span, Tally
from caunoi.statistics.scope import Scope
from tests.reorganisation.conftest import DAY, agency, scheduled, ward

BEFORE = "2026-08-31"


def by_area(words, **more):
    at = datetime(2026, 12, 1, tzinfo=UTC)
    given = boundaries(words) if words else None
    scope = Scope(since=at - timedelta(days=365), until=at, at=at, boundaries=given, **more)
    return {row.key: row.total for row in grouped(scope, ["area"])["area"]}


@pytest.fixture
def merged(town, take, clock):
    """Two closed and one open ticket of the ward, one closed of the commune; then both become one under the ward's
    code, and one more comes in."""
    for state, area in (
        ("answered", town.ward),
        ("answered", town.ward),
        ("routed", town.ward),
        ("answered", town.commune),
    ):
        take(state, area=area)
    new = ward("25195", "Phường Bình Phước Mới", town.ward)
    scheduled(town, "1/NQ", ("merge", "area", [town.ward, town.commune], ["25195"]), begins=[new])
    clock(to=DAY)
    tasks.keep_up()
    forget()
    take("routed", area=type(town.ward).objects.get(code="25195", valid_to=None))


def test_in_new_boundaries_everything_is_the_new_ward(merged):
    assert by_area("now") == {"25195": 5}


def test_in_old_boundaries_each_where_it_was_and_what_came_later_in_the_new_one(merged):
    assert by_area(BEFORE) == {"25195": 3, "25417": 1, f"25195@{DAY}": 1}
    assert every_name()["area"][f"25195@{DAY}"][0] == "Phường Bình Phước Mới"


def test_each_as_it_was_when_it_was_written_down(merged):
    assert by_area("then") == {f"25195~{DAY}": 3, f"25417~{DAY}": 1, "25195": 1}


def test_a_breakdown_is_narrowed_by_the_same_units(merged):
    assert by_area(BEFORE, area="25195") == {"25195": 3}


@pytest.mark.parametrize("words", ["", "now", "then", BEFORE, "2020-01-01", "2030-01-01"])
def test_the_sum_is_the_same_in_all_boundaries(merged, words):
    assert sum(by_area(words).values()) == 5


def test_a_divided_commune_counts_for_itself_but_open_tickets_where_a_person_put_them(town, take, clock):
    done, still = take("answered"), take("routed")
    parts = [ward("25901", "Phường Một", town.ward), ward("25902", "Phường Hai", town.ward)]
    scheduled(
        town,
        "2/NQ",
        ("split", "area", [town.ward], ["25901", "25902"]),
        begins=parts,
        choices={f"ticket_area:{still.pk}": "-2"},
    )
    clock(to=DAY)
    tasks.keep_up()
    forget()
    assert by_area("now") == {f"25195~{DAY}": 1, "25902": 1}
    assert by_area(BEFORE) == {"25195": 2}
    assert done.area_id == town.ward.pk


def test_spans_of_an_older_version_are_right_at_once_and_written_anew_in_slices(merged, monkeypatch):
    def tallies():
        return sorted(Tally.objects.filter(by="place").values_list("key", "day", "open"))

    before, tallies_before = by_area(BEFORE), tallies()
    Span.objects.update(place="")
    Tally.objects.filter(by="place").delete()
    Pair.objects.filter(other="place").delete()
    Cursor.objects.update(shape=2)
    with monkeypatch.context() as patched:
        patched.setattr(rollup, "fresh", lambda: None)  # an upgrade, its worker not yet begun
        assert by_area(BEFORE) == before
    monkeypatch.setattr(rollup, "SLICE", 2)
    steps = list(iter(rollup.step, 0))
    assert max(steps) == 2 and len(steps) > 1
    assert by_area(BEFORE) == before
    assert tallies() == tallies_before
    assert not Span.objects.filter(place="").exists()


def test_other_words_are_no_boundaries(town):
    with pytest.raises(ValueError):
        boundaries("yesterday")
    assert date.fromisoformat(BEFORE) < DAY


def test_what_an_act_passed_on_is_held_and_counted_by_the_follower_from_then_on(town, take, clock):
    ticket = take("working")
    new = agency("dothi", "Công ty Dịch vụ đô thị", town.works)
    scheduled(town, "3/NQ", ("merge", "agency", [town.works, town.power], ["dothi"]), begins=[new])
    clock(to=DAY)
    tasks.keep_up()
    at = datetime(2026, 12, 1, tzinfo=UTC)
    scope = Scope(since=at - timedelta(days=365), until=at, at=at)
    assert {row.key: row.total for row in grouped(scope, ["agency"])["agency"]} == {"dothi": 1}
    held = [(h.agency, h.until is None) for h in Hold.objects.filter(ticket=ticket.pk).order_by("hop")]
    assert held == [("", False), ("xncongtrinh", False), ("dothi", True)]


def test_the_board_offers_boundaries_and_tells_them_apart(merged, town, client):
    client.force_login(town.users["phong"], backend="django.contrib.auth.backends.ModelBackend")
    page = f"/board/?from=2026-08-01&to=2026-09-30&boundaries={BEFORE}"
    text = client.get(page).content.decode()
    assert "Theo tổ chức trước 01/09/2026" in text and "Phường Bình Phước Mới" in text
    today = client.get(page.replace(BEFORE, "now")).content.decode()
    assert text.count("Xã Nghĩa Trung") > today.count("Xã Nghĩa Trung")  # it has a row of its own
    assert client.get(page.replace(BEFORE, "yesterday")).status_code == 200
