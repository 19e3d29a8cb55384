"""Procedures in a real browser: put into an answer on the desk, ticked by a citizen, and found without scripts.

Proves: a search beside a ticket is not lost to the suggestions that come with the page"""

import pytest
from playwright.sync_api import expect

from caunoi.answers import queries as cited
from caunoi.events.actor import citizen
from caunoi.procedures import actions
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Kind
from caunoi.tickets.report import Report
from tests.procedures.records import lines, raw

pytestmark = [pytest.mark.browser, pytest.mark.slow]


@pytest.fixture
def known(town):
    data = lines(raw("1.000001", ten_thu_tuc="Đăng ký khai sinh"))
    actions.bring_in(actions.look(actions.upload("a", data, by=town.thu)), by=town.thu)


def test_an_operator_puts_a_procedure_into_the_answer_and_its_source_is_kept(town, known, screens, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    ticket = tickets.take(
        Report(text="Làm giấy cho bé", channel="web", once="q", kind=Kind.QUESTION, category_id=town.papers.pk),
        by=citizen(),
    )
    lan = screens("lan", size=(1440, 900))
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    expect(page.locator("#procedure-hits.htmx-request")).to_have_count(0)  # a search gives that up, and htmx complains
    page.fill("#advice-q", "khai sinh")
    page.press("#advice-q", "Enter")
    page.locator("#procedure-hits summary").first.click()
    page.locator("#procedure-hits [data-insert]").first.click()
    assert "(mã 1.000001)" in page.input_value("#id_answer_answer-text")
    assert page.input_value("[name=answer-cites]") == "1.000001@1"
    lan.clean("procedure-beside-a-ticket")
    page.locator("#form-answer button.btn-primary").click()
    expect(page.locator(".sources")).to_contain_text("1.000001")
    assert [c.version.number for c in cited.citations(cited.final(ticket))] == [1]


def test_a_search_is_not_lost_to_the_suggestions_that_come_with_the_page(town, known, screens, monkeypatch):
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
    report = Report(text="Đèn hỏng", channel="web", once="q", category_id=town.lamps.pk)
    ticket = tickets.take(report, by=citizen())
    lan = screens("lan", size=(1440, 900))
    held = []
    lan.page.route("**/procedures*", lambda route: held.append(route))
    page = lan.go(f"/desk/{ticket.code}/")
    lan.ready()
    with page.expect_request(lambda request: "khai" in request.url):
        page.fill("#advice-q", "khai sinh")
        page.press("#advice-q", "Enter")
    for _ in range(50):  # a request is told of before it is held
        if len(held) < 2:
            page.wait_for_timeout(100)
    assert [("khai" in route.request.url) for route in held] == [False, True]
    for route in held:  # the page's own, which is no longer wanted, comes first
        route.continue_()
    expect(page.locator("#procedure-hits summary").first).to_be_visible()


def test_ticks_stay_on_the_device(town, known, screens):
    somebody = screens(size="phone")
    page = somebody.go("/tthc/1.000001")
    page.locator("[data-tick]").first.check()
    page.reload()
    expect(page.locator("[data-tick]").first).to_be_checked()
    somebody.clean("procedure")


def test_everything_can_be_found_without_scripts(town, known, screens):
    page = screens(size="phone", scripts=False).go("/tthc/")
    page.fill("#q", "khai sinh")
    page.get_by_role("button", name="Tìm").click()
    page.get_by_role("link", name="Đăng ký khai sinh").click()
    page.select_option("#area", "25195")
    page.get_by_role("button", name="Xem").click()
    expect(page.locator("#where")).to_contain_text("UBND Phường Bình Phước")
    page.locator("[data-tick]").first.check()
