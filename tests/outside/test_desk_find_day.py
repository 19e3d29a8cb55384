"""An operator's day at the desk: everything is found, every call-back can be taken, the keyboard never acts alone, what
is forwarded goes, and red is red.

Proves: Ctrl-K, search over all states, call-backs hit and counted, the proposed agency used, keys and caret, the
clock that runs now (D5–D9, D11, P8)"""

import re
from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, Route, expect
from stage import Person, Product, unreachable, wait_until

Arrival = Callable[..., Person]
CTI = "/cti/demo-cti"
expect.set_options(timeout=20_000)
_number = count(1)


def program(demo: Product, user: str, path: str, body: dict[str, object] | None = None) -> dict[str, object]:
    """What the API answers to a program that has this user's token."""
    answer = demo.ask(f"/api/v1{path}", body, authorization=f"Bearer demo-api-{user}")
    assert answer.status in {200, 201}, answer.text
    return answer.json


def reported(demo: Product, text: str, **more: object) -> str:
    """A ticket that somebody's words became; its code."""
    made = program(demo, "lan", "/tickets", {"text": text, "channel": "phone", **more})
    return str(made["code"])


def missed(demo: Product, number: str) -> None:
    """Somebody calls and hangs up before anybody answers."""
    call = f"find-{next(_number)}-{number}"
    told = {"callId": call, "direction": "in", "from": number, "to": "1022", "queue": "tongdai1022"}
    for event in ({"event": "newCall"}, {"event": "hangup", "cause": "cancel"}):
        answer = demo.ask(CTI, told | event)
        assert answer.status == 200, answer.text


def option(page: Page, text: str) -> object:
    return page.get_by_role("listbox").get_by_role("option", name=re.compile(re.escape(text)))


def ask_palette(page: Page, text: str) -> None:
    page.keyboard.press("Control+k")
    expect(page.get_by_role("combobox", name=re.compile("Tìm phiếu"))).to_be_focused()
    page.keyboard.type(text)


