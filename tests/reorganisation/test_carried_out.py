"""On the day of an act everything open goes to what follows: custody, clocks, rules, people; what is over stays.

Proves: Custody goes on with the document as reason; no deadline moves though the new agency keeps other hours; an
act is no hop; lead wins when two that worked together become one
Proves: People, deputies, rules, targets, orders, one-time links, records, notes on procedures go along; an officer
signed in keeps the tickets"""

from datetime import UTC, datetime, timedelta

import pytest

from caunoi.accounts import deputies
from caunoi.directives import actions as directives
from caunoi.directory.models import Agency, AgencySuccession, Area
from caunoi.directory.queries import in_force
from caunoi.events.queries import history
from caunoi.reorganisation import actions, queries
from caunoi.routing import actions as routing
from caunoi.routing import queries as custody
from caunoi.routing.links import make as make_link
from caunoi.routing.models import Handover, Rule
from caunoi.sla import actions as sla
from caunoi.sla.models import Deadline, Target
from caunoi.sla.queries import handle, holding
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import visible_to
from tests.reorganisation.conftest import DAY, agency, scheduled, ward

DAY_END = datetime(2026, 10, 1, tzinfo=UTC)
SAID = ("clock", "state", "started", "due", "first_due", "late", "target_id", "extra_days", "told")


def dues(ticket):
    rows = Deadline.objects.filter(ticket=ticket, met=None).order_by("clock", "leg__role")
    return [tuple(getattr(row, name) for name in SAID) for row in rows]


def test_a_leg_is_passed_on_with_the_act_as_reason_and_the_ticket_keeps_its_state(town, take, merged, clock, now_named):
    ticket = take("working")
    merged()
    clock(to=DAY)
    (act,) = queries.due()
    actions.carry_out(act)
    old, new = custody.custody(ticket)
    assert (old.state, old.reason, new.state, new.source, new.agency.code) == (
        "passed_on",
        "12/NQ-HĐND",
        "accepted",
        town.works,
        "dothi",
    )
    ticket.refresh_from_db()
    assert (ticket.state, ticket.agency.code, holding(ticket).agency.code) == ("working", "dothi", "dothi")
    told = history(ticket).last()
    assert (told.kind, told.data["number"], told.data["was"], told.data["agency"]) == (
        "ticket.succeed",
        "12/NQ-HĐND",
        "xncongtrinh",
        "dothi",
    )


@pytest.mark.parametrize("state", ["routed", "working", "resulted"])
def test_no_deadline_moves_though_the_new_agency_keeps_other_hours(town, take, clock, state):
    ticket = take(state, helpers=[town.power])
    if state == "working":
        routing.ask_extension(ticket, 2, "Chờ vật tư", by=town.minh)
    before, first = dues(Ticket.objects.get(pk=ticket.pk)), handle(ticket).due
    new = agency("dothi", "Công ty Dịch vụ đô thị", town.power)  # day and night
    scheduled(town, "1/NQ", ("abolish", "agency", [town.works], ["dothi"]), begins=[new])
    clock(to=DAY)
    (act,) = queries.due()
    actions.carry_out(act)
    assert dues(ticket) == before
    sla.refresh(Ticket.objects.get(pk=ticket.pk), at=queries.act(act.pk).carried_out)
    assert handle(ticket).due == first
    rows = Deadline.objects.filter(ticket=ticket, met=None)
    assert {r.leg.agency.code for r in rows if r.leg} <= {"dothi", "dienluc"}


def test_two_that_worked_together_become_one_and_the_leading_leg_stays(town, take, merged, clock):
    ticket = take("working", helpers=[town.power])
    merged()
    clock(to=DAY)
    (act,) = queries.due()
    actions.carry_out(act)
    open_legs = Handover.objects.filter(ticket=ticket, state__in=["sent", "accepted"])
    assert [(leg.agency.code, leg.role) for leg in open_legs] == [("dothi", "lead")]
    assert not Deadline.objects.filter(ticket=ticket, met=None, leg__agency=town.power).exists()


