"""What the page says after a move is what holds: the clocks, the confirmation, the way back.

Proves: an operator accepts and forwards a ticket by keyboard alone, category and agency found without marks"""

import os
import re
import signal
from collections.abc import Callable

import pytest
from playwright.sync_api import Page
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

People = Callable[..., Person]
CLOCKS = "#ticket-body .column-head, #ticket-context section:has(> h2:text-is('Thời hạn'))"


def move(page: Page, name: str, **given: str) -> None:
    page.click(f"#move-{name} > summary")
    for field, value in given.items():
        control = page.locator(f"#form-{name} [name={name}-{field}]")
        if control.evaluate("e => e.matches('select')"):
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation(wait_until="commit"):
        page.click(f"#form-{name} .btn-primary")
    page.locator(".toast", has_text=" · ").wait_for()


def route(page: Page) -> None:
    """To the agency that is proposed, or the first."""
    page.click("#move-route > summary")
    agency = page.locator("#form-route [name=route-agency]")
    if agency.count() and agency.evaluate("e => e.matches('select') && !e.value"):
        agency.select_option(index=1)
    with page.expect_navigation(wait_until="commit"):
        page.click("#form-route .btn-primary")
    page.locator(".toast", has_text=" · ").wait_for()


def clocks(page: Page) -> list[str]:
    """What the page says of deadlines, without the minutes that run."""
    texts = page.locator(CLOCKS).all_inner_texts()
    return [re.sub(r"\d+ phút", "n phút", re.sub(r"\s+", " ", text)) for text in texts]


def steady(page: Page) -> None:
    """The page says now what it says after a reload."""
    now = clocks(page)
    page.reload()
    assert clocks(page) == now


