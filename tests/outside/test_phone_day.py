"""A day at the telephone: who is rung, who is not, and whose message is heard.

Proves: shipped exchange files answer calls, an unanswered ring passes on, messages are heard, presence follows the
world, talk within the call (D13, P1–P5, P7, P9); 114 by one key, and no call of its own (P10)"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import hotline
import pytest
from exchange import Exchange
from hotline import PATIENCE, PHONE_BAR, extension, ready, rung, save, tone
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

type Somebody = Callable[..., Person]


@pytest.fixture(scope="module")
def recordings(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("monitor")


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def demo(exchange: Exchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def office(demo: Product, exchange: Exchange, recordings: Path, browser: Browser) -> Iterator[Person]:
    with hotline.office(demo, exchange, browser, recordings=str(recordings)) as admin:
        yield admin


def arrives(person: Somebody, demo: Product, name: str, **how: Any) -> Person:
    somebody = person(demo, **how)
    somebody.page.set_default_timeout(PATIENCE * 1000)
    return somebody.sign_in(name) if name else somebody


def test_nobody_is_rung_who_has_not_signed_in(demo: Product, exchange: Exchange, office: Person) -> None:
    """The demo says that four people are on duty; none of them has been before a page."""
    wait_until(lambda: any(each.get("Action") == "QueueStatus" for each in exchange.asked), PATIENCE)
    office.page.wait_for_timeout(1500)  # nothing is to happen; a bridge that would, does so within milliseconds
    assert rung(exchange) == {}


def test_signing_out_is_the_end_of_ringing(demo: Product, exchange: Exchange, office: Person, person: Somebody) -> None:
    phone = f"PJSIP/{extension(office, 'lan')}"
    lan = arrives(person, demo, "lan")
    ready(lan)
    wait_until(lambda: rung(exchange).get(phone) == "lan", PATIENCE, why="lan is signed into the queue")
    lan.sign_out()
    wait_until(lambda: phone not in rung(exchange), PATIENCE, why="lan is signed out of the queue")


def test_a_changed_extension_leaves_no_phone_behind_and_a_closed_account_none_at_all(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    old = f"PJSIP/{extension(office, 'hai')}"
    hai = arrives(person, demo, "hai")
    ready(hai)
    wait_until(lambda: rung(exchange).get(old) == "hai", PATIENCE, why="hai is signed into the queue")
    extension(office, "hai", "129")
    wait_until(lambda: rung(exchange).get("PJSIP/129") == "hai", PATIENCE, why="the new phone is signed in")
    wait_until(lambda: old not in rung(exchange), PATIENCE, why="the old phone is signed out")
    office.at("/setup/people/hai/")
    with office.page.expect_navigation():
        office.page.click("button[name=do][value=deactivate]")
    with office.page.expect_navigation():
        office.page.click("main form button.btn-danger")
    wait_until(lambda: "PJSIP/129" not in rung(exchange), PATIENCE, why="a closed account rings no more")
    hai.expect(r"40[13]", "Failed to load resource")


def test_a_stranger_in_the_queue_is_shown_out(demo: Product, exchange: Exchange, office: Person) -> None:
    exchange.signed_in_by_hand("130", "ai-do")
    wait_until(lambda: "PJSIP/130" not in rung(exchange), PATIENCE, why="who is not wanted is signed out")


def test_a_phone_that_rang_in_vain_is_told_and_back_by_one_click(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    number = extension(office, "sen")
    phone = f"PJSIP/{number}"
    sen, tam = arrives(person, demo, "sen"), arrives(person, demo, "tam")
    ready(sen)
    wait_until(lambda: phone in rung(exchange), PATIENCE, why="sen is signed into the queue")
    call = exchange.called("0912345206")
    exchange.ring_in_vain(call, number)
    sen.see("Máy của anh/chị đã đổ chuông mà không có ai nghe.", PATIENCE)
    wait_until(lambda: exchange.members[phone].reason == "no_answer", PATIENCE, why="the pause has its reason")
    tam.at("/desk/calls/")
    tam.see("Tạm nghỉ: Không nghe máy")
    exchange.gives_up(call)
    sen.page.get_by_role("button", name="Tôi đã trở lại").click()
    wait_until(lambda: not exchange.members[phone].paused, PATIENCE, why="one click and sen is rung again")
    sen.page.locator(PHONE_BAR).get_by_text("Sẵn sàng").first.wait_for()
    tam.see("Sen (demo)")
    tam.page.click("#duty-sen summary")
    tam.page.fill("#duty-sen [name=why]", "Hết ca, cảm ơn Sen")
    tam.page.click("#duty-sen button[value=off]")
    wait_until(lambda: phone not in rung(exchange), PATIENCE, why="the supervisor took sen off duty")
    sen.see("Hết ca, cảm ơn Sen", PATIENCE)
    sen.at("/desk/")
    sen.see("Hết ca, cảm ơn Sen", PATIENCE)
    sen.page.get_by_role("button", name="Đã rõ").click()
    sen.page.locator("#presence-order").wait_for(state="detached")


def test_after_a_call_nobody_is_rung_until_the_time_is_over_or_one_says_so(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    number = extension(office, "lan")
    phone = f"PJSIP/{number}"
    office.at("/setup/options/after_call_seconds").fill("[name=value]", "300")
    save(office)
    lan = arrives(person, demo, "lan")
    ready(lan)
    wait_until(lambda: phone in rung(exchange) and not exchange.members[phone].paused, PATIENCE, why="lan is ready")
    state = lan.page.locator(f"{PHONE_BAR} .presence-label")

    def talks(caller: str) -> None:
        call = exchange.called(caller)
        exchange.rings(call, number)
        state.get_by_text("Đang đổ chuông").wait_for()
        exchange.answers(call, number)
        state.get_by_text("Đang nghe máy").wait_for()
        exchange.hangs_up(call, number)
        wait_until(lambda: exchange.members[phone].reason == "wrapup", PATIENCE, why="lan is not rung after the call")
        state.get_by_text("Sau cuộc gọi").wait_for()

    talks("0912345301")
    other = lan.context.new_page()
    other.goto(f"{demo.address}/desk/calls/")
    until = other.locator("#after-call .hint").inner_text()
    lan.at("/desk/calls/")
    assert lan.page.locator("#after-call .hint").inner_text() == until  # the same in two tabs and after a reload
    other.get_by_role("button", name="Thêm thời gian").click()
    wait_until(lambda: lan.page.locator("#after-call .hint").inner_text() != until, PATIENCE, why="more time, in both")
    lan.page.get_by_role("button", name="Sẵn sàng ngay").click()
    wait_until(lambda: not exchange.members[phone].paused, PATIENCE, why="lan is ready before the time is over")
    other.locator("#after-call").wait_for(state="detached")
    other.close()

    office.at("/setup/options/after_call_seconds").fill("[name=value]", "4")
    save(office)
    office.page.wait_for_timeout(11_000)  # until every process has read it
    talks("0912345302")
    demo.expect("in trouble: the PBX closed the connection")
    exchange.hang_up_the_link()
    wait_until(
        lambda: not exchange.members[phone].paused, PATIENCE, why="the time ends by itself, over a lost link too"
    )
    state.get_by_text("Sẵn sàng").wait_for()
    lan.sign_out()


def test_digits_are_typed_on_the_page_of_the_phone_and_outlive_what_others_do(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    number = extension(office, "lan")
    phone = f"PJSIP/{number}"
    lan = arrives(person, demo, "lan")
    ready(lan)
    wait_until(lambda: phone in rung(exchange) and not exchange.members[phone].paused, PATIENCE, why="lan is ready")
    call = exchange.called("0912345506")
    exchange.rings(call, number)
    exchange.answers(call, number)
    lan.page.locator("#call-keys").wait_for()
    lan.at("/desk/phone/")
    digits = lan.page.locator("#call-digits")
    digits.fill("12#")  # there is one such field
    with lan.page.expect_response(lambda response: response.url.endswith("/desk/phone/")):
        lan.page.evaluate("document.body.dispatchEvent(new CustomEvent('live:health'))")  # the bridge says something
    lan.page.wait_for_timeout(500)
    assert digits.input_value() == "12#"
    digits.press("Enter")
    wait_until(
        lambda: [one["Digit"] for one in exchange.asked if one.get("Action") == "PlayDTMF"] == list("12#"),
        PATIENCE,
        why="they are sent",
    )
    exchange.leaves(call, number)
    exchange.ends(call)
    lan.page.locator("#call-keys").wait_for(state="detached")
    lan.sign_out()


def test_114_comes_into_the_call_by_one_key_and_the_operator_stays_until_it_has_answered(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    number = extension(office, "lan")
    phone = f"PJSIP/{number}"
    lan, tam = arrives(person, demo, "lan"), arrives(person, demo, "tam")
    ready(lan)
    wait_until(lambda: phone in rung(exchange) and not exchange.members[phone].paused, PATIENCE, why="lan is ready")
    call = exchange.called("0912345505")
    exchange.rings(call, number)
    exchange.answers(call, number)
    card = lan.page.locator("#call-pop")
    lan.page.locator("#call-keys").wait_for()
    card.get_by_role("link", name="Lập phiếu").click()
    lan.page.fill("[name=address]", "Chợ Đồng Xoài")
    lan.page.fill("[name=summary]", "Cháy ở dãy hàng vải")
    card.locator("details.call-card > summary").click()
    to_say = lan.page.locator("[data-to-say]")
    for said in ("Chợ Đồng Xoài", "Cháy ở dãy hàng vải", "0912 345 505"):
        to_say.get_by_text(said).wait_for()

    def asked(name: str) -> bool:
        return name in [action.get("Action") for action in exchange.asked]

    lan.page.locator(".call-danger button[value='114']").click()
    wait_until(lambda: "114" in exchange.dialled.values(), PATIENCE, why="114 is rung")
    (party,) = [call_id for call_id, dialled in exchange.dialled.items() if dialled == "114"]
    assert sorted(exchange.places.values()) == ["hotline-citizen", "hotline-conference"]
    parties = card.locator(".notice-line", has_text="114")
    parties.get_by_text("Đang đổ chuông").wait_for()
    lan.page.locator("#call-keys button[value=hang_up]").click()
    card.get_by_text("Hãy ở lại đến khi bên kia nhấc máy").wait_for()
    assert not asked("Hangup")

    tam.at("/desk/phone/")
    assert tam.page.locator("#call-keys").count() == 0  # it is not tam's call

    exchange.picks_up(party)
    parties.get_by_text("Đã nghe máy").wait_for()
    lan.page.locator("#call-keys button[value=hang_up]").click()
    wait_until(lambda: asked("Hangup"), PATIENCE, why="lan may go")
    exchange.leaves(call, number)
    lan.page.locator("#call-keys").wait_for(state="detached")
    exchange.ends(call)

    def told() -> bool:
        page = tam.at("/desk/calls/?number=0912345505")
        return page.locator("main a.num[href^='/desk/calls/'], main td a[href^='/desk/calls/']").count() > 0

    wait_until(told, PATIENCE, why="the call is in the log")
    tam.page.locator("main a[href^='/desk/calls/']", has_text="0912 345 505").first.click()
    assert "114" in tam.page.locator("#call table tbody").inner_text()
    tam.at("/desk/calls/?direction=out&number=114")
    assert tam.page.locator("main table tbody tr").count() == 0  # it is no call of its own
    lan.sign_out()


def test_a_phone_that_was_unplugged_is_shown_in_red(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    number = extension(office, "mai")
    mai = arrives(person, demo, "mai")
    ready(mai)
    wait_until(lambda: f"PJSIP/{number}" in rung(exchange), PATIENCE)
    exchange.unplug(number)
    mai.page.locator(PHONE_BAR).get_by_text("Điện thoại mất kết nối").first.wait_for()
    exchange.plug_in(number)
    mai.page.locator(PHONE_BAR).get_by_text("Sẵn sàng").first.wait_for()
    mai.sign_out()


def test_closing_the_browser_is_a_break_and_opening_it_the_end_of_it(
    demo: Product, exchange: Exchange, office: Person, person: Somebody
) -> None:
    office.at("/setup/options/away_seconds").fill("[name=value]", "10")
    save(office)
    phone = f"PJSIP/{extension(office, 'cuc')}"
    cuc = arrives(person, demo, "cuc")
    ready(cuc)
    wait_until(lambda: phone in rung(exchange), PATIENCE)
    kept = cuc.context.storage_state()
    cuc.page.close()
    wait_until(lambda: exchange.members[phone].reason == "away", PATIENCE, why="nobody is before a page")
    again = arrives(person, demo, "", storage_state=kept)
    again.at("/desk/calls/")
    wait_until(lambda: not exchange.members[phone].paused, PATIENCE, why="a page is open again")
    again.sign_out()


def test_a_message_left_is_heard_in_its_call_back(
    demo: Product, exchange: Exchange, office: Person, person: Somebody, recordings: Path
) -> None:
    exchange.leaves_a_message(exchange.called("0914000077"), recordings, tone())
    lan = arrives(person, demo, "lan")

    def told() -> bool:
        page = lan.at("/desk/callbacks/")
        return page.locator(".callback-line", has_text="0914 000 077").count() > 0

    wait_until(told, PATIENCE, why="the call-back")
    line = lan.page.locator(".callback-line", has_text="0914 000 077")
    assert "Lời nhắn" in line.inner_text()
    assert "Cuộc gọi nhỡ" not in line.inner_text()
    line.locator("a.item-link").click()
    back = lan.path

    def heard() -> bool:
        return lan.at(back).locator("audio").count() > 0

    wait_until(heard, PATIENCE, every=1, why="the message is fetched")
    source = lan.page.locator("audio").first.get_attribute("src") or ""
    sound = lan.context.request.get(demo.address + source)
    assert (sound.status, sound.body()) == (200, tone())
    assert "/var/spool" not in lan.text()
    lan.at(source.removesuffix("recording"))
    assert "/var/spool" not in lan.text()
    assert lan.page.locator("audio").count() == 1
