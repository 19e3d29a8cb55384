"""Tickets that come while the list is being drawn anew stand in it soon after, in a real browser.

Proves: The last ticket of a burst is shown on an open list (htmx's throttle dropped it)"""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections
from playwright.sync_api import expect

from caunoi.events.actor import citizen
from caunoi.tickets import actions
from caunoi.tickets.report import Report

pytestmark = [pytest.mark.browser, pytest.mark.slow]


def test_what_comes_last_in_a_burst_is_shown_too(town, screens, worker):
    def take(words):
        def work():
            actions.take(Report(text=words, channel="web", once=words), by=citizen())
            connections.close_all()

        with ThreadPoolExecutor(1) as thread:  # the browser's callbacks have a context of their own
            thread.submit(work).result()
        worker()

    lan = screens("lan", service_workers="block")
    page = lan.go("/desk/")
    expect(page.locator("body[data-live-state=open]")).to_be_attached()
    drawn = []

    def meanwhile(route):
        """The answer is on its way when the next ticket comes."""
        answer = route.fetch()
        drawn.append(answer.status)
        if len(drawn) == 1:
            take("Đèn thứ hai tắt")
        route.fulfill(response=answer)

    page.route(lambda url: url.split("?")[0].endswith("/desk/"), meanwhile)
    take("Đèn thứ nhất tắt")
    expect(page.locator("#queue-list")).to_contain_text("Đèn thứ hai tắt")
    expect(page.locator("#queue-list")).to_contain_text("Đèn thứ nhất tắt")
    assert 2 <= len(drawn) <= 4, "of many events the list asks for few"
    lan.clean()