def test_an_act_does_not_count_as_a_hop(town, take, merged, clock):
    ticket = take("routed")
    before = custody.hops(ticket)
    merged()
    clock(to=DAY)
    (act,) = queries.due()
    actions.carry_out(act)
    assert custody.hops(ticket) == before and custody.lead(ticket).hop == 1


def test_people_rules_targets_orders_links_and_records_go_to_the_successor(town, take, merged, clock, now_named):
    open_one, closed_one = take("working"), take("answered")
    target = Target.objects.create(clock="handle", agency=town.works, days=3, calendar="office")
    Target.objects.create(clock="handle", agency=town.power, days=1, calendar="always")
    order = directives.give("Làm ngay", DAY_END, by=town.phong, agency=town.works)
    link = make_link(custody.lead(open_one), by=town.tam)
    act = merged()
    clock(to=DAY)
    actions.carry_out(act)
    new = now_named.agency("dothi")
    town.users["minh"].refresh_from_db()
    order.refresh_from_db()
    link.refresh_from_db()
    assert (town.users["minh"].agency, order.agency, link.leg.agency) == (new, new, new)
    assert [r.agency for r in Rule.objects.filter(in_force(), category=town.lamps)] == [new]
    assert [(t.agency, t.days) for t in Target.objects.filter(in_force(), agency__isnull=False)] == [(new, 1)]
    target.refresh_from_db()
    assert target.valid_to == DAY
    assert {t.pk for t in visible_to(town.users["minh"].as_actor())} == {open_one.pk, closed_one.pk}
    closed_one.refresh_from_db()
    assert closed_one.agency == town.works  # history stays as it was
    assert [s.old.code for s in AgencySuccession.objects.filter(new=new).order_by("old__code")] == [
        "dienluc",
        "xncongtrinh",
    ]


def test_a_commune_becomes_a_ward_and_keeps_its_code(town, take, clock, now_named):
    ticket, over = take("routed", area=town.commune), take("answered", area=town.commune)
    rule = Rule.objects.create(category=town.noise, area=town.commune, agency=town.agencies["ubnd-25417"])
    new = ward("25417", "Phường Nghĩa Trung", town.commune)
    act = scheduled(town, "3/NQ", ("rename", "area", [town.commune], ["25417"]), begins=[new])
    clock(to=DAY)
    actions.carry_out(act)
    ticket.refresh_from_db()
    over.refresh_from_db()
    today = now_named.area("25417")
    assert (ticket.area.name, ticket.area_then, over.area.name) == (
        "Phường Nghĩa Trung",
        town.commune,
        "Xã Nghĩa Trung",
    )
    town.agencies["ubnd-25417"].refresh_from_db()
    assert town.agencies["ubnd-25417"].area == today  # rules find it by this
    assert [r.area for r in Rule.objects.filter(in_force(), category=town.noise, area__isnull=False)] == [today]
    rule.refresh_from_db()
    assert rule.valid_to == DAY
    assert [a.valid_to for a in Area.objects.filter(code="25417").order_by("valid_to")] == [DAY, None]


def test_who_stood_in_for_somebody_of_the_other_part_does_no_more(town, take, clock):
    row = deputies.name(town.users["minh"], town.users["hoa"], DAY_END - timedelta(days=60), DAY_END, by=town.minh)
    parts = [agency("den", "Xí nghiệp Đèn", town.works), agency("duong", "Xí nghiệp Đường", town.works)]
    act = scheduled(
        town,
        "4/NQ",
        ("split", "agency", [town.works], ["den", "duong"]),
        begins=parts,
        choices={f"person:{town.users['minh'].pk}": "-1", f"person:{town.users['hoa'].pk}": "-2"},
    )
    clock(to=DAY)
    actions.carry_out(act)
    row.refresh_from_db()
    codes = dict(Agency.objects.filter(people__username__in=["minh", "hoa"]).values_list("people__username", "code"))
    assert codes == {"minh": "den", "hoa": "duong"} and row.ended is not None
