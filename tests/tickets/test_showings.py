"""Proves: every showing of an identity is a record; who looks at very many is noticed"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key
from caunoi.events.actor import Role, citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.notifications.queries import mine
from caunoi.routing import actions as routing
from caunoi.routing.identity import open_identity
from caunoi.tickets import actions as tickets
from caunoi.tickets import showings
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.looks import look_lines


def _ticket(number: int = 0) -> Ticket:
    reporter = Reporter(name="Trần Thị Mai", phone=f"+849120000{number:02d}")
    return tickets.take(Report(text="Đèn hỏng", channel="web", once=f"s{number}", reporter=reporter), by=citizen())


@pytest.fixture
def ticket(town: SimpleNamespace) -> Ticket:
    return _ticket()


def client(town: SimpleNamespace, name: str) -> Client:
    own = Client(headers={"accept-language": "vi"})
    own.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return own


def shown() -> list[tuple[str, str, int]]:
    rows = Event.objects.filter(kind=showings.SHOW).order_by("id")
    return [(row.by, row.subject, row.subject_id) for row in rows]


def test_opening_a_ticket_is_a_record_once_in_a_while(town: SimpleNamespace, ticket: Ticket):
    for _time in range(3):
        assert client(town, "lan").get(f"/desk/{ticket.code}/").status_code == 200
    assert shown() == [("lan", "showing", ticket.pk)]
    assert history(ticket).filter(kind=showings.SHOW).count() == 0, "its history stays what happened to it"


def test_one_record_a_person_ticket_and_ten_minutes(town: SimpleNamespace, ticket: Ticket, time_machine):
    for by in (town.lan, town.lan, town.tam):
        showings.show_ticket(ticket, by=by, place="desk")
    assert shown() == [("lan", "showing", ticket.pk), ("tam", "showing", ticket.pk)]
    time_machine.move_to(now() + timedelta(minutes=11))
    showings.show_ticket(ticket, by=town.lan, place="desk")
    assert len(shown()) == 3


def program(town: SimpleNamespace, name: str) -> str:
    """The secret of a program that may see who reported."""
    scopes, owner = ["tickets.read", "reporters.read"], town.users["quan"]
    row = service_accounts.add(name, Key.Use.API, owner=owner, role=Role.OPERATOR, scopes=scopes, by=town.quan)
    return service_accounts.issue(row, Key.Use.API, now() + timedelta(days=9), by=town.quan, reason="một mình")


def test_what_a_program_reads_of_a_reporter_is_a_record_under_its_name(town: SimpleNamespace, ticket: Ticket):
    for secret in (program(town, "Bàn tiếp dân"), program(town, "Kho dữ liệu")):
        for _time in range(2):
            answer = Client().get(f"/api/v1/tickets/{ticket.code}", headers={"authorization": f"Bearer {secret}"})
            assert answer.json()["contact"]["name"] == "Trần Thị Mai"
    first, second = (f"service:{row.pk}" for row in service_accounts.accounts().order_by("pk"))
    assert shown() == [(first, "showing", ticket.pk), (second, "showing", ticket.pk)]


def test_a_program_that_reads_very_many_is_noticed_by_its_name(town: SimpleNamespace, work):
    program(town, "Kho dữ liệu")
    program(town, "Bàn tiếp dân")
    ware, desk = (service_accounts.actor(row) for row in service_accounts.accounts().order_by("pk"))
    for by, count in ((ware, 130), (desk, 3)):
        Event.objects.bulk_create(
            Event(at=now(), kind=showings.SHOW, subject=showings.OF_TICKET, subject_id=10_000 + number, pending=False,
                  data={"role": "operator", "place": "api"}, **by.signature)
            for number in range(count)
        )  # fmt: skip
    assert showings.notice_volume() == 1 and showings.notice_volume() == 0
    work()
    (notice,) = [row for row in mine(town.tam) if row.event.kind == showings.VOLUME]
    assert notice.event.data == {"name": "Kho dữ liệu", "count": 130}
    page = client(town, "tam").get("/desk/openings").content.decode()
    assert "Kho dữ liệu" in page and "Bàn tiếp dân" in page and "130" in page


def test_its_citizen_reads_who_was_shown_it_once_a_day(town: SimpleNamespace, ticket: Ticket, time_machine):
    time_machine.move_to(now().replace(hour=3, minute=0), tick=False)  # ten in the morning in Vietnam
    for by in (town.lan, town.tam, town.minh):
        showings.show_ticket(ticket, by=by, place="desk")
    time_machine.move_to(now() + timedelta(minutes=11))
    showings.show_ticket(ticket, by=town.lan, place="desk")
    titles = [line.title for line in look_lines(ticket)]
    assert len(titles) == len(set(titles)) == 3
    assert any(town.works.name in title for title in titles)
    assert not {"lan", "tam", "minh"} & set(" ".join(titles).lower().split())
    page = client(town, "lan").get(f"/f/{ticket.follow}").content.decode()
    assert "Tổng đài viên đã thấy họ tên và số điện thoại của anh/chị khi làm việc" in page
    time_machine.move_to(now() + timedelta(days=1))
    showings.show_ticket(ticket, by=town.lan, place="desk")
    assert len(look_lines(ticket)) == 4


def test_the_citizen_and_the_product_are_nobody_to_record(town: SimpleNamespace, ticket: Ticket):
    showings.show_ticket(ticket, by=citizen(ticket.pk), place="follow")
    assert shown() == []


def test_the_citizen_learns_role_and_agency_and_no_name(town: SimpleNamespace, ticket: Ticket):
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    open_identity(ticket, "Phải hỏi lại vị trí cột đèn", by=town.minh)
    assert client(town, "minh").get(f"/agency/{ticket.code}/", follow=True).status_code == 200
    showings.show_ticket(ticket, by=town.lan, place="desk")
    operator, officer = showings.showings(ticket)
    assert (operator.role, operator.agency) == (Role.OPERATOR, None)
    assert (officer.role, officer.agency) == (Role.OFFICER, town.works)
    assert set(vars(operator)) == {"at", "role", "agency"}


def test_who_looks_at_very_many_is_noticed_once_an_hour(town: SimpleNamespace, work, time_machine):
    rows = [_ticket(number) for number in range(12)]
    Event.objects.bulk_create(
        Event(at=now(), kind=showings.SHOW, subject=showings.OF_TICKET, subject_id=10_000 + number, pending=False,
              data={"role": "operator", "place": "api"}, **town.lan.signature)
        for number in range(115)
    )  # fmt: skip
    assert showings.notice_volume() == 0
    for row in rows:
        showings.show_ticket(row, by=town.lan, place="api")
    assert showings.notice_volume() == 1 and showings.notice_volume() == 0
    work()
    for name in ("tam", "quan"):
        (notice,) = [row for row in mine(getattr(town, name)) if row.event.kind == showings.VOLUME]
        assert notice.event.data["name"] == "lan" and notice.event.data["count"] == 127
    assert not [row for row in mine(town.lan) if row.event.kind == showings.VOLUME]
    page = client(town, "tam").get("/desk/openings").content.decode()
    assert "127" in page
    time_machine.move_to(now() + timedelta(hours=2))
    assert showings.notice_volume() == 0
