"""An operator reads the queue while others work: lines are small, and none moves under the pointer.

Proves: thirteen lines at 900 px, of at most 56 px each; what comes in while the list is in use is counted by a button,
what went is faint, and a list at rest is simply new (D21); what was done is said as what was done"""

from collections.abc import Callable
from itertools import count

import pytest
from playwright.sync_api import Page, expect
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

Arrival = Callable[..., Person]
LINES = "#queue-list .items > li"
ARRIVALS = "#queue-list [data-arrivals]"
_number = count(1)


def reported(demo: Product, words: str = "Nắp cống bị mất") -> str:
    """A ticket that a program writes down; its code."""
    told = {"text": f"{words} số {next(_number)}", "channel": "phone"}
    answer = demo.ask("/api/v1/tickets", told, authorization="Bearer demo-api-lan")
    assert answer.status == 201, answer.text
    return str(answer.json["code"])


def places(page: Page) -> list[tuple[str, float]]:
    """Each line's address, and how far from the top of the window it is."""
    script = "[...document.querySelectorAll(%r)].map(e => [e.querySelector('a').pathname, e.getBoundingClientRect().y])"
    return [(path, y) for path, y in page.evaluate(script % LINES)]


def test_thirteen_lines_stand_on_a_screen_of_900(demo: Product, person: Arrival) -> None:
    page = person(demo, "lan").at("/desk/")
    page.locator(LINES).first.wait_for()
    script = "[...document.querySelectorAll(%r)].map(e => e.getBoundingClientRect()).map(r => [r.height, r.bottom])"
    lines = page.evaluate(script % LINES)
    assert max(height for height, _ in lines) <= 56
    assert sum(bottom <= 900 for _, bottom in lines) >= 13, lines


def test_what_comes_in_moves_no_line_under_the_pointer(demo: Product, person: Arrival) -> None:
    lan, tam = person(demo, "lan"), person(demo, "tam")
    page = lan.at("/desk/")
    page.locator(LINES).nth(3).hover()
    before = places(page)
    for _ in range(2):
        reported(demo)
    expect(page.locator(ARRIVALS)).to_have_text("2 phiếu mới", timeout=20_000)
    stayed = places(page)
    assert [path for path, _ in stayed] == [path for path, _ in before]
    gone = before[1][0]
    tam.at(gone)
    tam.page.click("#move-refuse > summary")
    tam.page.select_option("#form-refuse [name=refuse-reason]", "unclear")
    with tam.page.expect_navigation():
        tam.page.click("#form-refuse .btn-primary")
    tam.see("Đã từ chối · ")
    faint = page.locator(f"{LINES}[data-gone] a")
    expect(faint).to_have_count(1, timeout=20_000)
    assert gone in str(faint.get_attribute("href"))
    assert [path for path, _ in places(page)] == [path for path, _ in before]
    page.click(ARRIVALS)
    expect(page.locator(f"{LINES}[data-gone]")).to_have_count(0)
    assert gone not in [path for path, _ in places(page)]
    expect(page.locator(ARRIVALS)).to_be_hidden()


def test_beside_an_open_ticket_what_came_in_is_one_key_away(demo: Product, person: Arrival) -> None:
    lan = person(demo, "lan")
    page = lan.at("/desk/")
    page.locator(f"{LINES} a").nth(2).click()
    page.locator("#ticket-body").wait_for()
    code = reported(demo)
    expect(page.locator(ARRIVALS)).to_have_text("1 phiếu mới", timeout=20_000)
    page.keyboard.press("e")
    wait_until(lambda: any(code in path for path, _ in places(page)), why=f"{code} is in the list")
    expect(page.locator(f"{LINES}[aria-current]")).to_have_count(1)


def test_a_list_that_nobody_uses_is_simply_new(demo: Product, person: Arrival) -> None:
    page = person(demo, "lan").at("/desk/")
    page.mouse.move(900, 500)
    code = reported(demo)
    wait_until(lambda: any(code in path for path, _ in places(page)), why="it stands in the list")
    expect(page.locator(ARRIVALS)).to_be_hidden()


def test_two_operators_share_the_work_and_the_shift_ends(demo: Product, person: Arrival) -> None:
    lan, mai, tam = person(demo, "lan"), person(demo, "mai"), person(demo, "tam")
    path = f"/desk/{reported(demo, 'Cột đèn nghiêng')}/"
    lan.at(path)
    mai.at(path)
    lan.page.keyboard.press(",")
    lan.page.keyboard.press("t")
    lan.see("Anh/chị đã nhận phiếu này.")
    mai.page.locator("#whose", has_text="đang nhận").wait_for()  # her page has heard of it
    mine = lan.at("/desk/?tab=todo&whose=mine")
    expect(mine.locator(LINES)).to_have_count(1)
    expect(mine.locator(LINES).first).to_contain_text("Lan")
    lan.at(path)
    lan.page.keyboard.press(",")
    lan.page.keyboard.press("s")
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Đến sáng mai").click()
    lan.see("Đã tạm gác đến")
    assert path not in [line for line, _ in places(lan.at("/desk/?tab=todo"))]
    assert path in [line for line, _ in places(lan.at("/desk/?tab=todo&whose=snoozed"))]
    page = tam.at("/desk/cockpit/workload")
    row = page.locator("tr", has_text="Lan")
    row.locator("select").select_option("mai")
    with page.expect_navigation():
        row.get_by_role("button", name="Giao").click()
    tam.see("Đã giao 1 phiếu.")
    assert path in [line for line, _ in places(mai.at("/desk/?tab=todo&whose=mine"))]
    story = mai.at(path).locator("#ticket-body").inner_text()
    for words in ("Lan (demo) nhận phiếu", "Tạm gác đến", "Mai (demo) nhận phiếu"):
        assert words in story, words


def test_of_two_who_take_it_at_once_one_has_it_and_the_other_reads_who(demo: Product, person: Arrival) -> None:
    lan, mai = person(demo, "lan"), person(demo, "mai")
    path = f"/desk/{reported(demo, 'Vỉa hè sụt')}/"
    mai.expect(r"/live")
    mai.at(path)
    mai.page.route("**/live*", lambda route: route.abort())
    take = "#whose button[name=to][value=me]"
    lan.at(path)
    mai.page.reload()
    with lan.page.expect_navigation():
        lan.page.click(take)
    with mai.page.expect_navigation():
        mai.page.click(take)
    mai.see("vừa nhận phiếu này")
    assert "Lan" in mai.page.locator("#whose").inner_text()
