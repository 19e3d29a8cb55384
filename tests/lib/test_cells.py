"""What people write into cells, as what they mean.

Proves: Dates, times, two phones in a cell, lost zeros, old area codes"""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.lib.tables.cells import flawed, moment, phones, text

HERE = ZoneInfo("Asia/Ho_Chi_Minh")


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("25/12/2025 14:05", "2025-12-25 14:05:00"),
        ("5-3-2024", "2024-03-05 00:00:00"),
        ("14h05 ngày 25/12/2025", "2025-12-25 14:05:00"),
        ("25.12.2025 lúc 9 giờ 5 phút", "2025-12-25 09:05:00"),
        ("ngày 2 tháng 9 năm 2025", "2025-09-02 00:00:00"),
        ("25/12/25 2:05:09 CH", "2025-12-25 14:05:09"),
        ("2025-12-25 23:59", "2025-12-25 23:59:00"),
        (datetime(2025, 12, 25, 7), "2025-12-25 07:00:00"),
        (date(2025, 12, 25), "2025-12-25 00:00:00"),
        (46016.5, "2025-12-25 12:00:00"),
    ],
)
def test_moments_as_they_are_written_here(cell, said):
    assert moment(cell) == datetime.fromisoformat(said).replace(tzinfo=HERE)


@pytest.mark.parametrize("cell", [None, "", "hôm qua", "31/02/2025", "13/13/2025", True, time(8), -5, "25:61"])
def test_what_is_no_moment_is_none(cell):
    assert moment(cell) is None


def test_the_order_the_zone_and_the_clocks_own_cell():
    assert moment("02/17/2020 12:19:00 AM", order="mdy", zone="UTC") == datetime(
        2020, 2, 17, 0, 19, tzinfo=ZoneInfo("UTC")
    )
    assert moment("2025-12-25T07:00:00Z") == datetime(2025, 12, 25, 7, tzinfo=ZoneInfo("UTC"))
    assert moment(datetime(2025, 12, 25), clock="8g") == datetime(2025, 12, 25, tzinfo=HERE)
    assert moment("25/12/2025", clock=0.75) == moment("25/12/2025", clock=time(18)) == moment("25/12/2025 18:00")


@given(st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1)).map(lambda at: at.replace(microsecond=0)))
def test_a_written_moment_is_read_back(at):
    assert moment(f"{at:%d/%m/%Y %H:%M:%S}") == at.replace(tzinfo=HERE)
    assert moment(f"{at:%m/%d/%Y %I:%M:%S %p}", order="mdy") == at.replace(tzinfo=HERE)


@pytest.mark.parametrize(
    ("cell", "good", "bad"),
    [
        (912345678.0, ["+84912345678"], []),
        ("0251.3822.501 - 0912 345 679", ["+84912345679", "+842513822501"], []),
        ("0912345678; 0912345678", ["+84912345678"], []),
        ("0651 3822 501", ["+842713822501"], []),
        ("01234567890 / 0912.345.678 (Zalo)", ["+84834567890"], ["0912.345.678 (Zalo)"]),
        ("1022", ["1022"], []),
        ("không có", [], ["không có"]),
        ("-", [], []),
        (None, [], []),
    ],
)
def test_numbers_of_a_cell_mobiles_first(cell, good, bad):
    assert phones(cell) == (good, bad)


def test_cells_as_words_and_excels_trouble():
    assert [
        text(cell) for cell in (None, 12.0, 1.5, date(2025, 1, 2), datetime(2025, 1, 2, 3, 4), time(8, 5), True)
    ] == [
        "",
        "12",
        "1.5",
        "02/01/2025",
        "02/01/2025 03:04",
        "08:05",
        "x",
    ]
    assert [flawed(cell) for cell in ("#N/A", "=A1", "=", "x", None)] == ["cell_error", "formula", "", "", ""]
