"""The register's own index: what is in it, how it is searched, counted on the map, and that it is never behind.

Proves: Register: search with and without marks, abbreviations, typed marks decide, all-but-one fallback said aloud;
filters field, commune, agency, state with kept counts; keyset paging
Proves: Index of the register filled and kept in the transaction that publishes, corrects or withdraws; lists,
search, map, feed, near, similar forget a withdrawn ticket at once
Proves: Map: squares per level from kept counters (rows only added, folded later), few shown one by one, single
places from zoom 15; Hoàng Sa and Trường Sa; typed alternative to each action (selects, place typed, coordinates)"""

from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils.timezone import now

from caunoi.lib.places.squares import Box
from caunoi.publication import actions, queries
from caunoi.publication.models import Change, Publication, Square
from caunoi.publication.queries import RegisterFilter, counted, edition, listed, spots
from caunoi.routing import actions as routing
from caunoi.triage.alike import Report

HERE = Box(106.8, 11.4, 107.0, 11.6)
type Publish = Callable[..., Publication]


def texts(page: Any) -> list[str]:
    return [p.text for p in page.rows]


def test_words_are_found_with_and_without_marks_and_with_one_too_many(publish: Publish) -> None:
    publish("Đèn đường trước chợ tắt.")
    publish("Ổ gà trước trường học.")
    for typed in ("đèn đường", "den duong", "ĐÈN ĐƯỜNG", "đen đương"):
        assert texts(listed(RegisterFilter(text=typed))) == ["Đèn đường trước chợ tắt."], typed
    page = listed(RegisterFilter(text="đèn đường nhấp nháy"))
    assert (texts(page), page.way) == ([], "")
    page = listed(RegisterFilter(text="đèn đường hỏng"))
    assert (texts(page), page.way) == (["Đèn đường trước chợ tắt."], "any")


def test_abbreviations_are_understood(publish: Publish) -> None:
    publish("Quốc lộ 14 ngập sâu.")
    assert texts(listed(RegisterFilter(text="QL14 ngập"))) == ["Quốc lộ 14 ngập sâu."]


def test_marks_decide_where_they_fill_a_page(publish: Publish) -> None:
    for _ in range(3):
        publish("Bán hàng lấn chiếm vỉa hè.")
    publish("Bàn ghế công viên hư.")
    page = listed(RegisterFilter(text="bán hàng"), size=2)
    assert page.way == "exact" and page.more
    older = listed(RegisterFilter(text="bán hàng"), before=page.rows[-1].pk, way=page.way, size=2)
    assert texts(older) == ["Bán hàng lấn chiếm vỉa hè."]


def test_pages_follow_each_other_without_gap_or_double(publish: Publish) -> None:
    made = [publish(f"Đèn số {n} tắt.").pk for n in range(7)]
    for wanted in (
        RegisterFilter(),
        RegisterFilter(text="đèn"),
        RegisterFilter(agency="xncongtrinh", category="lamps", status="open"),
    ):
        seen: list[int] = []
        before = None
        while True:
            page = listed(wanted, before=before, size=3)
            seen += [p.pk for p in page.rows]
            if not page.more:
                break
            before = seen[-1]
        assert seen == made[::-1]


@pytest.mark.parametrize(
    "wanted",
    [
        RegisterFilter(category="noise"),
        RegisterFilter(area="25417"),
        RegisterFilter(agency="dienluc"),
        RegisterFilter(status="done"),
        RegisterFilter(area="no"),
    ],
    ids=str,
)
def test_a_narrowing_leaves_the_others_out(publish: Publish, wanted: RegisterFilter) -> None:
    publish()
    assert not listed(wanted).rows and not spots(wanted, HERE, 9) and not counted(wanted)[wanted.status or "all"]


def test_the_index_follows_the_ticket(publish: Publish, town: SimpleNamespace) -> None:
    publication = publish()
    assert counted(RegisterFilter()) == {"all": 1, "open": 1, "done": 0}
    routing.start(publication.ticket, by=town.minh)
    type(publication.ticket).objects.filter(pk=publication.ticket_id).update(state="answered", agency=town.power)
    actions.refile([publication.ticket_id])
    assert counted(RegisterFilter()) == {"all": 1, "open": 0, "done": 1}
    assert (
        listed(RegisterFilter(agency="dienluc", status="done")).rows
        and not listed(RegisterFilter(agency="xncongtrinh")).rows
    )
    assert [s.done for s in spots(RegisterFilter(), HERE, 9)] == [1]


def test_what_is_withdrawn_is_nowhere_at_once(publish: Publish, town: SimpleNamespace) -> None:
    publication = publish()
    actions.withdraw(publication, "Có tên người", by=town.thu)
    assert not listed(RegisterFilter()).rows and not listed(RegisterFilter(text="đèn")).rows
    assert not any(spots(RegisterFilter(text=text), HERE, zoom) for text in ("", "đèn") for zoom in (5, 9, 12, 16))
    assert not queries.near(106.901, 11.524)
    assert not queries.alike(Report(text="đèn đường chợ tắt", lat=11.524, long=106.901))
    assert counted(RegisterFilter()) == {"all": 0, "open": 0, "done": 0}