def test_the_clocks_are_right_at_once_after_each_move_and_its_undoing(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    lan.take_down("Đèn đường số 4 khu phố 9 không sáng")
    page = lan.page
    move(page, "accept", category="lamps")
    steady(page)
    route(page)
    undo = page.locator(".toast button:has-text('Hoàn tác')")
    undo.wait_for()
    with page.expect_navigation():
        undo.click()
    page.locator(".toast").first.wait_for()
    steady(page)


def test_a_confirmation_is_shown_though_the_page_asks_for_news_of_itself_meanwhile(
    demo: Product, person: People
) -> None:
    lan = person(demo, "lan")
    path = lan.take_down("Hàng rào trường học bị đổ")
    other = lan.window()
    other.goto(f"{demo.address}{path}", wait_until="load")
    other.evaluate(
        "path => setInterval(() => fetch(path, {headers: {'HX-Request': 'true'}}).catch(() => 0), 300)", path
    )
    for _ in range(3):
        move(lan.page, "refuse", reason="other", text="Việc này thuộc tỉnh bên.")
        with lan.page.expect_navigation(wait_until="commit"):
            lan.page.click(".toast button:has-text('Hoàn tác')")
        lan.page.locator(".toast", has_text="trở lại như trước").wait_for()


def test_a_forms_own_address_leads_to_its_page(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    path = lan.take_down("Rác ùn trước chợ phường 2")
    for end in ("move/merge", "move/refuse", "remark", "undo"):
        assert lan.at(f"{path}{end}") and lan.path == path


def test_a_note_of_a_call_that_nobody_took_is_read_by_the_next_operator(demo: Product, person: People) -> None:
    for event in ({"event": "newCall", "direction": "in", "queue": "1022"}, {"event": "hangup", "cause": "cancel"}):
        call = {"callId": "note-1", "from": "0900000761", "to": "1022", **event}
        assert demo.ask("/cti/demo-cti", call).status == 200
    lan, mai = person(demo, "lan"), person(demo, "mai")
    page = lan.page

    def listed() -> bool:
        lan.at("/desk/callbacks/?q=0900000761")
        return page.locator("a[href^='/desk/callbacks/']:has-text('0900 000 761')").count() > 0

    wait_until(listed, 30, 0.5, why="the missed call is to be called back")
    address = page.locator("a[href^='/desk/callbacks/']:has-text('0900 000 761')").first.get_attribute("href")
    page = lan.at(address)
    page.fill("#outcome textarea", "Máy bận, gọi lại sau 10 giờ")
    with page.expect_navigation():
        page.click("#outcome button[formaction$='/tried']")
    page.locator(".toast", has_text="không ai nghe").wait_for()
    assert mai.at(address).inner_text("#last-note") == "Máy bận, gọi lại sau 10 giờ"


def open_moves(page: Page) -> int:
    return page.locator("details.move[open]").count()


def test_whoever_types_on_where_no_field_has_the_caret_acts_on_nothing(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    lan.take_down("Vỉa hè trước nhà sách lún")
    page = lan.page
    here = page.url
    page.locator("body").click(position={"x": 4, "y": 4})
    for words in ("em xem rồi ạ", "vâng xin bác chờ em chút", "đã chuyển, không cần gọi"):
        page.keyboard.type(words, delay=60)
        page.wait_for_timeout(1_000)
    assert (open_moves(page), page.url) == (0, here)
    page.keyboard.type("xin lỗi bác", delay=60)  # the first letter alone is a key
    refuse = page.locator("#move-refuse[open] select").first
    if refuse.count():
        assert refuse.input_value() == refuse.evaluate(
            "e => [...e.options].find(o => o.defaultSelected)?.value ?? e.options[0].value"
        )


def test_a_ticket_goes_to_an_agency_by_its_name_without_marks_and_without_a_mouse(
    demo: Product, person: People
) -> None:
    lan = person(demo, "lan")
    lan.take_down("Vỉa hè trước trường sụt một hố sâu")
    page = lan.page
    for name, words in (("accept", "via he"), ("route", "so xay dung")):
        page.keyboard.press(page.locator(f"#move-{name} [data-key]").get_attribute("data-key") or "")
        page.locator(f"#move-{name}[open] [role=combobox]:focus").wait_for()
        page.keyboard.type(words, delay=60)
        page.locator("[role=option][aria-selected=true]:visible").wait_for()  # the only one that is left
        page.keyboard.press("Enter")
        with page.expect_navigation(wait_until="commit"):
            page.keyboard.press("Control+Enter")
        page.locator(".toast", has_text=" · ").wait_for()
    assert "Sở Xây dựng" in page.inner_text(".toast")
    page.reload()
    assert re.search(r"Sở Xây dựng\s+đang xử lý", page.inner_text("#ticket"))


def test_what_is_opened_by_a_click_has_the_caret(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    lan.take_down("Cột biển báo nghiêng ở ngã tư")
    page = lan.page
    fold = page.locator("main details.fold:has(form textarea), main details.fold:has(form input[type=text])").first
    fold.scroll_into_view_if_needed()
    fold.locator("summary").first.click()
    assert fold.evaluate(
        "e => e.open && e.contains(document.activeElement) && document.activeElement.matches('input, textarea, select')"
    )


def test_what_is_opened_again_while_the_worker_stands_still_is_handed_on_again(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    first = lan.take_down("Đèn đường trước trạm xá không sáng").strip("/").rpartition("/")[2]
    lan.take_down("Đèn trước trạm xá tắt từ tối qua")
    page = lan.page
    move(page, "accept", category="lamps")
    route(page)
    workers = demo.children("caunoi.cli worker")
    for pid in workers:
        os.kill(pid, signal.SIGSTOP)
    try:
        move(page, "merge", into=first)
        move(page, "reopen", reason="Hai chỗ khác nhau")
        route(page)
    finally:
        for pid in workers:
            os.kill(pid, signal.SIGCONT)
    for _ in range(3):  # the worker gets to all of it, and changes nothing of that
        page.wait_for_timeout(1_000)
        page.reload()
        assert page.locator("#move-route").count() == 0, "it lies with the agency"
