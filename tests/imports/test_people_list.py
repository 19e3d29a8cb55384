"""600 contacts of 90 agencies, as offices write them down.

Proves: People: new, changed field by field, unchanged, odd rows with reason; NFD, duplicates, namesakes, unknown
agency with the nearest; 600 people of 90 agencies; twice is no change; undo; own rights kept"""

import unicodedata

import pytest

from caunoi.accounts.models import User
from caunoi.accounts.queries import everyone
from caunoi.directory import actions as directory
from caunoi.events.actor import SYSTEM
from caunoi.imports import actions, queries
from caunoi.imports.models import Batch
from tests.imports.conftest import table, workbook

HEAD = ["STT", "Họ và tên", "Chức vụ", "Đơn vị", "Số điện thoại", "Email"]


def odd(row):
    return [(one.line, one.problem, one.out) for one in queries.oddities(row)]


def fresh(row):
    assert row.plan is not None, row.error
    return {one["key"]: one["after"] for one in row.plan["fresh"]}


def test_a_list_with_title_merged_agencies_and_two_storeys_of_headings(looked, town):
    rows = [
        ["ỦY BAN NHÂN DÂN", None, None, None, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"],
        ["DANH SÁCH ĐẦU MỐI"],
        [None],
        ["STT", "Đơn vị", "Họ và tên", "Chức vụ", "Liên hệ", None],
        [None, None, None, None, "Di động", "Email"],
        [1, "Xí nghiệp Công trình công cộng", "Nguyễn Văn An", "Chuyên viên", 912345678.0, "an@demo.example"],
        [2, None, "TRẦN THỊ BÌNH", "Phó Giám đốc", "0251.3822.501 - 0912 345 679", None],
        [3, "UBND P. Bình Phước", "Ông Lê Cường", "Công chức", "+84 912 345 680", None],
        ["Tổng cộng: 3"],
    ]
    row = looked("people", workbook(rows, merged=["A2:F2", "E4:F4", "B6:B7", "A9:F9"]))
    assert fresh(row) == {
        "annv": {
            "full_name": "Nguyễn Văn An",
            "role": "officer",
            "agency": "xncongtrinh",
            "phone": "+84912345678",
            "email": "an@demo.example",
        },
        "binhtt": {"full_name": "Trần Thị Bình", "role": "lead", "agency": "xncongtrinh", "phone": "+84912345679"},
        "cuongl": {"full_name": "Lê Cường", "role": "officer", "agency": "ubnd-25195", "phone": "+84912345680"},
    }
    assert odd(row) == [(7, "second_phone", False)]
    assert (row.heading["header"], row.heading["columns"]["email"]) == (5, ["Liên hệ Email"])


def test_sections_name_the_agency_of_the_rows_below(looked):
    rows = [
        HEAD,
        ["I. Công ty Điện lực"],
        [1, "Võ Em", "Đội trưởng", None, "0912345681"],
        ["II. UBND xã Nghĩa Trung"],
        [1, "Đỗ Giang", None, None, "0912345682"],
    ]
    row = looked("people", workbook(rows, merged=["A2:F2", "A4:F4"]))
    assert {k: (v["agency"], v["role"]) for k, v in fresh(row).items()} == {
        "emv": ("dienluc", "lead"),
        "giangd": ("ubnd-25417", "officer"),
    }


def test_brought_in_twice_nothing_changes_and_one_cell_changes_one_field(brought, looked):
    rows = [
        HEAD,
        [1, "Nguyễn Văn An", "Chuyên viên", "Điện lực", "0912345678", "an@demo.example"],
        [2, "Trưởng ca Hoa", "Trưởng ca", "", "", ""],
    ]
    rows[1][3] = "Công ty Điện lực"
    brought("people", table(rows))
    assert User.objects.get(username="annv").email == "an@demo.example"
    again = looked("people", table(rows, ";"))
    assert again.counts == {"fresh": 0, "changed": 0, "same": 2, "left": 0}
    rows[1][4] = "0912 345 999"
    changed = looked("people", table(rows))
    assert changed.plan["changed"] == [
        {
            "line": 2,
            "key": "annv",
            "name": "Nguyễn Văn An",
            "before": {"phone": "+84912345678"},
            "after": {"phone": "+84912345999"},
        }
    ]


def test_the_other_unicode_form_is_the_same_person(brought, looked):
    rows = [HEAD, [1, "Nguyễn Thị Hòa", "Chuyên viên", "Công ty Điện lực", "0912345678", ""]]
    brought("people", table(rows))
    apart = [[unicodedata.normalize("NFD", str(cell)) for cell in row] for row in rows]
    assert looked("people", table(apart)).counts["same"] == 1


@pytest.mark.parametrize(
    ("cells", "problem"),
    [
        (["", "Chuyên viên", "Công ty Điện lực", "", ""], "no_name"),
        (["Lý Ba", "Chuyên viên", "Sở Không Có", "", ""], "agency_unknown"),
        (["Lý Ba", "Chuyên viên", "", "", ""], "no_agency"),
        (["Lý Ba", "Tổng đài viên", "Công ty Điện lực", "", ""], "role_of_centre"),
        (["Lý Ba", "", "", "", ""], "no_role"),
        (["#REF!", "Chuyên viên", "Công ty Điện lực", "", ""], "cell_error"),
        (["=B7&C7", "Chuyên viên", "Công ty Điện lực", "", ""], "formula"),
        (["An Văn", "Thổi kèn", "", "", ""], "role_unknown"),
        (["An Văn", "Vua", "Công ty Điện lực", "", ""], "role_unknown"),
    ],
)
def test_a_row_that_cannot_be_is_left_out_with_its_reason(looked, cells, problem):
    good = [1, "Lê Tốt", "Chuyên viên", "Công ty Điện lực", "", ""]
    row = looked("people", table([HEAD, [2, *cells], good]))
    assert (2, problem, True) in odd(row)
    assert list(fresh(row)) == ["totl"]


def test_a_word_settles_an_unknown_role(looked):
    rows = [HEAD, [1, "Lý Ba", "Vua", "Công ty Điện lực", "", ""]]
    told = looked("people", table(rows), words={"role": {"vua": "lead"}})
    assert fresh(told)["bal"]["role"] == "lead"


def test_an_unknown_agency_is_offered_the_nearest_and_a_word_settles_it(looked):
    rows = [HEAD, [1, "Lý Ba", "Chuyên viên", "Cty Điện lực tỉnh", "", ""]]
    row = looked("people", table(rows))
    assert [(one.problem, one.suggest) for one in queries.oddities(row)] == [("agency_unknown", "dienluc")]
    told = looked("people", table(rows), words={"agency": {"cty dien luc tinh": "dienluc"}})
    assert fresh(told)["bal"]["agency"] == "dienluc"


def test_namesakes_and_repeated_rows_are_told_apart_by_a_person(looked):
    same = ["Lý Ba", "Chuyên viên", "Công ty Điện lực", "0912345670", ""]
    row = looked("people", table([HEAD, [1, *same], [2, *same], [3, *same[:3], "0912345671", ""]]))
    assert odd(row) == [(3, "twice", True), (4, "namesake", True)]


def test_what_was_left_out_can_be_put_right_from_its_own_cells(looked):
    row = looked("people", table([HEAD, [1, "Lý Ba", "Chuyên viên", "", "", ""]]))
    (one,) = queries.oddities(row)
    assert one.cells == ["1", "Lý Ba", "Chuyên viên"] + [""] * 3


def test_nobody_gets_a_password_that_others_know(brought):
    brought("people", table([HEAD, [1, "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""]]))
    assert not User.objects.get(username="bal").has_usable_password()


def test_taken_back_it_is_as_before(brought, town):
    town.users["minh"].phone = "+84912000001"
    town.users["minh"].save()
    columns = ("username", "full_name", "role", "agency_id", "phone", "email")
    before = list(everyone().order_by("pk").values(*columns))
    head = ["Tên đăng nhập", *HEAD[1:]]
    row = brought(
        "people",
        table(
            [
                head,
                ["minh", "Lê Minh", "Giám đốc", "Xí nghiệp Công trình công cộng", "0912000002", "m@demo.example"],
                ["", "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""],
            ]
        ),
        by=town.quan,
    )
    assert User.objects.get(username="minh").role == "lead"
    row = actions.undo(row, by=town.quan)
    assert (row.state, row.counts["kept"]) == (Batch.State.UNDONE, 0)
    assert list(everyone().order_by("pk").values(*columns)) == before


def test_taking_back_leaves_what_was_used_or_changed_since(brought, town):
    row = brought(
        "people",
        table(
            [
                HEAD,
                [1, "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""],
                [2, "Lý Tư", "Chuyên viên", "Công ty Điện lực", "", ""],
            ]
        ),
    )
    used = User.objects.get(username="bal")
    used.last_login = row.applied
    used.save()
    row = actions.undo(row, by=town.quan)
    assert (row.plan["kept"], everyone().filter(username__in=["bal", "tul"]).count()) == (["bal"], 1)


def test_a_list_brought_in_again_finds_its_people_and_gives_no_used_name_to_another(brought, looked, town):
    rows = [[1, "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""]]
    actions.undo(brought("people", table([HEAD, *rows])), by=town.quan)
    gone = User.objects.get(username="bal")
    others = table([HEAD, [1, "Lã Ba", "Chuyên viên", "Công ty Điện lực", "", ""], *rows])
    assert {key: after["full_name"] for key, after in fresh(looked("people", others)).items()} == {
        "bal2": "Lã Ba",
        "bal": "Lý Ba",
    }
    named = [["Tên đăng nhập", *HEAD[1:]], ["bal", "Lã Ba", "Chuyên viên", "Công ty Điện lực", "", ""]]
    assert odd(looked("people", table(named))) == [(2, "username_was_used", True)]
    brought("people", table([HEAD, *rows]))
    back = User.objects.get(username="bal")
    assert (back.pk, back.removed, back.agency) == (gone.pk, None, town.power)


def test_nobody_takes_the_own_rights_away(looked, town, file):
    path = file(table([["Tên đăng nhập", "Họ và tên", "Vai trò"], ["quan", "Quan", "Tổng đài viên"]]))
    row = actions.look(actions.open_batch("people", path, by=town.quan), path)
    assert odd(row) == [(2, "own_role", True)]


def test_what_changed_meanwhile_is_shown_again_and_not_carried_out(town, file):
    path = file(table([HEAD, [1, "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""]]))
    row = actions.look(actions.open_batch("people", path, by=town.quan), path)
    other = file(table([HEAD, [1, "Lý Ba", "Giám đốc", "Công ty Điện lực", "", ""]]))
    first = actions.look(actions.open_batch("people", other, by=town.quan), other)
    actions.bring_in(first, by=town.quan, path=other)
    with pytest.raises(actions.WrongStateError):
        actions.bring_in(row, by=town.quan, path=path)
    row.refresh_from_db()
    assert row.plan["changed"][0]["after"] == {"role": "officer"}


@pytest.mark.long
def test_ninety_agencies_and_six_hundred_people(brought, looked, town, django_assert_max_num_queries):
    agencies = [
        ["Tên đơn vị", "Điện thoại"],
        *([f"Trung tâm thử nghiệm số {n}", f"0251 3800 {n:03d}"] for n in range(90)),
    ]
    assert brought("agencies", workbook(agencies)).counts["fresh"] == 90
    people = [
        HEAD,
        *(
            [n, f"Người Thử {n}", "Chuyên viên", f"Trung tâm thử nghiệm số {n % 90}", f"0912{n:06d}", ""]
            for n in range(600)
        ),
    ]
    with django_assert_max_num_queries(40):
        row = looked("people", workbook(people))
    assert row.counts["fresh"] == 600
    brought("people", workbook(people))
    assert looked("people", workbook(people)).counts == {"fresh": 0, "changed": 0, "same": 600, "left": 0}


def test_a_retired_agency_takes_nobody(looked, town):
    directory.retire(town.power, by=SYSTEM)
    row = looked("people", table([HEAD, [1, "Lý Ba", "Chuyên viên", "Công ty Điện lực", "", ""]]))
    assert odd(row)[0][1] == "agency_unknown"
