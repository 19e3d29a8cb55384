"""Agencies by the ninety, from a spreadsheet.

Proves: Agencies the same way; kind, commune, code from the name"""

from caunoi.directory.models import Agency
from caunoi.imports import actions, queries
from caunoi.imports.agencies import kind_of
from caunoi.lib.tables.nearest import Names
from tests.imports.conftest import table, workbook

HEAD = ["Mã", "Tên đơn vị", "Loại", "Địa bàn", "Điện thoại", "Thư điện tử", "Giờ làm việc"]


def odd(row):
    return [(one.line, one.problem, one.text, one.suggest) for one in queries.oddities(row)]


def test_what_a_name_says_fills_what_lacks(brought):
    brought(
        "agencies",
        workbook(
            [
                ["STT", "Tên cơ quan, đơn vị", "SĐT"],
                [1, "Sở Xây dựng", "0251 3822 999"],
                [2, "Công an phường Bình Phước", 1022],
                [3, "UBND xã Tân Lợi", None],
            ]
        ),
    )
    made = {row.code: row for row in Agency.objects.select_related("area", "calendar")}
    works = made["so-xay-dung"]
    assert (works.kind, works.phone, works.calendar.code) == ("department", "+842513822999", "office")
    police = next(row for code, row in made.items() if row.kind == "police")
    assert (police.area.code, police.phone) == ("25195", "1022")


def test_changes_are_field_by_field_and_twice_is_once(brought, looked):
    rows = [
        HEAD,
        ["dienluc", "", "", "", "0251 3000 111", "dien@demo.example", "24/7"],
        ["", "Xí nghiệp Công trình công cộng", "Doanh nghiệp", "", "", "", ""],
    ]
    row = looked("agencies", table(rows))
    assert [(one["key"], one["after"]) for one in row.plan["changed"]] == [
        ("dienluc", {"phone": "+842513000111", "email": "dien@demo.example"})
    ]
    assert row.counts["same"] == 1
    brought("agencies", table(rows))
    assert looked("agencies", table(rows)).counts == {"fresh": 0, "changed": 0, "same": 2, "left": 0}


def test_taken_back_new_ones_go_and_changed_ones_say_what_they_said(brought, town):
    before = list(Agency.objects.order_by("pk").values())
    row = brought(
        "agencies", table([HEAD, ["dienluc", "Điện lực tỉnh", "", "", "", "", ""], ["", "Sở Y tế", "", "", "", "", ""]])
    )
    assert Agency.objects.get(code="dienluc").name == "Điện lực tỉnh"
    actions.undo(row, by=town.quan)
    assert list(Agency.objects.order_by("pk").values()) == before


def test_a_new_agency_that_people_were_brought_into_stays(brought, town):
    row = brought("agencies", table([["Tên đơn vị"], ["Sở Y tế"]]))
    brought("people", table([["Họ và tên", "Đơn vị"], ["Lý Ba", "Sở Y tế"]]))
    assert actions.undo(row, by=town.quan).plan["kept"] == ["so-y-te"]


def test_what_is_odd_about_a_list(looked):
    row = looked(
        "agencies",
        table(
            [
                HEAD,
                ["mã có dấu", "Sở Một", "", "", "", "", ""],
                ["", "", "Sở", "", "", "", ""],
                ["", "Sở Hai", "", "", "", "", ""],
                ["", "SỞ HAI", "", "", "", "", ""],
                ["", "Công ty Điện lưc tỉnh", "", "", "abc", "khong phai", "lúc rảnh"],
            ]
        ),
    )
    assert odd(row) == [
        (2, "bad_code", "mã có dấu", ""),
        (3, "no_name", "", ""),
        (5, "twice", "4", ""),
        (6, "phone_unreadable", "abc", ""),
        (6, "email_unreadable", "khong phai", ""),
        (6, "calendar_unknown", "lúc rảnh", ""),
        (6, "like_another", "Công ty Điện lưc tỉnh", "dienluc"),
    ]


def test_kinds_by_name():
    said = {
        "Sở Nội vụ": "department",
        "UBND P. Bình Phước": "commune",
        "Ủy ban nhân dân xã Nghĩa Trung": "commune",
        "Công an thành phố": "police",
        "Công ty CP Cấp nước": "utility",
        "Điện lực Đồng Xoài": "utility",
        "Trung tâm 1022": "centre",
        "Hội Nông dân": "other",
        "UBND tỉnh Bình Phước": "department",
    }
    assert {name: kind_of(name) for name in said} == said


def test_a_name_that_two_bear_means_neither():
    names = Names({"a": ["Phòng Kinh tế"], "b": ["phong kinh te"], "c": ["Phòng Nội vụ"]})
    assert (names.same("Phòng kinh tế"), names.same("PHÒNG NỘI VỤ"), names.nearest("phòng nội vuu")) == ("", "c", "c")
