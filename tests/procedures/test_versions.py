"""Proves: versions with decision and days in force; compare; local notes kept over imports"""

from datetime import date, timedelta

import pytest
import time_machine
from django.utils.timezone import localdate

from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.procedures import actions, queries
from caunoi.procedures.compare import compare, pieces
from caunoi.procedures.models import Procedure
from caunoi.procedures.record import Record, parse
from tests.procedures.records import lines, raw


@pytest.fixture
def say(town):
    """Let procedure 1.000001 say something, from a day on."""

    def say(day: date | None = None, **values):
        done = actions.look(actions.upload("a", lines(raw("1.000001", **values)), by=town.thu, effective_from=day))
        actions.bring_in(done, by=town.thu)
        return queries.find("1.000001")

    return say


def test_a_new_version_ends_the_one_before(say):
    say(date(2026, 1, 1))
    procedure = say(date(2026, 7, 1), ten_thu_tuc="Tên mới", so_quyet_dinh="20/QĐ-BTP")
    new, old = queries.versions(procedure)
    assert (old.effective_from, old.effective_to, old.decision) == (date(2026, 1, 1), date(2026, 7, 1), "10/QĐ-BTP")
    assert (new.number, new.effective_to, new.decision) == (2, None, "20/QĐ-BTP")
    assert Event.objects.get(kind="procedure.version").data == {
        "code": "1.000001",
        "number": 2,
        "fields": ["name", "decision"],
    }


def test_a_version_that_begins_later_waits_for_its_day(say):
    say(localdate() - timedelta(days=9))
    day = localdate() + timedelta(days=3)
    procedure = say(day, ten_thu_tuc="Tên mới")
    assert (procedure.name, procedure.current.number, queries.ahead(procedure).number) == ("Cấp giấy số 1.000001", 1, 2)
    assert not Event.objects.filter(kind="procedure.version").exists()
    assert actions.come_into_force() == 0
    assert actions.come_into_force(day) == 1
    procedure.refresh_from_db()
    assert (procedure.name, procedure.current.number) == ("Tên mới", 2)
    assert Event.objects.filter(kind="procedure.version").count() == 1
    assert actions.come_into_force(day) == 0


def test_an_earlier_version_is_put_back_as_a_new_one(say, town):
    say()
    procedure = say(ten_thu_tuc="Tên mới")
    actions.put_back(queries.version(procedure, 1), by=town.thu)
    procedure.refresh_from_db()
    assert (procedure.name, procedure.current.number) == ("Cấp giấy số 1.000001", 3)
    assert actions.put_back(queries.version(procedure, 1), by=town.thu) is None


def test_notes_of_the_province_are_kept_over_imports(say, town):
    procedure = say()
    note = actions.write_note(procedure, "Quầy số 3.", by=town.thu, area=town.ward, phone="02513000101")
    actions.write_note(procedure, "Mang bản gốc.", by=town.thu)
    procedure = say(ten_thu_tuc="Tên mới")
    assert [n.text for n in queries.notes(procedure, "25417")] == ["Mang bản gốc."]
    assert {n.text for n in queries.notes(procedure, "25195")} == {"Quầy số 3.", "Mang bản gốc."}
    actions.set_note(note, by=town.thu, active=False)
    assert queries.notes(procedure).count() == 1
    with pytest.raises(NotAllowedError):
        actions.write_note(procedure, "x", by=town.lan)


def test_a_retired_procedure_keeps_its_address_and_points_to_the_next(say, town):
    procedure = say()
    other = Procedure.objects.create(code="1.000009", name="Thay thế", folded="thay the", sort="")
    actions.retire(procedure, by=town.thu, successor=other)
    found = queries.find("1.000001")
    assert (found.retired, found.successor) == (localdate(), other)
    assert not queries.search("cap giay")
    actions.unretire(found, by=town.thu)
    assert queries.search("cấp giấy")[0].procedure == found


def test_a_comparison_names_fields_and_words():
    old, _odd = parse(raw())
    new, _odd = parse(raw(trinh_tu_thuc_hien="Bước 1: Nộp hồ sơ qua mạng.\nBước 2: Nhận kết quả."))
    (change,) = compare(old, new)
    assert change.field == "steps"
    assert [p for p in change.pieces if p[0] != "same"] == [("gone", "sơ."), ("new", "sơ qua mạng.")]


@pytest.mark.parametrize(
    ("old", "new"), [("", "a b"), ("a b", ""), ("a " * 900, "b " + "a " * 900), ("x\ny\nz", "x\nw\nz")]
)
def test_the_pieces_hold_what_went_and_what_came(old, new):
    made = pieces(old, new, context=10**6)
    assert "".join(t for kind, t in made if kind in ("same", "gone")) == old
    assert "".join(t for kind, t in made if kind in ("same", "new")) == new


def test_long_stretches_that_stayed_are_left_out():
    words = " ".join(str(n) for n in range(500))
    made = pieces(f"{words} a", f"{words} b")
    assert ("left_out", "…") in made
    assert sum(len(text) for _kind, text in made) < 200


def test_where_to_go_follows_the_commune_and_the_agency_named(town):
    communal = Record(code="1.000001", name="x", level="Cấp xã", agency="Ủy ban nhân dân cấp xã")
    assert [a.code for a in queries.offices(communal, "25195")] == ["ubnd-25195"]
    assert [a.code for a in queries.offices(communal, "25417")] == ["ubnd-25417"]
    assert queries.offices(communal, "00000") == []
    provincial = Record(code="1.000001", name="x", level="Cấp tỉnh", agency="Công ty Điện lực tỉnh")
    assert [a.code for a in queries.offices(provincial, "25195")] == ["dienluc"]


@time_machine.travel("2026-08-01T00:06:00+07:00", tick=False)
def test_the_day_begins_in_vietnam(say):
    assert say().current.effective_from == date(2026, 8, 1)
