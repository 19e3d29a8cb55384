"""Procedures beside a ticket: where several fit, the one question back that citizens get, by a key each."""

import re
from html import unescape
from types import SimpleNamespace

from django.test import Client

from caunoi.procedures import actions
from caunoi.procedures.models import Question
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.procedures.records import lines, raw
from tests.web.desk.switchboard import client_of

ASKED = "thẻ nhà vườn"


def bring(town: SimpleNamespace) -> Ticket:
    names = ("Gia hạn thẻ nhà vườn", "Cấp lại thẻ nhà vườn", "Đăng ký khai tử")
    records = [raw(f"1.00001{number}", ten_thu_tuc=name) for number, name in enumerate(names)]
    actions.bring_in(actions.look(actions.upload("a", lines(*records), by=town.thu)), by=town.thu)
    return tickets.take(Report(text="Xin hỏi", channel="phone", once="1"), by=town.lan)


def ask(client: Client, ticket: Ticket, **query: str) -> str:
    return unescape(client.get(f"/desk/{ticket.code}/procedures", query).content.decode())


def test_where_several_fit_the_operator_asks_back_and_presses_what_is_said(town: SimpleNamespace) -> None:
    ticket, client = bring(town), client_of(town, "lan")
    html = ask(client, ticket, q=ASKED)
    answers = dict(re.findall(r'hx-get="([^"]+which=[^"]+)"[^>]*data-key="(\d)"', html, re.DOTALL))
    assert "Anh/chị muốn làm việc gì?" in html or 'id="advice-doubt"' in html
    assert sorted(answers.values()) == ["1", "2"]
    left = [unescape(client.get(address).content.decode()) for address in answers]
    for one in left:
        assert 'id="advice-doubt"' not in one and "Chọn lại" in one and one.count("<summary autofocus>") == 1
    assert {("Gia hạn" in one, "Cấp lại" in one) for one in left} == {(True, False), (False, True)}
    assert Question.objects.filter(place="desk").count() == 3


def test_where_one_fits_nobody_is_asked(town: SimpleNamespace) -> None:
    html = ask(client_of(town, "lan"), bring(town), q="đăng ký khai tử")
    assert "Đăng ký khai tử" in html and 'id="advice-doubt"' not in html and "Chọn lại" not in html


def test_what_another_office_does_is_said_to_be_there(town: SimpleNamespace) -> None:
    html = ask(client_of(town, "lan"), bring(town), q="nghỉ việc hai tháng rồi, lãnh tiền thất nghiệp ở đâu")
    assert 'id="advice-elsewhere"' in html and "thất nghiệp" in html


def test_what_makes_no_sense_is_answered_by_nothing(town: SimpleNamespace) -> None:
    ticket, client = bring(town), client_of(town, "lan")
    for which in ("act:", "code:9.999999", "x" * 300, "<script>"):
        assert "<script>" not in ask(client, ticket, q=ASKED, which=which)
