"""A woman who speaks S'Tiêng calls; what colleagues ought to know of her is there before they speak.

Proves: A name and a language corrected, and a note for colleagues, are on the card of her next call and on its page,
and gone from both once the note is taken away; a name that is emptied is asked for again; somebody else's note is not
theirs to take; whose name was shown is written down; a colleague of an agency finds no such page (the person, D24)"""

from collections.abc import Callable, Iterator

import hotline
import pytest
from exchange import Exchange
from hotline import PATIENCE, extension, ready, rung
from playwright.sync_api import Browser, Locator, expect
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

NUMBER, SHOWN, NAME = "0912345571", "0912 345 571", "Bà Demo Điểu Thị Thử"
NOTE = "Nghe kém: nói chậm.\nCháu gái Demo dịch giúp sau 17 giờ."
type Somebody = Callable[..., Person]


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def demo(exchange: Exchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def phone(demo: Product, exchange: Exchange, browser: Browser) -> Iterator[str]:
    """Lan's extension."""
    with hotline.office(demo, exchange, browser) as admin:
        yield extension(admin, "lan")


@pytest.fixture(scope="module")
def lan(demo: Product, exchange: Exchange, phone: str, browser: Browser) -> Iterator[Person]:
    somebody = Person(browser, demo.address)
    somebody.page.set_default_timeout(PATIENCE * 1000)
    somebody.sign_in("lan")
    ready(somebody)
    yield somebody
    somebody.close()
    assert somebody.complaints == []


def talks(exchange: Exchange, phone: str) -> str:
    """She calls, lan picks up; the id of the call."""
    interface = f"PJSIP/{phone}"
    wait_until(
        lambda: interface in rung(exchange) and not exchange.members[interface].paused, PATIENCE, why="lan is ready"
    )
    call = exchange.called(NUMBER)
    exchange.rings(call, phone)
    exchange.answers(call, phone)
    return call


def card(lan: Person) -> Locator:
    return lan.page.locator("#call-pop .call-card").first


def her_page(lan: Person) -> None:
    """Opens the page of the caller by way of the log and of her last call."""
    row = lan.at("/desk/calls/").locator("main tbody tr", has_text=SHOWN).first
    row.locator("a[href^='/desk/calls/']").first.click()
    lan.page.locator("main").get_by_role("link", name=NAME).click()
    lan.page.wait_for_url("**/desk/people/*/")


def wraps_up(exchange: Exchange, phone: str, lan: Person, call: str) -> None:
    exchange.hangs_up(call, phone)
    expect(card(lan)).to_contain_text("Kết quả cuộc gọi?")
    lan.page.get_by_role("button", name="Sẵn sàng ngay").click()
    expect(card(lan)).to_have_count(0)


def test_after_the_first_call_lan_writes_down_who_it_was(exchange: Exchange, phone: str, lan: Person) -> None:
    lan.at("/desk/")
    call = talks(exchange, phone)
    expect(card(lan)).to_contain_text(SHOWN)
    lan.page.keyboard.press("i")
    lan.page.wait_for_url("**/desk/new?call=*")
    lan.page.fill("[name=name]", "Ba Demo Dieu")
    lan.page.fill("main [name=text]", "Giếng nước trong sóc bị đục mấy hôm nay")
    lan.page.check("[name=then][value=keep]", force=True)
    with lan.page.expect_navigation():
        lan.page.keyboard.press("Control+Enter")
    card(lan).get_by_role("link", name="Người liên hệ").first.click()
    lan.page.wait_for_url("**/desk/people/*/")
    expect(lan.page.locator("main")).to_contain_text("Giếng nước trong sóc")
    expect(lan.page.locator("main")).to_contain_text("Cuộc gọi")
    wraps_up(exchange, phone, lan, call)
    lan.page.locator("summary", has_text="Sửa tên hoặc ngôn ngữ").click()
    lan.page.fill("main [name=name]", NAME)
    lan.page.select_option("main [name=language]", label="S'Tiêng")
    with lan.page.expect_navigation():
        lan.page.press("main [name=name]", "Enter")
    expect(lan.page.locator("h1")).to_have_text(NAME)
    expect(lan.page.locator("main")).to_contain_text("S'Tiêng")
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Lưu ghi chú").click()
    expect(lan.page.locator(".field-error")).to_contain_text("Hãy viết điều cần biết trước")
    lan.page.fill("main [name=text]", NOTE)
    with lan.page.expect_navigation():
        lan.page.get_by_role("button", name="Lưu ghi chú").click()
    expect(lan.page.locator("main")).to_contain_text("Nghe kém: nói chậm.")
    lan.shoot("person")


def test_the_next_call_shows_all_of_it_at_once(exchange: Exchange, phone: str, lan: Person) -> None:
    lan.at("/desk/calls/")
    call = talks(exchange, phone)
    expect(card(lan).locator("summary strong")).to_have_text(NAME)
    expect(card(lan)).to_contain_text("S'Tiêng")
    expect(card(lan)).to_contain_text("Cháu gái Demo dịch giúp sau 17 giờ.")
    lan.shoot("person-calls")
    wraps_up(exchange, phone, lan, call)
    her_page(lan)
    expect(lan.page.locator("main")).to_contain_text("Nghe kém: nói chậm.")


def test_a_note_is_taken_away_by_who_wrote_it_or_a_supervisor(
    demo: Product, exchange: Exchange, phone: str, lan: Person, person: Somebody
) -> None:
    her_page(lan)
    where = lan.path
    mai = person(demo, "mai")
    expect(mai.at(where).locator("main")).to_contain_text("Nghe kém: nói chậm.")
    expect(mai.page.get_by_role("button", name="Gỡ")).to_have_count(0)
    mai.page.fill("main [name=text]", "Ghi chú của Mai")
    with mai.page.expect_navigation():
        mai.page.get_by_role("button", name="Lưu ghi chú").click()
    tam = person(demo, "tam")
    with tam.at(where).expect_navigation():
        tam.page.locator("li", has_text="Nghe kém").get_by_role("button", name="Gỡ").click()
    expect(tam.page.locator("main")).not_to_contain_text("Nghe kém")
    lan.at("/desk/calls/")
    call = talks(exchange, phone)
    expect(card(lan)).to_contain_text("Ghi chú của Mai")
    expect(card(lan)).not_to_contain_text("Nghe kém")
    wraps_up(exchange, phone, lan, call)
    minh = person(demo, "minh")
    minh.expect("40[34]")
    assert minh.at(where) and "Nghe kém" not in minh.text() and NAME not in minh.text()