def test_ctrl_k_finds_a_code_a_number_words_a_procedure_and_a_page(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Cột điện nghiêng ở ngõ Lụa Đào", contact={"phone": "0900 000 777"})
    lan = person(demo, "lan")
    page = lan.at("/desk/")
    for typed in (code, code.replace("-", ""), "0900000777", "+84 900 000 777", "ngo lua dao", code[:9]):
        ask_palette(page, typed)
        expect(option(page, code)).to_have_count(1)
        page.keyboard.press("Escape")
    ask_palette(page, "mat can cuoc")
    expect(option(page, "căn cước").first).to_be_visible()
    page.keyboard.press("Escape")
    ask_palette(page, "goi lai")
    expect(option(page, "Gọi lại")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/callbacks/")
    page.click("[data-palette]")
    page.keyboard.type(code)
    page.keyboard.press("Enter")  # at once: it waits for what is found
    page.wait_for_url(f"**/desk/{code}/")


def test_ctrl_k_says_that_it_looks_and_is_done_by_keys_alone(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Ổ gà trước cổng trường Mầm Non Họa Mi")
    page = person(demo, "lan").at("/desk/new")
    held: list[Route] = []
    page.route("**/desk/find?*", lambda route: held.append(route))
    with page.expect_request("**/desk/find?*"):
        ask_palette(page, code)
    listbox = page.get_by_role("listbox")
    expect(listbox).to_contain_text("Đang tìm…")
    expect(listbox).not_to_contain_text("Không tìm thấy")
    for route in held:
        route.continue_()
    expect(option(page, code)).to_have_attribute("aria-selected", "true")
    expect(listbox).not_to_contain_text("Đang tìm…")
    page.unroute("**/desk/find?*")
    page.keyboard.press("Escape")
    ask_palette(page, "xyzzyqq")
    expect(listbox).to_contain_text("Không tìm thấy")
    expect(listbox).not_to_contain_text("Đang tìm…")


@pytest.mark.parametrize(
    ("name", "home", "page_of_ticket"),
    [
        ("minh", "/agency/", "/agency/{}/"),
        ("hoa", "/agency/", "/agency/{}/"),
        ("phong", "/board/", "/board/tickets/{}"),
        ("tam", "/board/", "/desk/{}/"),
        ("thu", "/desk/publish/", "/desk/{}/"),
    ],
)
def test_each_of_the_staff_finds_what_they_may_see(
    demo: Product, person: Arrival, name: str, home: str, page_of_ticket: str
) -> None:
    somebody = person(demo, name)
    somebody.expect("GL Driver Message")  # a map on a machine without a graphics card
    seen = str(program(demo, name, "/tickets?limit=1&state=working")["items"][0]["code"])  # type: ignore[index]
    page = somebody.at(home)
    ask_palette(page, seen)
    page.keyboard.press("Enter")
    page.wait_for_url("**" + page_of_ticket.format(seen))


def test_ctrl_k_shows_nobody_what_is_not_theirs(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Chuyện riêng của tổng đài")
    for name, home in (("minh", "/agency/"), ("quan", "/setup/")):
        somebody = person(demo, name)
        somebody.expect("GL Driver Message")
        page = somebody.at(home)
        ask_palette(page, code)
        expect(page.get_by_role("listbox")).to_contain_text("Không tìm thấy")
    page.keyboard.press("Escape")
    ask_palette(page, "thoi han xu ly")
    expect(option(page, "Thời hạn xử lý").first).to_be_visible()


def test_the_list_looks_in_all_tickets_and_says_where(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Nắp cống vỡ ở hẻm Ba Khía", category="drains", contact={"phone": "0987 650 778"})
    for made in ({"move": "accept"}, {"move": "route", "agency": "xncongtrinh"}):
        program(demo, "lan", f"/tickets/{code}/moves", made)
    for query in (f"q={code}", "q=0987650778", "q=hem%20ba%20khia&state=routed"):
        if "khia" in query:  # a ticket's words are known a moment after it
            wait_until(lambda: program(demo, "lan", "/tickets?q=hem%20ba%20khia")["items"], why="its words are known")
        found = program(demo, "lan", f"/tickets?limit=5&{query}")["items"]
        assert [item["code"] for item in found] == [code]  # type: ignore[attr-defined]
    assert program(demo, "lan", "/tickets?q=hem%20ba%20khia&state=new")["items"] == []
    page = person(demo, "lan").at("/desk/")
    box = page.get_by_role("searchbox", name="Tìm", exact=True)
    for typed in (code, code.replace("-", ""), "0987 650 778", "hem ba khia"):
        box.fill(typed)
        box.press("Enter")
        expect(page.locator("#queue-list .items")).to_contain_text(code)
        expect(page.locator("#queue-list")).to_contain_text("Đã tìm trong tất cả các phiếu.")
    page.locator("#queue-list nav a").first.click()  # one tab of what is found
    expect(page.locator("#queue-list")).to_contain_text("Mới tìm trong thẻ")
    page.get_by_role("link", name="Tìm trong tất cả các phiếu").click()
    expect(page.locator("#queue-list .items")).to_contain_text(code)


def test_words_are_found_among_all_that_waits_not_on_its_first_page_alone(demo: Product, person: Arrival) -> None:
    for number in range(26):  # a page, which falls due before
        reported(demo, f"Ổ gà trước nhà số {number}")
    code = reported(demo, "Nắp hố ga kênh ở hẻm Bông Trang")
    wait_until(lambda: program(demo, "lan", "/tickets?q=hem%20bong%20trang")["items"], why="its words are known")
    page = person(demo, "lan").at("/desk/?tab=todo")
    expect(page.locator("#queue-list .items")).not_to_contain_text(code)
    for _ in range(2):  # and after a reload
        page.goto(f"{demo.address}/desk/?tab=todo&q=hem+bong+trang")
        expect(page.locator("#queue-list .items")).to_contain_text(code)


def shown(number: str) -> str:
    return f"{number[:4]} {number[4:7]} {number[7:]}"


def test_each_call_back_is_the_one_that_is_clicked(demo: Product, person: Arrival) -> None:
    numbers = [f"09020{n:05}" for n in range(3)]
    for number in numbers:
        missed(demo, number)
    lan = person(demo, "lan")
    page = lan.at("/desk/callbacks/")
    expect(page.get_by_role("link", name=shown(numbers[2]))).to_be_visible()
    page.get_by_role("link", name=shown(numbers[0])).click()  # not the last of the page
    expect(page.get_by_role("heading", level=1)).to_have_text(shown(numbers[0]))
    lan.at("/desk/callbacks/")
    page.locator(".callback-line", has_text=shown(numbers[1])).get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shown(numbers[1]))
    lan.at("/desk/callbacks/")
    assert unreachable(page) == []
    page.locator(".rail").get_by_role("link", name="Hàng chờ").click()
    page.wait_for_url("**/desk/")


def test_call_backs_are_all_counted_shown_and_found(demo: Product, person: Arrival) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/callbacks/")
    heading = page.locator("#callbacks h2").first
    before = int(heading.inner_text().split()[-1])
    numbers = [f"09010{n:05}" for n in range(130)]
    for number in numbers:
        missed(demo, number)
    expect(heading).to_have_text(re.compile(rf"\D{before + 130}$"), timeout=60_000)
    lan.at("/desk/callbacks/")
    seen: list[str] = []
    while True:
        seen += page.locator("#callbacks section .item-link").all_inner_texts()
        following = page.locator("#callbacks a[rel=next]")
        if not following.count():
            break
        with page.expect_navigation():
            following.click()
    assert {shown(number) for number in numbers} <= set(seen)
    page.locator(".callback-line", has_text=shown(numbers[129])).get_by_role("button").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(shown(numbers[129]))
    lan.at("/desk/callbacks/?part=mine")
    expect(page.locator("#callbacks section .item-link", has_text=shown(numbers[129]))).to_have_count(1)
    expect(page.locator("#callbacks section .item-link", has_text=shown(numbers[128]))).to_have_count(0)
    lan.at("/desk/callbacks/")
    page.get_by_role("searchbox").fill("00128")
    page.get_by_role("searchbox").press("Enter")
    expect(page.locator("#callbacks section .item-link")).to_have_text([shown(numbers[128])])


def test_the_agency_that_is_proposed_gets_it(demo: Product, person: Arrival) -> None:
    page = person(demo, "lan").at("/desk/new")
    page.fill("[name=text]", "Rác chất đống ven đường cả tuần không ai gom")
    page.fill("[name=address]", "thôn 9, xã Đức Liễu, Bù Đăng")
    page.select_option("[name=category]", "rubbish")
    expect(page.locator("#hints")).to_contain_text("UBND xã Nghĩa Trung")
    page.check("[name=then][value=route]")
    page.get_by_role("button", name="Lưu phiếu").click()
    page.wait_for_url(re.compile(r"/desk/\d\d-\d{6}-\d/"))
    code = page.url.split("/")[-2]
    ticket = program(demo, "lan", f"/tickets/{code}")
    assert (ticket["state"], ticket["area"] and ticket["holder"]) == ("routed", ticket["holder"])
    expect(page.locator("body")).to_contain_text("Đã chuyển cho UBND xã Nghĩa Trung")


def test_where_no_agency_can_be_proposed_it_is_said_before_and_nothing_is_half_done(
    demo: Product, person: Arrival
) -> None:
    lan = person(demo, "lan")
    lan.expect("422")
    page = lan.at("/desk/new")
    page.fill("[name=text]", "Rác chất đống mà người gọi chưa kịp nói ở đâu")
    page.select_option("[name=category]", "rubbish")
    expect(page.locator("#hints")).to_contain_text("chưa có quy tắc nào chỉ ra đơn vị")
    page.check("[name=then][value=route]")
    page.get_by_role("button", name="Lưu phiếu").click()
    expect(page.locator("#entry")).to_contain_text("Chưa có quy tắc nào chỉ ra đơn vị")
    assert page.url.endswith("/desk/new")
    assert page.input_value("[name=text]").startswith("Rác chất đống mà người gọi")
    assert program(demo, "lan", "/tickets?q=chua%20kip%20noi%20o%20dau")["items"] == []


def test_a_key_opens_a_form_with_the_caret_in_it_and_never_acts_while_one_may_type(
    demo: Product, person: Arrival
) -> None:
    code = reported(demo, "Xin hỏi giờ làm việc của bộ phận một cửa", kind="question")
    page = person(demo, "lan").at(f"/desk/{code}/")
    expect(page.locator("#queue-list li").first).to_be_visible()
    here = page.url
    page.keyboard.press("r")
    page.keyboard.type("Da anh Nam oi, mai 7 gio")
    answer = page.locator("#move-answer textarea")
    expect(answer).to_be_focused()
    expect(answer).to_have_value("Da anh Nam oi, mai 7 gio")
    page.locator("#ticket-title").click()  # the caret is lost, the form is open
    page.keyboard.type("n g q x")
    assert page.url == here
    expect(page.locator("#move-answer")).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(page.locator("#move-answer")).not_to_have_attribute("open", "")
    page.locator("#move-merge summary").click()  # by the mouse it is the same
    expect(page.locator("#move-merge input:not([type=hidden])").first).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    keys = page.locator("#keys")
    for said in ("K", "Ctrl", "↵", "Esc", "?", "j", "k"):
        expect(keys.locator("kbd", has_text=re.compile(rf"^{re.escape(said)}$")).first).to_be_visible()
    page.keyboard.press("Escape")
    page.locator("#queue-list .items .item-link").nth(1).click()  # there is one before and one behind it
    page.wait_for_url(lambda url: code not in url)
    focused = page.locator("#queue-list li[aria-current] > .item-link:focus")
    for key in "kj":
        before = page.url
        page.keyboard.press(key)
        expect(page).not_to_have_url(before)
        expect(focused).to_have_count(1)
    page.goto(here.replace(code, "new").rstrip("/"))
    page.locator("h1").click()
    page.keyboard.type("n g q")
    assert page.url.endswith("/desk/new")


def test_ctrl_enter_sends_only_the_form_that_one_is_in(demo: Product, person: Arrival) -> None:
    into, code = (reported(demo, f"Cống nghẹt đường số 5, lần {n}") for n in (1, 2))
    lan = person(demo, "lan")
    page = lan.at(f"/desk/{code}/")
    page.locator("#move-merge summary").click()
    with page.expect_response(lambda r: r.url.endswith("/drafts") and into in (r.request.post_data or "")):
        page.keyboard.type(into)
    lan.at(f"/desk/{code}/")
    expect(page.locator("#move-merge")).to_have_attribute("open", "")  # put back, and nobody is in it
    page.keyboard.press("Control+Enter")
    page.keyboard.press("q")
    page.keyboard.type("Anh ở đoạn nào?")
    question = page.locator("#move-ask textarea")
    expect(question).to_be_focused()
    expect(question).to_have_value("Anh ở đoạn nào?")
    page.locator("#ticket-title").click()
    page.keyboard.press("Control+Enter")
    page.wait_for_load_state("networkidle")
    assert program(demo, "lan", f"/tickets/{code}")["state"] == "new"
    question.click()
    with page.expect_navigation():
        page.keyboard.press("Control+Enter")
    assert program(demo, "lan", f"/tickets/{code}")["state"] == "waiting"


def test_a_form_that_was_put_back_is_entered_by_its_key(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Xin hỏi lịch cúp điện")
    lan = person(demo, "lan")
    page = lan.at(f"/desk/{code}/")
    page.keyboard.press("q")
    with page.expect_response(lambda r: r.url.endswith("/drafts") and "Anh" in (r.request.post_data or "")):
        page.keyboard.type("Anh")
    lan.at(f"/desk/{code}/")
    expect(page.locator("#move-ask")).to_have_attribute("open", "")
    page.keyboard.press("q")
    expect(page.locator("#move-ask textarea")).to_be_focused()


def test_keys_wait_for_the_ticket_that_they_are_meant_for(demo: Product, person: Arrival) -> None:
    for n in range(4):
        reported(demo, f"Đèn hẻm Mù U tắt, chỗ {n}")
    page = person(demo, "lan").at("/desk/?q=hem+mu+u&tab=all")
    lines = page.locator("#queue-list .item-link")
    expect(lines).to_have_count(4)
    codes = [line.get_attribute("href").split("/")[2] for line in lines.all()]  # type: ignore[union-attr]
    lines.first.click()
    expect(page.locator("#ticket .code").first).to_have_text(codes[0])
    held: list[Route] = []
    page.route(re.compile(r"/desk/\d\d-\d{6}-\d/\?"), lambda route: held.append(route))
    page.keyboard.press("j")
    page.keyboard.press("r")
    page.keyboard.type("Cho phieu ke tiepp")
    page.keyboard.press("Backspace")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#ticket details[open]")).to_have_count(0)
    expect(page.locator("#ticket .code").first).to_have_text(codes[0])
    held.pop(0).continue_()
    answer = page.locator("#move-answer textarea")
    expect(page.locator("#ticket .code").first).to_have_text(codes[1])
    expect(answer).to_be_focused()
    expect(answer).to_have_value("Cho phieu ke tiep")
    page.keyboard.press("Escape")
    page.unroute(re.compile(r"/desk/\d\d-\d{6}-\d/\?"))
    for key in "jjk":  # as fast as one can
        page.keyboard.press(key)
    page.keyboard.press("q")
    page.keyboard.type("ok")
    expect(page.locator("#move-ask textarea")).to_have_value("ok")
    assert page.url.split("/")[-2] == codes[2]
    expect(page.locator("#ticket .code").first).to_have_text(codes[2])


@pytest.mark.parametrize("size", ["desk", "narrow", "phone"])
def test_the_buttons_stay_where_they_are_and_a_double_click_is_one(demo: Product, person: Arrival, size: str) -> None:
    code = reported(demo, "Xin hỏi nộp hồ sơ khai sinh cho con ở đâu", kind="question")
    lan = person(demo, "lan", size=size)
    buttons = lan.at(f"/desk/{code}/").locator(".moves summary")
    assert buttons.count() > 3
    for n in range(buttons.count()):
        page = lan.at(f"/desk/{code}/")
        page.wait_for_load_state("networkidle")  # what comes later into the bar above makes it a pixel higher
        before = [button.bounding_box() for button in buttons.all()]
        buttons.nth(n).click()
        form = page.locator(".move[open] form")
        expect(form).to_have_count(1)
        box = form.bounding_box()
        after = [button.bounding_box() for button in buttons.all()]
        assert box and all(b and box["y"] >= b["y"] + b["height"] for b in after)
        if size != "phone":  # there the field comes into view
            assert after == before, (n, before, after, box)
        page = lan.at(f"/desk/{code}/")
        buttons.nth(n).dblclick()
        expect(page.locator(".move").nth(n)).to_have_attribute("open", "")
        expect(page.locator(".move[open]")).to_have_count(1)
        expect(page.locator(".move[open] form :focus")).to_have_count(1)


def test_no_page_shows_a_key_that_leads_elsewhere(demo: Product, person: Arrival) -> None:
    code = reported(demo, "Nắp cống vỡ ở hẻm Bông Trang", category="drains")
    for made in ({"move": "accept"}, {"move": "route", "agency": "xncongtrinh"}):
        program(demo, "lan", f"/tickets/{code}/moves", made)
    more = {"move": "leg_ask_extension", "reason": "Chờ nắp cống", "days": 2}
    for made in ({"move": "leg_accept"}, more):
        program(demo, "minh", f"/tickets/{code}/moves", made)
    tam = person(demo, "tam")
    page = tam.at(f"/desk/{code}/")
    everywhere = page.locator(".rail [data-key]").evaluate_all("all => all.map((one) => one.dataset.key.split(' ')[0])")
    printed = page.locator(".moves kbd").all_inner_texts()
    assert len(printed) == 3 and not {key.lower() for key in printed} & set(everywhere)
    page.keyboard.press(page.locator("#move-leg_refuse_extension kbd").inner_text())
    expect(page.locator("#move-leg_refuse_extension textarea")).to_be_focused()
    page.keyboard.press("Escape")
    page.keyboard.type("gc")
    page.wait_for_url("**/desk/calls/")
    tam.at("/quality/")
    page.keyboard.press(page.get_by_role("link", name="Chấm câu tiếp theo").locator("kbd").inner_text().lower())
    page.wait_for_url(re.compile(r"/quality/(?!$)"))


def test_red_is_what_is_over_for_the_centre_and_it_stands_first(demo: Product, person: Arrival) -> None:
    page = person(demo, "tam").at("/desk/")
    rows = page.locator("#queue-list .items > li")
    firsts: list[str] = []
    reds = 0
    for row in rows.all()[:12]:
        code = row.locator(".code").first.inner_text()
        deadlines = program(demo, "tam", f"/tickets/{code}")["deadlines"]
        own = [
            d for d in deadlines if d["clock"] in ("accept", "forward", "handle") and d["due"] and d["state"] != "met"
        ]  # type: ignore[attr-defined]
        first = min(own, key=lambda d: d["due"])
        firsts.append(first["due"])
        red = row.locator(".due-overdue").count() > 0
        assert red == (first["state"] == "breached"), (code, first, row.inner_text())
        if first["clock"] != "handle":
            assert row.locator(".due").inner_text().strip(), code
        reds += red
    assert reds, "the demo has nothing that is late at the centre"
    assert firsts == sorted(firsts)
    rows.first.locator(".item-link").click()
    expect(page.locator("#ticket-body .column-head .due-overdue")).to_have_count(1)
