"""An operator's words: kept while they are typed, gone when they are sent, seen by nobody else, done once.

Proves: drafts of staff in the database, sent once, the second writer keeps the words, undo restores, entry in one
transaction (D1–D4, D10, D14, K7)"""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Route
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

People = Callable[..., Person]
SECRET = "Em bị chồng đánh, xin giữ kín"


def saved(person: Person, form: str = "#entry") -> None:
    """Waits until the page says that the draft is kept."""
    person.page.locator(f"{form} [data-draft-status]", has_text="Đã lưu nháp").first.wait_for()


def types(person: Person, field: str, words: str) -> None:
    """Fills a field and waits until the server has the words."""
    with person.page.expect_response(lambda r: r.url.endswith("/drafts") and words in (r.request.post_data or "")):
        person.page.fill(field, words)


def test_the_next_callers_form_is_empty(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.fill("#id_phone", "0903 111 222")
    page.fill("#id_name", "Nguyễn Thị Bí Mật")
    page.fill("#id_text", "Rác đổ trộm ở đầu hẻm 12")
    page.fill("#id_summary", "Rác đổ trộm")
    page.check("input[name=then][value=keep]")
    with page.expect_navigation():
        page.click("#entry .btn-primary")
    page = lan.at("/desk/new")
    page.wait_for_load_state("networkidle")
    assert [page.input_value(f"#id_{name}") for name in ("phone", "name", "text", "summary")] == [""] * 4


def test_a_call_that_is_being_typed_outlives_a_crash_and_is_there_in_another_browser(
    demo: Product, person: People
) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.fill("#id_phone", "0903 111 222")  # the hints beside the form ask, and must not end the draft
    page.fill("#id_address", "12 Nguyễn Huệ")
    types(lan, "#id_text", "Cây đổ chắn đường")
    page.reload()
    wait_until(lambda: page.input_value("#id_text") == "Cây đổ chắn đường")
    assert page.input_value("#id_phone") == "0903 111 222"
    elsewhere = person(demo, "lan").at("/desk/new")
    wait_until(lambda: elsewhere.input_value("#id_address") == "12 Nguyễn Huệ")
    elsewhere.click("[data-draft-discard]")
    elsewhere.locator("#entry [data-draft-status]", has_text="Đã xóa nháp").wait_for()
    assert lan.at("/desk/new").input_value("#id_text") == ""


def test_two_windows_of_one_person_keep_two_callers_apart(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    first = lan.at("/desk/new")
    types(lan, "#id_text", "Người thứ nhất: mất điện cả hẻm")
    second = lan.window()
    lan.expect("409")
    second.goto(f"{demo.address}/desk/new", wait_until="load")
    second.locator("#entry [data-draft-status]", has_text="ở một cửa sổ khác").wait_for()
    assert second.input_value("#id_text") == ""
    with second.expect_response(lambda r: r.url.endswith("/drafts")) as answer:
        second.fill("#id_text", "Người thứ hai: đường ngập")
    assert answer.value.status == 409
    first.reload()
    wait_until(
        lambda: (first.wait_for_timeout(1), first.input_value("#id_text"))[1] == "Người thứ nhất: mất điện cả hẻm"
    )
    second.check("input[name=then][value=keep]")
    with second.expect_navigation():
        second.click("#entry .btn-primary")
    first.reload()
    wait_until(
        lambda: (first.wait_for_timeout(1), first.input_value("#id_text"))[1] == "Người thứ nhất: mất điện cả hẻm"
    )
    first.click("[data-draft-discard]")
    first.locator("#entry [data-draft-status]", has_text="Đã xóa nháp").wait_for()


def test_a_session_that_ends_while_somebody_types_keeps_what_is_typed(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.fill("#id_text", "Ống nước vỡ trước trường học")
    saved(lan)
    lan.context.clear_cookies(name="sessionid")
    lan.expect("401")
    page.locator("#id_text").press_sequentially(", nước tràn ra đường")
    page.wait_for_url(re.compile(r"/login\b"), timeout=30_000)
    lan.see("Phiên làm việc đã hết, hãy đăng nhập lại; những gì đang viết vẫn còn.")
    page.keyboard.type("lan")  # the caret is there
    page.fill("[name=password]", "demo1022!")
    with page.expect_navigation():
        page.press("[name=password]", "Enter")
    assert lan.path == "/desk/new"
    wait_until(lambda: page.input_value("#id_text") == "Ống nước vỡ trước trường học, nước tràn ra đường")
    page.check("input[name=then][value=keep]")
    with page.expect_navigation():
        page.click("#entry .btn-primary")


def test_a_session_that_ends_while_a_number_is_typed_says_why_one_must_sign_in(demo: Product, person: People) -> None:
    mai = person(demo, "mai")
    page = mai.at("/desk/new")
    page.wait_for_load_state("networkidle")
    mai.expect("401")
    mai.context.clear_cookies(name="sessionid")
    with page.expect_navigation(url="**/login?**"):
        page.locator("#id_phone").press_sequentially("0903 222 333")  # the hints beside the form ask
    mai.see("Phiên làm việc đã hết, hãy đăng nhập lại; những gì đang viết vẫn còn.")
    wait_until(lambda: page.evaluate("document.activeElement.name") == "username")
    mai.sign_in("mai")
    page = mai.at("/desk/new")
    wait_until(lambda: page.input_value("#id_phone").replace(" ", "") == "0903222333")
    page.click("[data-draft-discard]")
    page.locator("#entry [data-draft-status]", has_text="Đã xóa nháp").wait_for()
    stranger = person(demo)
    stranger.at("/desk/")
    assert stranger.path == "/login" and "Phiên làm việc" not in stranger.text()


def test_a_draft_is_thrown_away_as_soon_as_there_is_one(demo: Product, person: People) -> None:
    page = person(demo, "mai").at("/desk/new")
    page.wait_for_load_state("networkidle")
    button, status = page.locator("#entry [data-draft-discard]"), page.locator("#entry [data-draft-status]")
    focused = "document.activeElement.id"
    assert (button.is_visible(), status.inner_text(), page.evaluate(focused)) == (False, "", "id_text")
    page.keyboard.type("Cây")
    assert button.is_visible()
    status.get_by_text("Đã lưu nháp").wait_for()
    for _ in range(len("Cây")):
        page.keyboard.press("Backspace")
    assert not button.is_visible()
    status.get_by_text("Đã xóa nháp").wait_for()
    page.keyboard.type("Cây đổ")
    status.get_by_text("Đã lưu nháp").wait_for()
    page.reload()
    button.wait_for()
    page.fill("#id_text", "")  # emptied after it was put back
    status.get_by_text("Đã xóa nháp").wait_for()
    assert not button.is_visible()
    page.check("[name=channel][value=zalo]")
    page.fill("#id_text", "Cây đổ")
    status.get_by_text("Đã lưu nháp").wait_for()
    button.click()
    status.get_by_text("Đã xóa nháp").wait_for()
    assert page.evaluate(focused) == "id_text"
    assert page.input_value("#id_text") == "" and page.is_checked("[name=channel][value=phone]")


def test_nothing_is_left_for_the_next_person_at_the_same_computer(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/new")
    page.evaluate("localStorage.setItem('draft:entry', JSON.stringify({at: Date.now(), values: {name: 'Bí Mật'}}))")
    page = lan.at("/desk/new")
    page.fill("#id_text", SECRET)
    saved(lan)
    lan.sign_out()
    assert "Bí Mật" not in lan.storage() and SECRET not in lan.storage()
    page.go_back()
    page.wait_for_load_state()
    assert SECRET not in page.content() and page.locator("#id_text").count() == 0
    lan.sign_in("dao")
    page = lan.at("/desk/new")
    page.wait_for_load_state("networkidle")
    assert page.input_value("#id_text") == "" and page.input_value("#id_name") == ""
    lan.sign_out()
    page = lan.sign_in("lan").at("/desk/new")
    wait_until(lambda: page.input_value("#id_text") == SECRET)
    page.click("[data-draft-discard]")
    page.locator("#entry [data-draft-status]", has_text="Đã xóa nháp").wait_for()


def test_a_tab_left_open_closes_with_the_session(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    other = lan.window()
    other.goto(f"{demo.address}/desk/new", wait_until="load")
    with other.expect_response(lambda r: r.url.endswith("/drafts") and SECRET in (r.request.post_data or "")):
        other.fill("#id_text", SECRET)
    lan.expect("401.*/desk/(hints|phone)")  # what the open page asks for when nobody is signed in any more
    lan.at("/desk/")
    lan.sign_out()
    other.wait_for_url(lambda url: "/login?" in url and "over=1" in url and "next=" in url)
    page = lan.sign_in("lan").at("/desk/new")
    wait_until(lambda: page.input_value("#id_text") == SECRET)
    page.click("[data-draft-discard]")
    page.locator("#entry [data-draft-status]", has_text="Đã xóa nháp").wait_for()


def test_a_tab_that_slept_closes_when_it_wakes(demo: Product, person: People, browser: Browser) -> None:
    lan = person(demo, "lan")
    asleep = browser.new_context(storage_state=lan.context.storage_state())
    try:
        page = asleep.new_page()
        page.route("**/live*", lambda route: route.abort())
        page.goto(f"{demo.address}/desk/", wait_until="load")
        page.wait_for_selector("body[data-live-state=waiting]")
        lan.sign_out()
        page.unroute("**/live*")
        page.wait_for_url(lambda url: "/login?" in url and "over=1" in url and "next=" in url)
    finally:
        asleep.close()


def test_what_was_sent_does_not_come_back_into_the_box(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    path = lan.take_down("Đèn giao thông không sáng")
    form = f"form[action='{path}remark']"
    page = lan.page
    page.fill(f"{form} textarea", "Đã gọi cho đội đèn")
    page.wait_for_timeout(1_500)  # long enough for a draft
    with page.expect_navigation():
        page.click(f"{form} button")
    page.wait_for_load_state("networkidle")
    assert page.input_value(f"{form} textarea") == ""
    page = lan.at(path)
    page.wait_for_load_state("networkidle")
    assert page.input_value(f"{form} textarea") == ""


def test_what_was_sent_does_not_come_back_when_the_answer_is_slow(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    path = lan.take_down("Đèn tín hiệu chớp vàng suốt ngày")
    box = f"form[action='{path}remark'] textarea"
    page = lan.page
    types(lan, box, "Đã báo đội đèn")

    def slowly(route: Route) -> None:
        answer = route.fetch(max_redirects=0)
        page.wait_for_timeout(2_500)  # others hear of the remark first, and so does this page
        route.fulfill(response=answer)

    page.route("**/remark", slowly)
    with page.expect_navigation():
        page.click(f"form[action='{path}remark'] button")
    page = lan.at(path)
    page.wait_for_load_state("networkidle")
    assert page.input_value(box) == ""


def test_a_form_that_is_sent_twice_is_done_once(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    path = lan.take_down("Nắp cống bị mất")
    form = f"form[action='{path}remark']"
    page = lan.page
    page.fill(f"{form} textarea", "Hẹn chiều nay xuống xem")
    send = """async (form) => {
      const f = document.querySelector(form), body = () => new URLSearchParams(new FormData(f));
      const once = () => fetch(f.action, {method: 'POST', body: body()}).then((r) => r.status);
      return [...await Promise.all([once(), once()]), await once()];
    }"""
    assert page.evaluate(send, form) == [200, 200, 200]  # led to the ticket each time
    page = lan.at(path)
    assert page.locator("li", has_text="Hẹn chiều nay xuống xem").count() == 1
    page.fill(f"{form} textarea", "Đã đặt rào chắn")
    page.locator(f"{form} button").dblclick(no_wait_after=True)
    page.locator("li", has_text="Đã đặt rào chắn").wait_for()
    page.go_back()
    page.wait_for_load_state("networkidle")
    assert page.locator(f"{form} textarea").count() == 0 or page.input_value(f"{form} textarea") == ""
    page = lan.at(path)
    assert page.locator("li", has_text="Đã đặt rào chắn").count() == 1


def answer(person: Person, path: str, words: str) -> None:
    """Opens the answer on a ticket's page and types it."""
    page = person.at(path)
    page.click("#move-answer > summary")
    page.select_option("#id_answer_answer-category", index=1)
    page.fill("#id_answer_answer-text", words)


def test_two_who_answer_the_same_citizen_see_each_other_and_lose_no_word(demo: Product, person: People) -> None:
    lan, mai = person(demo, "lan"), person(demo, "mai")
    path = lan.take_down("Cho hỏi giờ làm việc của bộ phận một cửa")
    answer(mai, path, "Bộ phận một cửa làm việc từ 7 giờ 30.")
    saved(mai, "#form-answer")
    lan.page.locator("#writers", has_text="đang viết ở đây").wait_for()
    answer(lan, path, "Anh/chị tới từ thứ Hai đến thứ Sáu.")
    saved(lan, "#form-answer")
    mai.page.locator("#writers", has_text="đang viết ở đây").wait_for()
    mai.page.locator("#id_answer_answer-text").press_sequentially(" Chiều từ 13 giờ.")
    with lan.page.expect_navigation():
        lan.page.click("#form-answer .btn-primary")
    kept = mai.page.locator("#left-answer")
    kept.wait_for()
    assert kept.inner_text() == "Bộ phận một cửa làm việc từ 7 giờ 30. Chiều từ 13 giờ."
    mai.see("Đã có người trả lời; nội dung anh/chị soạn vẫn còn")
    assert lan.page.locator("#left-answer").count() == 0
    with mai.page.expect_navigation():
        mai.page.click("text=Bỏ nội dung này")
    assert mai.path == path and mai.page.locator("#left-answer").count() == 0


def test_the_one_who_sends_second_keeps_the_words_too(demo: Product, person: People) -> None:
    lan, mai = person(demo, "lan"), person(demo, "mai")
    path = lan.take_down("Cho hỏi phí cấp lại sổ hộ khẩu")
    answer(mai, path, "Không mất phí.")
    mai.expect(r"/live")
    mai.page.route("**/live*", lambda route: route.abort())  # her page hears of nothing
    send = "() => document.querySelector('#form-answer .btn-primary')?.click()"
    answer(lan, path, "Miễn phí.")
    with lan.page.expect_navigation():
        lan.page.evaluate(send)
    mai.page.evaluate(send)  # where her page has not learnt of it by itself
    mai.page.locator("#left-answer", has_text="Không mất phí.").wait_for()
    mai.page.reload()
    mai.page.locator("#left-answer", has_text="Không mất phí.").wait_for()


def test_a_citizens_reply_is_not_kept_when_sent_nor_shown_to_the_staff(demo: Product, person: People) -> None:
    dan = person(demo, size="phone")
    page = dan.at("/report")
    page.fill("[name=text]", SECRET)
    page.wait_for_timeout(1_000)
    assert SECRET in dan.storage()
    dan.sign_in("lan")
    page = dan.at("/report")
    page.wait_for_load_state("networkidle")
    assert page.input_value("[name=text]") == ""
    dan.at("/desk/")
    dan.sign_out()
    page = dan.at("/report")
    wait_until(lambda: page.input_value("[name=text]") == SECRET)


def merged(person: Person, path: str, into: str) -> None:
    page = person.at(path)
    page.click("#move-merge > summary")
    page.fill("#form-merge input[name=merge-into]", into)
    with page.expect_navigation():
        page.click("#form-merge .btn-primary")


def test_undo_restores_what_was_before(demo: Product, person: People) -> None:
    lan = person(demo, "lan")
    first, second = lan.take_down("Cống nghẹt đường số 5"), lan.take_down("Cống nghẹt ở đường số 5 từ hôm qua")
    merged(lan, second, first.split("/")[2])
    with lan.page.expect_navigation():
        lan.page.click(".toast button:has-text('Hoàn tác')")
    header = lan.page.locator("#ticket-body .column-head")
    header.get_by_text("Mới").first.wait_for()
    assert "Đã mở lại" not in lan.page.inner_text("#ticket-body")
    assert lan.page.locator("#move-merge").count() == 1  # and it can be merged, for good
