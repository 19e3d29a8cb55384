"""The queue in a real browser: J and K walk, the open ticket is marked, the queue stays; paper has the ticket alone."""

import pytest
from playwright.sync_api import expect

from caunoi.events.actor import citizen
from caunoi.tickets import actions
from caunoi.tickets.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_j_and_k_walk_through_the_queue(town, screens):
    for number in range(3):
        actions.take(Report(text=f"Đèn thứ {number} tắt", channel="web", once=f"r{number}"), by=citizen())
    lan = screens("lan")
    page = lan.go("/desk/")
    lan.ready()
    current = page.locator("#queue-list li[aria-current]")
    for key, words in (("j", "Đèn thứ 0"), ("j", "Đèn thứ 1"), ("k", "Đèn thứ 0")):
        page.keyboard.press(key)
        expect(page.locator("#ticket-title")).to_contain_text(words)
        expect(current).to_have_count(1)
        expect(current).to_contain_text(words)
        expect(current.locator(".item-link")).to_be_focused()
    page.reload()
    expect(current).to_contain_text("Đèn thứ 0")
    lan.clean("queue-beside")


def test_the_second_letter_of_a_place_one_does_not_have_is_no_letter_of_the_ticket(town, screens):
    ticket = actions.take(Report(text="Đèn tắt trước chợ", channel="web", once="r1"), by=citizen())
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    assert page.locator("[data-key='g r']").count() == 0 < page.locator("[data-key^='g ']").count()
    form = page.locator("#move-refuse")
    key = form.locator("[data-key]").get_attribute("data-key")
    for name in ("g", key):
        page.keyboard.press(name)
    page.wait_for_timeout(800)  # else it is a word
    assert not form.evaluate("form => form.open")
    page.keyboard.press(key)
    page.wait_for_function("document.getElementById('move-refuse').open")


def test_a_ticket_is_printed_without_the_queue_beside_it(town, screens):
    ticket = actions.take(Report(text="Đèn tắt trước chợ", channel="web", once="r1"), by=citizen())
    lan = screens("lan")
    page = lan.go(f"/desk/{ticket.code}/")
    expect(page.locator("#queue-list li")).to_have_count(1)
    page.emulate_media(media="print")
    for seen in ("#ticket-title", "blockquote.words", ".timeline"):
        expect(page.locator(seen).first).to_be_visible()
    for gone in ("#queue-list", ".moves", "#advice", "#ticket form"):
        expect(page.locator(gone).first).to_be_hidden()
