"""A call rings at an operator's browser: the pop-up appears by itself, and the ticket is one click away."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connections
from django.utils.timezone import now
from playwright.sync_api import expect

from caunoi.calls import actions
from caunoi.conversations.queries import inbox
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, Direction, Ended, LegEnded, Queued, Rang, Started
from caunoi.tickets.models import TicketCall

pytestmark = [pytest.mark.browser, pytest.mark.slow]
NUMBER = "0900000001"


def tell(*events):
    """As the bridge does, in a thread of its own."""

    def work():
        rows = actions.absorb(inbox("phone"), fold(events).values())
        for row in rows:
            actions.settle(row.pk)
        connections.close_all()

    with ThreadPoolExecutor(1) as thread:
        thread.submit(work).result()


def counted():
    def work():
        links = TicketCall.objects.select_related("ticket__contact", "call")
        result = [(link.ticket.contact.phone, link.call.call_id) for link in links]
        connections.close_all()
        return result

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()


def came(call_id, at):
    return (
        Started(call_id=call_id, at=at, direction=Direction.IN, caller=NUMBER, dialled="1022"),
        Queued(call_id=call_id, at=at, queue="tongdai1022"),
    )


def test_a_call_rings_pops_up_and_becomes_a_ticket(town, screens, worker):
    set_option("after_call_seconds", 0, by=SYSTEM)  # that time has tests of its own
    at = now() - timedelta(minutes=10)
    tell(*came("missed", at), Ended(call_id="missed", at=at + timedelta(minutes=1)))
    lan, tam = screens("lan"), screens("tam")
    page = lan.go("/desk/calls/")
    expect(page.locator("body[data-live-state=open]")).to_be_attached()
    tam.go("/desk/")
    expect(tam.page.locator("body[data-live-state=open]")).to_be_attached()

    page.locator("#presence-menu > summary").click()
    page.get_by_role("button", name="Sẵn sàng").click()
    expect(page.locator(".presence-label")).to_have_text("Sẵn sàng")

    at = now()
    tell(*came("live", at), Rang(call_id="live", at=at, leg="p", member="lan"))
    pop = page.locator("#call-pop")
    expect(pop).to_contain_text("0900 000 001")
    expect(pop).to_contain_text("Đang đổ chuông")
    expect(pop).to_contain_text("Đang chờ gọi lại")
    lan.look("4-01-rings")
    expect(tam.page.locator("#call-pop")).to_be_empty()  # it is not her phone

    tell(Answered(call_id="live", at=at + timedelta(seconds=3), leg="p", member="lan"))
    expect(pop).to_contain_text("Đang nói chuyện")
    expect(page.locator(".presence-label")).to_have_text("Đang nghe máy")
    pop.get_by_role("link", name="Lập phiếu").click()
    expect(page.get_by_label("Số điện thoại")).to_have_value("0900 000 001")
    page.locator("#id_text").fill("Đèn đường trước chợ tắt ba đêm nay.")
    lan.clean("4-02-writing")
    tell(
        LegEnded(call_id="live", at=at + timedelta(seconds=70), leg="p", member="lan", talked=67),
        Ended(call_id="live", at=at + timedelta(seconds=70)),
    )
    expect(pop.locator("summary")).to_contain_text("Kết quả cuộc gọi")  # folded: it covers nothing of the form
    expect(pop.get_by_role("button")).to_have_count(0)
    expect(page.locator("#id_text")).to_have_value("Đèn đường trước chợ tắt ba đêm nay.")
    page.get_by_label("Chỉ lưu").check()
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/desk/26-*/")
    worker()
    assert counted() == [("+84900000001", "live")]
    page.reload()
    expect(page.locator("#ticket-context")).to_contain_text("Đã nghe máy")
    lan.clean("4-03-ticket")

    page = lan.go("/desk/callbacks/")  # the talk has closed what waited
    expect(page.locator("#callbacks")).to_contain_text("Không ai đang chờ gọi lại")
    lan.look("4-04-nobody-waits")
    lan.go("/desk/calls/")
    lan.look("4-05-log")
    phone = screens("tam", size="phone", theme="dark")
    phone.go("/desk/calls/")
    phone.look("4-06-log-phone")
    page.get_by_role("link", name="0900 000 001").first.click()
    lan.look("4-07-call")
