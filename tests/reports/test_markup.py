"""A form's text fills in names and tables, and is never more than text.

Proves: Forms of reports as rows: editable, versioned, previewed, undone; safe markup (no attributes, formats, code)"""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.reports.compose import BLOCKS, WORDS
from caunoi.reports.markup import Line, filled, lines, unknown


def test_a_text_is_headings_paragraphs_points_and_tables():
    source = "# I. KẾT QUẢ\nTrong {period}\ncó {total} phiếu.\n\n- một\n- hai\n{agencies}\n## 1. Nhỏ"
    assert lines(source) == [
        Line(kind="heading", text="I. KẾT QUẢ", level=1),
        Line(kind="text", text="Trong {period} có {total} phiếu."),
        Line(kind="item", text="một"),
        Line(kind="item", text="hai"),
        Line(kind="block", text="agencies"),
        Line(kind="heading", text="1. Nhỏ", level=2),
    ]


@pytest.mark.parametrize(
    ("source", "names"),
    [
        ("Kỳ {period}: {total}", []),
        ("{agencies}", []),
        ("Bảng {agencies} ở giữa câu", ["{agencies}"]),
        ("{period.__class__} {0} {total!r} {tổng}", ["{period.__class__}", "{0}", "{total!r}", "{tổng}"]),
        ("{nothing}", ["{nothing}"]),
        ("mở { mà không đóng", ["{ mà không đóng"]),
    ],
)
def test_what_means_nothing_is_named(source, names):
    assert unknown(source, WORDS, BLOCKS) == names


def test_what_is_put_in_is_not_looked_at_again():
    assert filled("{hotline} {total}", {"hotline": "{total}", "total": "5"}) == "{total} 5"


@given(st.text(), st.dictionaries(st.sampled_from(WORDS), st.text()))
def test_no_text_breaks_it(source, values):
    for line in lines(source):
        filled(line.text, values)
    unknown(source, WORDS, BLOCKS)