def test_published_tickets_that_are_probably_the_same_are_offered_until_withdrawn(
    publish: Publish, town: SimpleNamespace
) -> None:
    publication = publish("Đèn đường trước chợ Minh Hưng tắt hết, tối om.")
    publish("Ngập đường Hùng Vương sau mưa.", place=(11.9, 107.3))
    report = Report(text="đèn đường chợ Minh Hưng tắt tối quá", category="lamps", at=now())
    at_market, in_ward = replace(report, lat=11.524, long=106.901), replace(report, area=town.ward.code)
    (near, *_), (within, *_) = queries.alike(at_market), queries.alike(in_ward)
    assert near.publication == within.publication == publication
    assert near.metres is not None and near.metres < 1 and within.metres is None
    assert queries.alike(replace(in_ward, text="xin hỏi thủ tục đổi giấy phép lái xe", category="")) == []
    assert queries.alike(report) == [] == queries.alike(replace(in_ward, text="ở đây có đèn")), "no place, no words"
    assert queries.alike(replace(at_market, lat=11.55)) == [], "another place, with the same words"
    actions.withdraw(publication, "Có tên người", by=town.thu)
    assert publication not in [one.publication for one in queries.alike(in_ward)]


def test_the_map_shows_few_one_by_one_and_many_as_numbers(publish: Publish, monkeypatch: Any) -> None:
    first, second = publish(), publish("Đèn khác tắt.", place=(11.55, 106.94))
    publish("Không có nơi nào.", place=None)
    assert {s.newest for s in spots(RegisterFilter(), HERE, 12)} == {first.pk, second.pk}
    monkeypatch.setattr(queries.places, "FEW", 0)
    (spot,) = spots(RegisterFilter(), HERE, 5)
    assert (spot.count, spot.done, spot.newest) == (2, 0, None)
    assert spot.longitude == pytest.approx(106.9205) and spot.latitude == pytest.approx(11.537)
    assert sum(s.count for s in spots(RegisterFilter(), HERE, 12)) == 2
    assert not spots(RegisterFilter(), Box(105, 10, 106, 11), 9)


def test_many_in_a_near_view_are_not_told_apart(publish: Publish, monkeypatch: Any) -> None:
    first, second = publish(place=(11.519, 106.899)), publish(place=(11.523, 106.899))
    near = Box(106.89, 11.51, 106.91, 11.53)
    assert {s.newest for s in spots(RegisterFilter(), near, 15)} == {first.pk, second.pk}
    monkeypatch.setattr(queries.places, "FEW", 1)
    found = spots(RegisterFilter(), near, 15)
    assert [(s.count, s.newest) for s in found] == [(1, None)] * 2
    assert {round(s.latitude, 3) for s in found} == {11.519, 11.523}
    assert {s.newest for s in spots(RegisterFilter(), near, 18)} == {first.pk, second.pk}


def test_squares_counted_later_are_those_counted_at_once(publish: Publish, town: SimpleNamespace) -> None:
    kept = [publish(f"Đèn {n} tắt.") for n in range(3)]
    publish("Không có nơi nào.", place=None)
    actions.withdraw(kept.pop(), "Sai", by=town.thu)
    actions.fold()
    columns = ("level", "block", "x", "y", "category", "area", "agency", "done", "count", "east", "north")

    def squares() -> list[tuple[Any, ...]]:
        rows = Square.objects.order_by("level").values_list(*columns)
        return [(*row[:-2], round(row[-2], 6), round(row[-1], 6)) for row in rows]

    before = squares()
    count = import_module("caunoi.publication.migrations.0008_fine_squares").COUNT
    with connection.cursor() as cursor:
        cursor.execute(count)
        assert cursor.rowcount == 0  # nothing lacks
        Square.objects.filter(level=18).delete()
        cursor.execute(count)
    assert squares() == before


def test_folding_changes_no_number(publish: Publish, town: SimpleNamespace, monkeypatch: Any) -> None:
    monkeypatch.setattr(queries.places, "FEW", 0)
    kept = [publish(f"Đèn {n} tắt.") for n in range(4)]
    actions.withdraw(kept.pop(), "Sai", by=town.thu)
    before = (spots(RegisterFilter(), HERE, 9), counted(RegisterFilter()), Square.objects.count())
    actions.fold()
    assert (spots(RegisterFilter(), HERE, 9), counted(RegisterFilter())) == before[:2]
    assert Square.objects.count() == 7 < before[2]
    publish("Thêm một đèn.")
    actions.fold()
    assert counted(RegisterFilter())["all"] == 4 and Square.objects.count() == 7


def test_every_change_makes_an_edition_and_sweeping_none(publish: Publish, town: SimpleNamespace) -> None:
    numbers = [edition()]
    publication = publish()
    numbers.append(edition())
    actions.publish(publication, by=town.thu, text="Đã sửa lời.", note="Sai chính tả")
    numbers.append(edition())
    actions.refile([publication.ticket_id])
    numbers.append(edition())
    actions.withdraw(publication, "Sai", by=town.thu)
    numbers.append(edition())
    assert numbers == sorted(set(numbers))
    actions.sweep()
    assert edition() == numbers[-1] and not Change.objects.exists()
    actions.sweep()
    assert edition() == numbers[-1]
