"""A day on which an operator's telephone is a page of the browser: turned on, rung, talked by, and closed in a call.

Proves: a browser phone signs in by a password of its own that the exchange learns from the product, sound goes both
ways and how it was heard is kept, the other tabs answer by one key, a closed tab is noticed within ten seconds"""

import contextlib
import re
import socket
import time
from collections.abc import Iterator

import pytest
from exchange import QUEUE, Exchange, Packet
from playwright.sync_api import Browser, Dialog, Error, Page, Playwright
from stage import CHROMIUM, FLAGS, Person, Product, wait_until

from tests.providers.sip import SipExchange

pytestmark = pytest.mark.long

PATIENCE = 60  # seconds
NOTICED = 10
FAKES = (
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
)
CALLS = """async () => {
    const sound = new AudioContext(), tone = sound.createOscillator(), out = sound.createMediaStreamDestination();
    tone.connect(out); tone.start();
    const peer = window.peer = new RTCPeerConnection();
    for (const track of out.stream.getTracks()) peer.addTrack(track, out.stream);
    await peer.setLocalDescription(await peer.createOffer());
    while (peer.iceGatheringState !== "complete") await new Promise((done) => setTimeout(done, 50));
    return peer.localDescription.sdp;
}"""
HEARS = """async () => {
    for (const one of (await window.peer.getStats()).values())
        if (one.type === "inbound-rtp") return one.packetsReceived;
    return 0;
}"""


class OneExchange(Exchange):
    """Both sides of an exchange: what the product has written down is what phones have to prove."""

    sip: SipExchange

    def _do(self, action: Packet, link: socket.socket) -> None:
        if phone := re.fullmatch(r"Local/(\d+)@hotline-password", action.get("Channel", "")):
            self.sip.proofs[phone[1]] = action["Variable"].removeprefix("DIGEST=")
        super()._do(action, link)


@pytest.fixture(scope="module")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Chromium with a microphone that is none."""
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *FAKES])
    yield running
    running.close()


@pytest.fixture(scope="module")
def exchange() -> Iterator[OneExchange]:
    with SipExchange() as sip, OneExchange() as running:
        running.sip = sip
        sip.on_change = lambda phone, on: running.plug_in(phone) if on else running.unplug(phone)
        yield running


@pytest.fixture(scope="module")
def demo(exchange: OneExchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def extension(demo: Product, exchange: OneExchange, browser: Browser) -> str:
    """Lan's extension, which the administrator makes a phone in the browser."""
    demo.expect("the bridge was stopped")
    admin = Person(browser, demo.address)
    admin.page.set_default_timeout(PATIENCE * 1000)
    admin.sign_in("quan")
    number = admin.at("/setup/people/lan/").input_value("[name=extension]")
    exchange.registered.discard(number)
    page = admin.at("/setup/inboxes/phone/edit")
    more = {"browser_phones": number, "wss": exchange.sip.wss}
    for name, value in {**exchange.settings(), **more}.items():
        page.fill(f"[name=inbox-{name}]", value)
    with page.expect_navigation():
        page.click("button[name=do][value=save]")
    wait_until(lambda: exchange.linked, PATIENCE, why="the bridge links to the exchange")
    admin.close()
    return number


@pytest.fixture(scope="module")
def lan(demo: Product, extension: str, browser: Browser) -> Iterator[Person]:
    """At her desk, on duty."""
    somebody = Person(browser, demo.address, permissions=["microphone"])
    somebody.expect("WebSocket")
    somebody.page.set_default_timeout(PATIENCE * 1000)
    somebody.sign_in("lan")
    page = somebody.at("/desk/phone/")
    page.locator("main button[value=available]").first.click()
    page.wait_for_load_state()
    somebody.at("/desk/calls/")
    yield somebody
    somebody.close()
    assert somebody.complaints == []


@pytest.fixture(scope="module")
def phone(lan: Person) -> Page:
    page = lan.window()
    page.set_default_timeout(PATIENCE * 1000)
    page.goto(lan.address + "/desk/phone/browser", wait_until="load")
    return page


def rings(exchange: OneExchange, extension: str, citizen: Page, caller: str) -> tuple[str, str]:
    """A citizen calls and Lan's phone rings; the ids of the call and of the leg."""
    call = exchange.called(caller)
    exchange.rings(call, extension)
    return call, exchange.sip.ring(extension, call, caller, citizen.evaluate(CALLS))


def talks(exchange: OneExchange, extension: str, call: str, leg: str, citizen: Page) -> None:
    """The phone was answered: the sound goes."""
    answer = wait_until(lambda: exchange.sip.answers.get(leg), PATIENCE, why="the phone answers")
    exchange.answers(call, extension)
    citizen.evaluate("(sdp) => window.peer.setRemoteDescription({type: 'answer', sdp})", answer)
    wait_until(lambda: citizen.evaluate(HEARS) > 50, PATIENCE, why="the citizen hears the operator")


