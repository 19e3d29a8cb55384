"""A hotline's exchange and the people at it, for the days at the telephone. It imports nothing of the product."""

import io
import wave
from collections.abc import Iterator
from contextlib import contextmanager

from exchange import Exchange
from playwright.sync_api import Browser
from stage import Person, Product, wait_until

PATIENCE = 60  # seconds
PHONE_BAR = "#phone-bar"


@contextmanager
def office(demo: Product, exchange: Exchange, browser: Browser, **more: str) -> Iterator[Person]:
    """The administrator, who has set the exchange up by the form, as docs/telephony.md says."""
    demo.expect("the bridge was stopped")  # at the end of the day; until it is back nobody sees a call
    admin = Person(browser, demo.address)
    admin.page.set_default_timeout(PATIENCE * 1000)
    admin.sign_in("quan")
    page = admin.at("/setup/inboxes/phone/edit")
    for name, value in {**exchange.settings(), **more}.items():
        page.fill(f"[name=inbox-{name}]", value)
    save(admin)
    wait_until(lambda: exchange.linked, PATIENCE, why="the bridge links to the exchange")
    yield admin
    admin.close()
    assert admin.complaints == []


def save(somebody: Person) -> None:
    """Presses the button that saves the form of a page in Setup."""
    with somebody.page.expect_navigation():
        somebody.page.click("button[name=do][value=save]")


def extension(admin: Person, name: str, new: str = "") -> str:
    """The extension of somebody's desk phone, as their page in Setup has it; changed where another is given."""
    page = admin.at(f"/setup/people/{name}/")
    if new:
        page.fill("[name=extension]", new)
        save(admin)
        return new
    return page.input_value("[name=extension]")


def ready(somebody: Person, word: str = "available") -> None:
    """Chooses in the header's menu whether they are there."""
    page = somebody.at("/desk/calls/")
    page.click(f"{PHONE_BAR} summary.presence")
    page.click(f"{PHONE_BAR} button[value='{word}']")


def rung(exchange: Exchange) -> dict[str, str]:
    """Whose phones the queue may ring, by interface."""
    return {interface: member.name for interface, member in list(exchange.members.items())}


def tone() -> bytes:
    """Two seconds of silence, as a WAV."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(bytes(32000))
    return out.getvalue()
