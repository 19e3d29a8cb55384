"""The day on which an IT department sets up the exchange that comes with the product: written, compared, proved.

Proves: `caunoi pbx write` from Setup, with a password a phone and nothing lost of what was changed by hand; `caunoi
pbx check`, the inbox' page and `caunoi doctor` say what an exchange lacks, each with its mend (D1)"""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from exchange import QUEUE, Exchange
from playwright.sync_api import Browser
from stage import Person, Product

pytestmark = pytest.mark.long
PATIENCE = 60_000  # milliseconds


@pytest.fixture(scope="module")
def exchange() -> Iterator[Exchange]:
    with Exchange() as running:
        yield running


@pytest.fixture(scope="module")
def demo(exchange: Exchange, demo: Product) -> Product:
    """The exchange is there before it, and after it."""
    return demo


@pytest.fixture(scope="module")
def office(demo: Product, exchange: Exchange, browser: Browser) -> Iterator[Person]:
    """The administrator, who names the exchange and the telephone company in Setup."""
    demo.expect("the bridge was stopped")
    admin = Person(browser, demo.address)
    admin.page.set_default_timeout(PATIENCE)
    admin.sign_in("quan")
    page = admin.at("/setup/inboxes/phone/edit")
    for name, value in {**exchange.settings(), "trunk": "198.51.100.10", "browser_phones": "102"}.items():
        page.fill(f"[name=inbox-{name}]", value)
    page.check("[name=inbox-consent]")
    with page.expect_navigation():
        page.click("button[name=do][value=save]")
    yield admin
    admin.close()
    assert admin.complaints == []


@pytest.fixture(scope="module")
def written(demo: Product, office: Person, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("asterisk")
    done = demo.shell("pbx", "write", str(folder))
    assert done.returncode == 0 and "core restart now" in done.stdout, done.stderr
    return folder


def phones(folder: Path) -> dict[str, str]:
    """The password of each extension whose phone stands on a desk."""
    text = (folder / "pjsip_wizard.conf").read_text("utf-8")
    sections = re.split(r"(?m)^\[(\d+)\]\(.+\)$", text)[1:]
    found = zip(sections[::2], sections[1::2], strict=True)
    passwords = {name: re.findall(r"(?m)^inbound_auth/password = (\S+)$", body) for name, body in found}
    return {name: words[0] for name, words in passwords.items() if words}


def test_the_files_have_a_phone_for_each_extension_of_setup(written: Path, office: Person, exchange: Exchange) -> None:
    page = office.at("/setup/people/lan/")
    passwords = phones(written)
    assert page.input_value("[name=extension]") in passwords
    assert len(set(passwords.values())) == len(passwords) >= 2
    assert "[102](browser-phone)" in (written / "pjsip_wizard.conf").read_text("utf-8")
    queues = (written / "queues.conf").read_text("utf-8")
    assert re.search(rf"\[{QUEUE}\]\nautofill = yes", queues) and "autopause = all" in queues
    assert f"secret = {exchange.secret}\n" in (written / "manager.conf").read_text("utf-8")
    dialplan = (written / "extensions.conf").read_text("utf-8")
    assert "HotlineConsent" in dialplan and "VoiceMail(1022" not in dialplan


def test_a_change_in_setup_is_shown_before_it_is_written_and_passwords_stay(
    demo: Product, office: Person, written: Path
) -> None:
    before = phones(written)
    page = office.at("/setup/people/lan/")
    page.fill("[name=extension]", "129")
    with page.expect_navigation():
        page.click("button[name=do][value=save]")
    shown = demo.shell("pbx", "write", str(written), "--diff")
    assert shown.returncode == 1 and "+[129](desk-phone)" in shown.stdout
    assert not [word for word in before.values() if word in shown.stdout]
    assert phones(written) == before
    done = demo.shell("pbx", "write", str(written))
    assert done.returncode == 0 and "pjsip reload" in done.stdout and "restart" not in done.stdout
    after = phones(written)
    assert "129" in after and all(after[name] == before[name] for name in before.keys() & after.keys())
    assert demo.shell("pbx", "write", str(written), "--diff").returncode == 0


def test_what_was_changed_by_hand_is_left_alone(demo: Product, written: Path) -> None:
    path = written / "queues.conf"
    mine = path.read_text("utf-8").replace("retry = 1", "retry = 4")
    path.write_text(mine)
    refused = demo.shell("pbx", "write", str(written))
    assert refused.returncode == 1 and "queues.conf" in refused.stderr and path.read_text("utf-8") == mine
    assert demo.shell("pbx", "write", str(written), "--force").returncode == 0
    assert "retry = 1\n" in path.read_text("utf-8")


def test_the_check_says_what_an_exchange_lacks_and_what_to_do(
    demo: Product, office: Person, exchange: Exchange
) -> None:
    exchange.signed_in_by_hand("999", "la")  # no file names that phone
    done = demo.shell("pbx", "check", "--json", "--lang", "en")
    rows = {row["check"]: row for row in map(json.loads, done.stdout.splitlines())}
    assert rows["login"]["ok"] and done.returncode == 1, done.stderr
    assert not rows["call"]["ok"] and "pbx write" in rows["call"]["mend"], "this one has no dialplan of ours"
    assert all(row["mend"] for row in rows.values() if not row["ok"])
    assert not [action for action in exchange.asked if action.get("Channel", "").startswith("PJSIP/")], "nobody is rung"


def test_the_inboxs_page_says_the_same(office: Person) -> None:
    page = office.at("/setup/inboxes/phone/")
    with page.expect_navigation():
        page.click("text=Kiểm tra tổng đài")
    assert "Cuộc gọi thử không thực hiện được" in page.inner_text("main")


def test_a_wrong_secret_is_found_by_the_doctor_too(demo: Product, office: Person, exchange: Exchange) -> None:
    exchange.secret = "mat-khau-khac"
    try:
        rows = [json.loads(line) for line in demo.shell("doctor", "--json", "--lang", "en").stdout.splitlines()]
        (one,) = [row for row in rows if row["check"] == "exchange" and row["state"] == "broken"]
        assert "does not let us in" in one["why"] and "manager.conf" in one["mend"]
    finally:
        exchange.secret = "mat-khau-tong-dai"
