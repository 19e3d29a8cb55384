"""Acts on a small town: the works and the power company, Bình Phước and Nghĩa Trung."""

from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace

import pytest

from caunoi.conversations.actions import make_inbox as make_inbox
from caunoi.directory.models import Agency, Area
from caunoi.events.actor import citizen
from caunoi.lib.succession import Unit
from caunoi.reorganisation import actions
from caunoi.reorganisation.plan import Change
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

MONDAY = datetime(2026, 8, 17, 1, 0, tzinfo=UTC)
DAY = date(2026, 9, 1)  # the day of the acts


@pytest.fixture
def clock(time_machine):
    time_machine.move_to(MONDAY, tick=False)

    def forward(to=None, **span):
        if to is None:
            time_machine.shift(timedelta(**span))
        else:
            time_machine.move_to(
                datetime(to.year, to.month, to.day, 0, 30, tzinfo=UTC) - timedelta(hours=7), tick=False
            )

    return forward


@pytest.fixture
def take(town, clock):
    """A ticket as far as it has come: accepted, routed, working, resulted; at an agency, perhaps with helpers."""
    made = iter(range(10_000))

    def make(state="routed", agency=None, helpers=(), category=None, area=None, **more):
        category, area = category or town.lamps, area or town.ward
        report = Report(
            text="Đèn tắt", channel=Channel.WEB, once=f"r{next(made)}", category_id=category.pk, area_id=area.pk, **more
        )
        ticket = tickets.take(report, by=citizen())
        if state == "new":
            sla.refresh(ticket)
            return ticket
        tickets.move(ticket, "accept", by=town.lan)
        if state != "accepted":
            agency = agency or town.works
            routing.route(ticket, agency, by=town.tam, coordinating=helpers)
            officer = next(u for u in town.users.values() if u.agency_id == agency.pk).as_actor()
            if state in ("working", "resulted", "answered"):
                routing.start(ticket, by=officer)
            if state in ("resulted", "answered"):
                tickets.move(ticket, "result", by=officer, text="Xong")
            if state == "answered":
                tickets.move(ticket, "approve", by=town.tam)
                routing.finish(ticket)
        sla.refresh(Ticket.objects.get(pk=ticket.pk))
        return Ticket.objects.get(pk=ticket.pk)

    return make


def agency(code, name, like, within="", kind="utility"):
    return Unit(what="agency", code=code, name=name, kind=kind, like=like.pk, within=within)


def ward(code, name, like, kind="Phường"):
    return Unit(what="area", code=code, name=name, kind=kind, like=like.pk)


def scheduled(town, number, *changes, begins=(), on=DAY, choices=None):
    """A document of one act, scheduled. `changes`: (kind, what, ends, codes of heirs)."""
    act = actions.draft(number, "Về việc sắp xếp", on, by=town.quan)
    rows = [Change(kind=k, what=w, ends=tuple(e.pk for e in ends), heirs=tuple(heirs)) for k, w, ends, heirs in changes]
    actions.add(act, rows, begins, by=town.quan)
    if choices:
        actions.choose(act, choices, by=town.quan)
    return actions.schedule(act, by=town.quan)


@pytest.fixture
def merged(town):
    """The works and the power company become one, on the day."""

    def make(number="12/NQ-HĐND", **more):
        new = agency("dothi", "Công ty Dịch vụ đô thị", town.works)
        return scheduled(town, number, ("merge", "agency", [town.works, town.power], ["dothi"]), begins=[new], **more)

    return make


@pytest.fixture
def now_named():
    return SimpleNamespace(
        agency=lambda code: Agency.objects.get(code=code), area=lambda code: Area.objects.get(code=code, valid_to=None)
    )
