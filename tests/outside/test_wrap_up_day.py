"""A citizen calls three times: the operator sees who it is, what about, and says after each call what came of it.

Proves: The card of a call names the caller, counts the calls of the day, takes an earlier ticket by one press; after
the call one key says what came of it and makes ready, a call of which nobody says it is found (D16)"""

from collections.abc import Callable, Iterator

import hotline
import pytest
from exchange import Exchange
from hotline import PATIENCE, extension, ready, rung
from playwright.sync_api import Browser, Locator, expect
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

NUMBER, SHOWN, NAME = "0912345561", "0912 345 561", "Bà Demo Gọi Lại"
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
    """The citizen calls, lan picks up; the id of the call."""
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


def test_the_first_call_becomes_a_ticket_and_is_guessed_to_be_that(exchange: Exchange, phone: str, lan: Person) -> None:
    lan.at("/desk/")
    call = talks(exchange, phone)
    expect(card(lan)).to_contain_text(SHOWN)
    expect(card(lan)).to_contain_text("Số này gọi lần đầu")
    lan.page.keyboard.press("i")
    lan.page.wait_for_url("**/desk/new?call=*")
    lan.page.fill("[name=name]", NAME)
    lan.page.fill("main [name=text]", "Đèn đường trước nhà không sáng")
    lan.page.check("[name=then][value=keep]", force=True)
    with lan.page.expect_navigation():
        lan.page.keyboard.press("Control+Enter")
    exchange.hangs_up(call, phone)
    expect(card(lan)).to_contain_text("Kết quả cuộc gọi?")
    expect(card(lan)).to_contain_text("Đèn đường trước nhà")
    expect(card(lan).locator("button.btn-primary")).to_have_text("Đã lập phiếu , 1")
    lan.page.keyboard.press(",")
    lan.page.keyboard.press("1")
    expect(card(lan)).to_have_count(0)


def test_the_second_one_is_about_that_ticket_by_one_press(exchange: Exchange, phone: str, lan: Person) -> None:
    lan.at("/desk/calls/")
    call = talks(exchange, phone)
    expect(card(lan).locator("summary strong")).to_have_text(NAME)
    expect(card(lan)).to_contain_text(SHOWN)
    expect(card(lan)).to_contain_text("Gọi lần thứ 2 hôm nay")
    card(lan).get_by_role("button", name="Gọi về phiếu này").click()
    expect(card(lan)).to_contain_text("Không phải phiếu này")
    card(lan).get_by_role("button", name="Không phải phiếu này").click()
    card(lan).get_by_role("button", name="Gọi về phiếu này").click()
    expect(card(lan)).to_contain_text("Không phải phiếu này")
    lan.page.reload()
    expect(card(lan)).to_contain_text("Không phải phiếu này")
    exchange.hangs_up(call, phone)
    expect(card(lan).locator("button.btn-primary")).to_contain_text("Đã báo tình trạng phiếu")
    lan.page.fill("#wrap-up-line", "Hỏi bao giờ sửa, i 1 n")
    card(lan).get_by_role("button", name="Đã báo tình trạng phiếu").click()
    expect(card(lan)).to_have_count(0)
    row = lan.at("/desk/calls/").locator("main tbody tr", has_text=SHOWN).first
    expect(row).to_contain_text("Đã báo tình trạng phiếu")


def test_of_the_third_nobody_says_what_came_of_it_and_a_supervisor_finds_it(
    demo: Product, exchange: Exchange, phone: str, lan: Person, person: Somebody
) -> None:
    lan.at("/desk/calls/")
    call = talks(exchange, phone)
    expect(card(lan)).to_contain_text("Gọi lần thứ 3 hôm nay")
    exchange.hangs_up(call, phone)
    expect(card(lan)).to_contain_text("Kết quả cuộc gọi?")
    card(lan).page.get_by_role("button", name="Sẵn sàng ngay").click()
    expect(card(lan)).to_have_count(0)
    tam = person(demo, "tam")
    rows = tam.at("/desk/calls/?outcome=unnoted").locator("main tbody tr", has_text=SHOWN)
    expect(rows).to_have_count(1)
    rows.first.locator("a[href^='/desk/calls/']").first.click()
    tam.page.select_option("[name=result]", label="Nhầm số")
    tam.page.locator("form[action$='/note'] button").click()
    expect(tam.at("/desk/calls/?outcome=unnoted").locator("main tbody tr", has_text=SHOWN)).to_have_count(0)