@pytest.fixture
def citizen(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


def test_it_is_turned_on_by_a_password_that_the_exchange_has_just_learnt(
    exchange: OneExchange, extension: str, phone: Page
) -> None:
    assert extension not in exchange.sip.proofs
    phone.click("[data-do=on]")
    phone.locator("[data-when=ready]").first.wait_for()
    assert exchange.sip.registered == {extension} and len(exchange.sip.proofs[extension]) == 32
    assert exchange.sip.refused == 0


def test_a_second_tab_does_not_take_it(lan: Person, phone: Page, exchange: OneExchange, extension: str) -> None:
    proof = exchange.sip.proofs[extension]
    second = lan.window()
    second.goto(lan.address + "/desk/phone/browser", wait_until="load")
    second.click("[data-do=on]")
    second.locator("[data-when=elsewhere]").wait_for()
    second.close()
    assert exchange.sip.proofs[extension] == proof


def test_a_call_is_answered_by_one_key_in_another_tab_heard_and_hung_up(
    exchange: OneExchange, extension: str, lan: Person, phone: Page, citizen: Page
) -> None:
    wait_until(lambda: f"PJSIP/{extension}" in exchange.members, PATIENCE, why="Lan is signed in to the queue")
    call, leg = rings(exchange, extension, citizen, "0912345671")
    desk = lan.page
    desk.locator("[data-phone-strip] [data-do=answer]").wait_for()
    desk.keyboard.press("Control+.")
    talks(exchange, extension, call, leg, citizen)
    phone.wait_for_timeout(6_000)
    assert not phone.locator("[data-only=nothing]").is_visible(), "the operator hears the citizen"
    phone.click("main [data-do=hangup]:visible")
    bye = wait_until(lambda: exchange.sip.ended.get(leg), PATIENCE, why="the phone hangs up")
    assert "reason" not in bye.headers
    exchange.hangs_up(call, extension)
    phone.locator("[data-when=ready]").first.wait_for()
    desk.goto(lan.address + "/desk/calls/")
    desk.locator("main a[href^='/desk/calls/']", has_text="0912 345 671").first.click()
    desk.locator("[data-quality]").wait_for()
    assert "khứ hồi" in desk.inner_text("[data-quality]")


def test_a_tab_that_is_closed_in_a_call_is_noticed_and_the_caller_waits_again(
    exchange: OneExchange, extension: str, lan: Person, phone: Page, citizen: Page
) -> None:
    lan.at("/desk/phone/").locator("main button[value=available]").first.click()
    call, leg = rings(exchange, extension, citizen, "0912345672")
    phone.click("main [data-do=answer]")
    talks(exchange, extension, call, leg, citizen)
    phone.on("dialog", _leaves)
    closed = time.monotonic()
    phone.close(run_before_unload=True)
    phone.wait_for_event("close")
    wait_until(lambda: extension not in exchange.sip.registered, NOTICED, why="the exchange notices")
    lost = wait_until(lambda: exchange.sip.ended.get(leg), NOTICED, why="the page says so itself")
    assert lost.headers["reason"].startswith("Q.850;cause=44")
    _taken_back(exchange, call, extension)
    seen = lan.page
    wait_until(lambda: unreachable(seen), NOTICED, why="she is not ready any more")
    assert time.monotonic() - closed < 2 * NOTICED
    seen.goto(lan.address + "/desk/calls/")
    seen.locator("main", has_text="0912 345 672").wait_for()
    assert "Đang chờ" in seen.inner_text("main")


def _leaves(asked: Dialog) -> None:
    """Yes to "leave this page?"."""
    with contextlib.suppress(Error):  # the page is closed before it says so
        asked.accept()


def unreachable(page: Page) -> bool:
    page.goto(page.url, wait_until="load")
    state = page.locator("#phone-bar .presence-label")
    state.wait_for()
    return state.inner_text() == "Điện thoại mất kết nối"


def _taken_back(exchange: OneExchange, call: str, phone: str) -> None:
    """What the dialplan does with a caller whose operator was lost: the leg ends by 44, Queue() begins anew."""
    root = {"Channel": "PJSIP/trunk-0000000a", "Uniqueid": call, "Linkedid": call, "CallerIDNum": "0912345672"}
    leg = {"DestChannel": f"PJSIP/{phone}-0000000b", "DestUniqueid": f"{call}-b", "DestLinkedid": call}
    member = {"Queue": QUEUE, "MemberName": "lan", "Interface": f"PJSIP/{phone}"}
    exchange.say(Event="AgentComplete", **root, **leg, **member, HoldTime="2", TalkTime="9", Reason="agent")
    own = {"Channel": leg["DestChannel"], "Uniqueid": leg["DestUniqueid"], "Linkedid": call}
    exchange.say(Event="Hangup", Cause="44", **own)
    exchange.say(Event="QueueCallerJoin", Queue=QUEUE, Exten="1022", Position="1", Count="1", **root)
