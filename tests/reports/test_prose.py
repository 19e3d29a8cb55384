"""What an office signs says no more than the figures do.

Proves: Sentences drafted from figures: counts for small numbers, "higher/lower" only beyond chance (95 %), no
comparison with empty or running periods"""

import re

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports import prose
from caunoi.reports.spans import Turn, before, parse, year_before

SPAN = parse("2026-10", Turn())
SPANS = {"before": before(SPAN, Turn()), "year_before": year_before(SPAN, Turn())}
COUNT = st.integers(0, 400)
FOUR = ("on_time", "late", "open_within", "open_overdue")


def row(*four, code="", name="", **more):
    return {"code": code, "name": name, **dict(zip(FOUR, four, strict=True)), "total": sum(four), **more}


def reading(whole, then=(0, 0, 0, 0), ago=(0, 0, 0, 0), at="2026-11-02T08:00:00+07:00", **more):
    return {
        "at": at,
        "whole": row(*whole),
        "half": None,
        "content": None,
        "before": {"whole": row(*then)},
        "year_before": {"whole": row(*ago)},
        "groups": {"agency": [], "category": []},
        "asked": dict.fromkeys(("asked", "on_time", "late", "open", "overdue"), 0),
        **more,
    }


def said(found):
    with override("vi"):
        return " ".join(prose.summary(found, SPAN, SPANS, hotline="Tổng đài 1022", small=10))


def test_a_month_is_told_with_what_it_is_compared_with():
    text = said(reading((650, 50, 90, 22), (500, 150, 0, 73), (600, 40, 0, 0)))
    assert "Trong tháng 10 năm 2026, Tổng đài 1022 tiếp nhận 812 phản ánh" in text
    assert "tăng 89 phiếu (12,3%) so với tháng 9 năm 2026" in text
    assert "tăng 172 phiếu (26,9%) so với tháng 10 năm 2025" in text
    assert "đã xử lý xong 700 phiếu (86,2%), gồm 650 phiếu đúng hạn và 50 phiếu trễ hạn" in text
    assert "cao hơn tháng 9 năm 2026" in text


def test_a_small_difference_is_called_no_difference():
    text = said(reading((90, 10, 0, 0), (88, 12, 0, 0)))
    assert "tháng 9 năm 2026 là 88,0%; chênh lệch chưa đủ lớn để kết luận" in text
    assert "cao hơn" not in text and "thấp hơn" not in text


def test_small_numbers_are_counts():
    text = said(reading((3, 1, 2, 0), (4, 0, 0, 0)))
    assert "%" not in text
    assert "tăng 2 phiếu so với tháng 9 năm 2026 (4 phiếu)" in text


def test_nothing_is_compared_with_a_time_without_figures():
    assert "so với" not in said(reading((100, 10, 5, 1)))


def test_a_running_period_is_not_compared_with_a_whole_one():
    text = said(reading((100, 10, 5, 1), (300, 10, 0, 0), at="2026-10-20T08:00:00+07:00"))
    assert "tính đến 08:00 ngày 20/10/2026" in text
    assert "tháng 9" not in text


def test_who_is_late_is_named_by_counts_and_nobody_when_nobody_is():
    works = row(5, 2, 0, 3, code="w", name="Xí nghiệp")
    good = row(9, 0, 1, 0, code="g", name="Điện lực")
    assert "Xí nghiệp (5 phiếu, trong đó 3 phiếu chưa xử lý xong)" in said(
        reading((14, 2, 1, 3), groups={"agency": [works, good], "category": []})
    )
    text = said(reading((9, 0, 1, 0), groups={"agency": [good], "category": []}))
    assert "Không đơn vị nào có phiếu trễ hạn" in text and "Điện lực" not in text


@given(st.tuples(COUNT, COUNT, COUNT, COUNT), st.tuples(COUNT, COUNT, COUNT, COUNT))
def test_its_numbers_add_up_and_no_share_is_whole_unless_all_are(whole, then):
    text = said(reading(whole, then))
    done = whole[0] + whole[1]
    if sum(whole):
        assert f"tiếp nhận {prose.number(sum(whole))} phản ánh" in text
    match = re.search(r"đã xử lý xong [\d.]+ phiếu \((\d[\d,]*)%\)", text)
    if match:
        assert (match[1] == "100") == (done == sum(whole))


@pytest.mark.parametrize(
    ("a", "b", "differ"), [((90, 100), (70, 100), True), ((9, 10), (7, 10), False), ((0, 0), (5, 5), False)]
)
def test_shares_differ_where_chance_does_not_explain_it(a, b, differ):
    assert prose.differs(*a, *b) is differ
