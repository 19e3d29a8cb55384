"""An edition comes in after a look at the difference, or by itself where that is chosen; and can be taken back."""

import json
from datetime import date

import pytest

from caunoi.cells import actions, queries
from caunoi.directory import actions as directory
from caunoi.directory.models import Area, Day
from caunoi.directory.queries import province_code
from caunoi.events.actor import SYSTEM, Actor, Kind, NotAllowedError, Role
from caunoi.lib.places import gazetteer
from caunoi.procedures.models import Import, Procedure
from tests.procedures.records import lines, raw

pytestmark = pytest.mark.django_db
ADMIN = Actor(name="quan", kind=Kind.PERSON, roles=frozenset({Role.ADMIN}))


def days() -> dict[str, tuple[bool, str]]:
    return {day.date.isoformat(): (day.works, day.note) for day in Day.objects.filter(calendar=None)}


def taken(shown):
    shown.folder.sign()
    shown.fetch()
    return queries.editions()[0]


def test_days_are_shown_before_they_come_in_and_can_be_taken_back(shown):
    directory.set_day(date(2031, 2, 3), True, by=SYSTEM, note="của tỉnh")
    shown.holidays()
    row = taken(shown)
    changes = actions.differences(row)
    assert [(one.key, one.before, one.after["works"]) for one in changes] == [
        ("2031-02-03", {"works": True, "note": "của tỉnh"}, False),
        ("2031-02-08", None, True),
    ]
    assert days() == {"2031-02-03": (True, "của tỉnh")}, "looking changes nothing"
    assert actions.bring_in(row, by=ADMIN) and not actions.bring_in(row, by=ADMIN)
    assert days() == {"2031-02-03": (False, "Nghỉ bù"), "2031-02-08": (True, "Làm bù")}
    assert actions.undo(row, by=ADMIN) == 0 and actions.undo(row, by=ADMIN) is None
    assert days() == {"2031-02-03": (True, "của tỉnh")}


def test_what_somebody_changed_since_stays(shown):
    shown.holidays()
    row = taken(shown)
    actions.bring_in(row, by=ADMIN)
    directory.set_day(date(2031, 2, 8), False, by=SYSTEM, note="khác")
    assert actions.undo(row, by=ADMIN) == 1
    assert days() == {"2031-02-08": (False, "khác")}


def test_a_day_that_is_known_already_is_no_change(shown):
    shown.holidays("day,kind,name\n2027-01-01,off,Tết Dương lịch\n")
    assert actions.differences(taken(shown)) == []


def test_nobody_but_an_administrator_decides(shown):
    shown.holidays()
    row = taken(shown)
    clerk = Actor(name="lan", kind=ADMIN.kind, roles=frozenset({Role.OPERATOR}))
    for act in (actions.bring_in, actions.drop, actions.undo):
        with pytest.raises(NotAllowedError):
            act(row, by=clerk)


def test_a_dropped_one_changes_nothing_and_stays_dropped(shown):
    shown.holidays()
    row = taken(shown)
    assert actions.drop(row, by=ADMIN) and not actions.bring_in(row, by=ADMIN)
    assert days() == {} and not queries.waiting()
    shown.fetch()
    assert len(queries.editions()) == 1


def test_it_comes_in_by_itself_where_that_is_chosen(shown):
    directory.set_option("plane_automatic", True, by=SYSTEM)
    shown.holidays()
    row = taken(shown)
    assert queries.state(row) == "done" and set(days()) == {"2031-02-03", "2031-02-08"}


def test_procedures_become_an_import_with_its_own_preview(shown, tmp_path):
    path = tmp_path / "thu-tuc.jsonl"
    path.write_bytes(lines(raw("1.000001")))
    shown.folder.add_edition("procedures", [path], keep=True)
    row = taken(shown)
    assert row.incoming.state == Import.State.READY and not row.incoming.retires
    assert [one["code"] for one in row.incoming.plan["fresh"]] and queries.state(row) == "waiting"
    assert not Procedure.objects.exists()
    assert actions.bring_in(row, by=ADMIN)
    assert Procedure.objects.count() == 1
    assert queries.state(queries.edition(row.pk)) == "done" and actions.undo(row, by=ADMIN) is None


def commune() -> str:
    return gazetteer.communes(province_code())[0].code


def outlines(code: str, east: float) -> bytes:
    ring = [[east, 11.0], [east + 0.1, 11.0], [east + 0.1, 11.1], [east, 11.0]]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    feature = {"type": "Feature", "properties": {"code": code}, "geometry": geometry}
    return json.dumps({"type": "FeatureCollection", "features": [feature]}).encode()


def test_areas_are_taken_for_this_province_alone_and_put_back(shown, tmp_path):
    directory.save_province(province_code())
    code, other = commune(), gazetteer.communes("01")[0].code
    before = outlines(code, 106.5)
    for name, content in ((f"{province_code()}.geojson", before), ("01.geojson", outlines(other, 105.8))):
        (tmp_path / name).write_bytes(content)
    shown.folder.add_edition("areas", [tmp_path / f"{province_code()}.geojson", tmp_path / "01.geojson"])
    first = taken(shown)
    assert not any("01.geojson" in name for name in shown.asked)
    assert [one.key for one in actions.differences(first)] == [code]
    assert actions.bring_in(first, by=ADMIN)
    drawn = Area.objects.get(code=code, valid_to=None).outline
    assert drawn["coordinates"][0][0][0] == 106.5
    (tmp_path / f"{province_code()}.geojson").write_bytes(outlines(code, 107.5))
    shown.folder.add_edition("areas", [tmp_path / f"{province_code()}.geojson"])
    second = taken(shown)
    assert actions.bring_in(second, by=ADMIN)
    assert Area.objects.get(code=code, valid_to=None).outline["coordinates"][0][0][0] == 107.5
    assert actions.undo(second, by=ADMIN) == 0
    assert Area.objects.get(code=code, valid_to=None).outline == drawn


def test_an_edition_with_nothing_for_this_province_waits_for_nobody(shown, tmp_path):
    (tmp_path / "01.geojson").write_bytes(outlines(gazetteer.communes("01")[0].code, 105.8))
    shown.folder.add_edition("areas", [tmp_path / "01.geojson"])
    assert queries.state(taken(shown)) == "dropped" and not queries.waiting()
