"""The real ones, from the state's own list: July 2025, when the districts ended and Bình Phước went into Đồng Nai, and
April 2026, when ten communes became wards.

Proves: July 2025 (districts end, Bình Phước into Đồng Nai: 2 provinces, 22 districts, 270 wards) and April 2026
(ten communes → wards) replayed from the state's own list in lib data, with committees"""

from datetime import UTC, date, datetime

import pytest

from caunoi.accounts.models import User
from caunoi.directory import past
from caunoi.directory.actions import save_agencies
from caunoi.directory.models import Agency, Area, AreaSuccession, Calendar, Category
from caunoi.directory.queries import in_force
from caunoi.events.actor import SYSTEM, Role, citizen
from caunoi.lib.places import lineage
from caunoi.reorganisation import actions, queries, tasks
from caunoi.reorganisation.drafting import from_list
from caunoi.routing import actions as routing
from caunoi.routing.models import OPEN_LEGS, Handover, Rule
from caunoi.sla import actions as sla
from caunoi.sla.models import Deadline, Target
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.reorganisation.conftest import make_inbox

JUNE = datetime(2025, 6, 20, 2, 0, tzinfo=UTC)
JULY, APRIL = date(2025, 7, 1), date(2026, 4, 30)


@pytest.fixture
def old(db, time_machine):
    """Both provinces as they were in June 2025: districts, wards, and the committee of each with one person."""
    time_machine.move_to(JUNE, tick=False)
    units = [u for u in lineage.past("75") if u.valid_to == JULY]
    rows = {}
    for unit in lineage.levels(units):
        row = past.row(unit)
        row.valid_to, row.parent = None, rows.get(unit.district if unit.level == "commune" else unit.province)
        row.save()
        rows[unit.code] = row
    office, _ = Calendar.objects.get_or_create(code="office", defaults={"name": "Giờ hành chính"})
    save_agencies(
        {
            "code": f"ubnd-{code}",
            "name": f"UBND {area.name[:1].lower()}{area.name[1:]}",
            "kind": "commune",
            "area": area,
            "calendar": office,
        }
        for code, area in rows.items()
        if len(code) > 2
    )
    for agency in Agency.objects.order_by("pk"):
        User.objects.create(username=agency.code, full_name="Người thử", role=Role.OFFICER, agency=agency)
    noise = Category.objects.create(code="noise", name="Tiếng ồn", name_en="Noise", group="Trật tự")
    Rule.objects.create(category=noise, of_area="commune")
    Target.objects.create(clock="handle", days=5, calendar="office")
    Target.objects.create(clock="agency_accept", minutes=480, calendar="office")
    make_inbox("web", "web")
    User.objects.create(username="quan", full_name="Quân", role=Role.ADMIN)
    return {"areas": rows, "noise": noise, "admin": User.objects.get(username="quan").as_actor()}


def reported(old, code, agency, **more):
    report = Report(
        text="Ồn quá",
        channel="web",
        once=f"{code}{agency}{len(more)}",
        category_id=old["noise"].pk,
        area_id=old["areas"][code].pk,
        **more,
    )
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=SYSTEM)
    routing.route(ticket, Agency.objects.get(code=agency), by=SYSTEM)
    sla.refresh(Ticket.objects.get(pk=ticket.pk))
    return ticket


def brought(act, admin):
    from_list(act, by=admin)
    return actions.schedule(act, by=admin, number=act.number)


def dues():
    return sorted(Deadline.objects.filter(met=None).values_list("ticket_id", "clock", "started", "due", "target_id"))


def test_july_2025_districts_end_and_everything_open_lies_with_a_commune_of_today(old, time_machine):
    duc_lieu = reported(old, "25417", "ubnd-25417")  # xã Đức Liễu, huyện Bù Đăng
    tan_phu = reported(old, "25198", "ubnd-25198") if "25198" in old["areas"] else reported(old, "25195", "ubnd-25195")
    district = old["areas"]["25417"].parent.code
    at_district = reported(old, "25417", f"ubnd-{district}")
    before = dues()
    act = brought(actions.draft("1662/NQ-UBTVQH15", "Sắp xếp", JULY, by=old["admin"]), old["admin"])
    assert queries.problems(act) == []
    time_machine.move_to(datetime(2025, 6, 30, 17, 0, 30, tzinfo=UTC), tick=False)
    tasks.keep_up()
    assert queries.act(act.pk).state == "in_force"
    there = Area.objects.filter(in_force(JULY))
    assert there.count() == 96 and there.filter(parent=None).count() == 1
    assert set(there.exclude(parent=None).values_list("parent__code", flat=True)) == {"75"}
    assert Agency.objects.filter(in_force(JULY)).count() == 95
    for ticket in (duc_lieu, tan_phu, at_district):
        ticket.refresh_from_db()
        assert ticket.area.valid_to is None and ticket.agency.area == ticket.area
    assert {duc_lieu.area.code, at_district.area.code} == {"25417"} and duc_lieu.area.name == "Xã Nghĩa Trung"
    assert dues() == before
    assert not Handover.objects.filter(state__in=OPEN_LEGS, agency__valid_to__isnull=False).exists()
    assert not User.objects.filter(agency__valid_to__isnull=False).exists()
    assert {a.name for a in Area.objects.filter(code="25417")} == {"Xã Đức Liễu", "Xã Nghĩa Trung"}


def test_april_2026_ten_communes_become_wards_and_keep_their_codes(old, time_machine):
    ticket = reported(old, "25270", "ubnd-25270")  # thị trấn Lộc Ninh
    for number, day in (("1662/NQ-UBTVQH15", JULY), ("30/NQ-UBTVQH16", APRIL)):
        time_machine.move_to(datetime(day.year, day.month, day.day, tzinfo=UTC), tick=False)
        brought(actions.draft(number, "Sắp xếp", day, by=old["admin"]), old["admin"])
        time_machine.shift(actions.DELAY)
        tasks.keep_up()
    assert [(a.name, a.valid_to) for a in Area.objects.filter(code="25270").order_by("id")] == [
        ("Thị trấn Lộc Ninh", JULY),
        ("Xã Lộc Ninh", APRIL),
        ("Phường Lộc Ninh", None),
    ]
    ticket.refresh_from_db()
    assert (ticket.area.name, ticket.area_then.name) == ("Phường Lộc Ninh", "Thị trấn Lộc Ninh")
    assert ticket.agency.name == "UBND phường Lộc Ninh" and ticket.agency.code.startswith("ubnd-25270-")
    names = set(Area.objects.filter(valid_from=APRIL).values_list("name", flat=True))
    assert len(names) == 11 and "Thành phố Đồng Nai" in names
    assert Area.objects.filter(valid_to=None).count() == 96


def test_a_province_that_starts_today_can_bring_in_its_past(town):
    for unit in (u for u in lineage.gazetteer.communes("75") if u.code not in ("25195", "25417")):
        area = past.row(unit)
        area.parent = town.province
        area.save()
    Area.objects.filter(code="25417").update(valid_from=JULY)
    Area.objects.filter(code="25195").update(valid_from=JULY)
    Area.objects.filter(code="75").update(valid_from=APRIL)
    assert past.save_past("75") == 305
    assert past.save_past("75") == 0
    loc_ninh = Area.objects.get(code="25270", valid_to=JULY)
    assert (loc_ninh.name, loc_ninh.parent.kind) == ("Thị trấn Lộc Ninh", "Huyện")
    assert [s.new.name for s in AreaSuccession.objects.filter(old=loc_ninh)] == ["Xã Lộc Ninh"]
