"""Agencies in public: honest figures.

Proves: Agencies in public: 90 days, open overdue counts as late, small numbers said to be small"""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.directory.actions import set_option
from caunoi.directory.queries import forget
from caunoi.events.actor import SYSTEM, citizen
from caunoi.publication import actions
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report


@pytest.fixture
def work_of(someone: Any, town: SimpleNamespace, work: Callable[[], None]) -> Callable[[int], list[Ticket]]:
    """So many lamps that lie at the works."""

    def make(count: int) -> list[Ticket]:
        result = []
        for number in range(count):
            report = Report(text=f"Đèn số {number} tắt.", channel="web", once=f"a{number}", area_id=town.ward.pk)
            ticket = tickets.take(report, by=citizen())
            tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
            routing.route(ticket, town.works, by=town.lan)
            actions.propose(ticket)
            result.append(ticket)
        work()
        return result

    return make


def test_open_overdue_tickets_count_as_late(work_of: Any, time_machine: Any) -> None:
    work_of(3)
    time_machine.move_to(now() + timedelta(days=30))
    set_option("small_number", 1, by=SYSTEM)
    forget()
    page = Client().get("/agencies/xncongtrinh").content.decode()
    assert '<strong class="text-figure font-bold num">0%</strong>' in page and "trong 3 phiếu đến hạn" in page
    listed = Client().get("/agencies/").content.decode()
    assert "Xí nghiệp Công trình công cộng" in listed and 'href="/agencies/xncongtrinh"' in listed


def test_small_numbers_are_said_to_be_small(work_of: Any, time_machine: Any) -> None:
    work_of(2)
    time_machine.move_to(now() + timedelta(days=30))
    forget()
    page = Client().get("/agencies/xncongtrinh").content.decode()
    assert "0 trong 2 phiếu đến hạn" in page and "chưa nói lên nhiều" in page
    listed = Client().get("/agencies/").content.decode()
    assert "0/2" in listed and "0/0" not in listed


def test_an_agency_shows_its_published_tickets_and_an_unknown_one_is_not_found(work_of: Any) -> None:
    (ticket,) = work_of(1)
    page = Client().get("/agencies/xncongtrinh").content.decode()
    assert f"/p/{ticket.code}" in page and "/register?agency=xncongtrinh" in page
    assert Client().get("/agencies/dienluc").status_code == 200
    assert Client().get("/agencies/nobody").status_code == 404
