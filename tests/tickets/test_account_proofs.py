"""An account elsewhere as a proof of being the citizen: what it must have verified, what it opens, where, how long.

Proves: OIDC for citizens: a verified number or address opens one's own ticket in one browser; state, replay, another's
number, unverified claims, switched off, signed out"""

import logging
import re
import time
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import citizen_account, openid
from caunoi.accounts.citizen_account import Verified
from caunoi.accounts.models import DirectoryLink, User
from caunoi.accounts.openid import ProviderError
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.privacy.models import DataRequest
from caunoi.ratings.models import Rating
from caunoi.tickets import account_proofs, actions, proofs
from caunoi.tickets.models import OneTimeCode, Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.account import TRIPS

NAME, NUMBER, MAIL = "Trần Thị Demo", "+84900000001", "demo@example.vn"
ISSUER = "https://taikhoan.example.vn"
Claims = dict[str, Any]


@pytest.fixture(autouse=True)
def account(settings: Settings, town: SimpleNamespace) -> None:
    settings.CITIZEN_OIDC_ISSUER, settings.CITIZEN_OIDC_CLIENT = ISSUER, "caunoi-citizens"
    settings.CITIZEN_OIDC_NAME = "Tài khoản tỉnh"
    set_option("citizen_account", True, by=SYSTEM)


def report(once: str, **who: str) -> Ticket:
    reporter = Reporter(**{"name": NAME, "phone": NUMBER} | who)
    return actions.take(Report(text=f"Đèn hỏng {once}", channel="web", once=once, reporter=reporter), by=citizen())


def verified(**more: str) -> Verified:
    return Verified(**{"phone": NUMBER, "email": "", "name": NAME} | more)


def test_only_what_is_verified_and_signed_in_anew_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    def read(**claims: object) -> Verified:
        base: Claims = {"sub": "1", "auth_time": int(time.time()), "phone_number": "0900 000 001"}
        monkeypatch.setattr(openid, "finish", lambda *args, **more: base | claims)
        return citizen_account.finish("", {}, {})

    assert read(phone_number_verified=True).phone == NUMBER
    for no in (None, False, "true", 1):
        assert read(phone_number_verified=no).phone == ""
    assert read(phone_number=["0900000001"], phone_number_verified=True).phone == ""
    assert read(phone_number="113", phone_number_verified=True).phone == ""
    assert read(email=" Demo@Example.vn", email_verified=True).email == MAIL
    assert read(email=MAIL, email_verified="true").email == ""
    assert read(email="\N{KELVIN SIGN}im@example.vn", email_verified=True).email == ""  # whose lower case is another's
    for long_ago in (int(time.time()) - 3600, None, "now"):
        with pytest.raises(ProviderError):
            read(phone_number_verified=True, auth_time=long_ago)


def test_a_trip_comes_back_once_in_its_own_browser() -> None:
    ticket = report("one")
    expected = account_proofs.begin("a-browser", ticket.code)
    assert len({*expected.values()}) == 3
    assert account_proofs.come_back("another-browser", expected["state"]) is None
    assert account_proofs.come_back("a-browser", expected["nonce"]) is None
    assert proofs.redeem("", "a-browser") is None and proofs.redeem("000000", "a-browser") is None
    assert proofs.proved(ticket.code, "a-browser") is None, "leaving opens nothing"
    trip = account_proofs.come_back("a-browser", expected["state"])
    assert trip is not None and trip.target == ticket and trip.expected == expected
    assert account_proofs.come_back("a-browser", expected["state"]) is None, "a replay"
    late = account_proofs.begin("a-browser", "")
    OneTimeCode.objects.update(at=now() - timedelta(minutes=11))
    assert account_proofs.come_back("a-browser", late["state"]) is None


def test_the_number_opens_what_is_named_and_the_name_the_rest() -> None:
    mine, nameless, others = report("mine"), report("nameless", name=""), report("others", name="Lê Văn Khác")
    far, mail = report("far", phone="+84900000002"), report("mail", phone="", email="Demo@example.vn")
    secret = report("secret")
    Ticket.objects.filter(pk=secret.pk).update(restricted=True)
    opened = account_proofs.open_own(None, verified(name="trần thị  DEMO"), "a")
    assert opened.tickets == [mine] and account_proofs.opened(opened.browser) == [mine]
    assert account_proofs.opened("a") == [] and proofs.proved(mine.code, "a") is None, "the browser's secret is new"
    for wanted in (nameless, others):  # as with a code by SMS
        assert account_proofs.open_own(wanted, verified(), "b").tickets == [wanted, mine]
    assert account_proofs.open_own(far, verified(), "c").tickets == [mine]
    assert account_proofs.open_own(None, verified(email=MAIL), "d").tickets == [mail, mine]
    assert account_proofs.open_own(None, verified(phone=""), "e").tickets == []
    assert account_proofs.open_own(mail, Verified(phone="", email="", name=NAME), "f").tickets == []
    kept = "".join(f"{row.browser}{row.nonce}{row.claim}" for row in OneTimeCode.objects.all())
    assert "900000001" not in kept and "example" not in kept and "Demo" not in kept
    assert not Event.objects.filter(kind="ticket.prove").exclude(data={"way": "account"}).exists()


def test_what_was_opened_is_shut_when_any_of_it_is_over() -> None:
    ticket = report("one")
    browser = account_proofs.open_own(ticket, verified(), "a").browser
    assert proofs.proved(ticket.code, browser)
    set_option("citizen_account", False, by=SYSTEM)
    assert proofs.proved(ticket.code, browser) is None, "switched off"
    set_option("citizen_account", True, by=SYSTEM)
    ticket.contact.phone = "+84900000009"
    ticket.contact.save()
    assert proofs.proved(ticket.code, browser) is None and account_proofs.opened(browser) == [], "another's number now"
    ticket.contact.phone = NUMBER
    ticket.contact.save()
    OneTimeCode.objects.update(used=now() - timedelta(minutes=61))
    assert proofs.proved(ticket.code, browser) is None
    OneTimeCode.objects.update(used=now())
    account_proofs.leave(browser)
    assert proofs.proved(ticket.code, browser) is None and not OneTimeCode.objects.exists()


def test_whoever_comes_next_to_a_browser_sees_nothing_of_the_one_before() -> None:
    first, second = report("first"), report("second", name="Lê Văn Khác", phone="+84900000002")
    browser = account_proofs.open_own(first, verified(), "a").browser
    other = verified(phone="+84900000002", name="Lê Văn Khác")
    browser = account_proofs.open_own(None, other, browser).browser
    assert account_proofs.opened(browser) == [second] and proofs.proved(first.code, browser) is None


def leave(client: Client, code: str = "") -> str:
    """Out to the account; the state that comes back."""
    answer = client.get("/lookup/account", {"code": code})
    assert answer.status_code == 302
    state = re.search(r"state=(\w+)", answer["Location"])
    assert state
    return state[1]


def test_the_pages_from_the_look_up_to_the_rating(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    caplog.set_level(logging.DEBUG)
    ticket, sent = report("one"), {}

    def begin(back: str, expected: dict[str, str]) -> str:
        sent.update(back=back)
        return f"{ISSUER}/authorize?state={expected['state']}"

    monkeypatch.setattr(citizen_account, "begin", begin)
    monkeypatch.setattr(citizen_account, "finish", lambda back, answer, expected: verified(email=MAIL))
    client = Client(headers={"accept-language": "vi"})
    page = client.post("/lookup", {"code": ticket.code, "phone": "0900000001"}).content.decode()
    assert "Xác nhận bằng Tài khoản tỉnh" in page and f"/lookup/account?code={ticket.code}" in page
    assert client.get("/lookup/account/back?state=x&code=y").status_code == 403, "nobody was sent there"
    state = leave(client, ticket.code)
    assert sent["back"].endswith("/lookup/account/back") and "0900000001" not in sent["back"]
    assert Client().get(f"/lookup/account/back?state={state}&code=y").status_code == 403, "another browser"
    before = client.cookies["proof"].value
    answer = client.get(f"/lookup/account/back?state={state}&code=y")
    assert answer.status_code == 302 and answer["Location"] == f"/f/{ticket.code}"
    assert client.cookies["proof"].value != before
    assert client.get(f"/lookup/account/back?state={state}&code=y").status_code == 403, "a replay"
    page = client.get(f"/f/{ticket.code}").content.decode()
    assert "Đã mở bằng Tài khoản tỉnh" in page and ticket.follow not in page and "Đèn hỏng one" in page
    assert "Mở bằng tài khoản đã xác thực" in page, "it stands among the looks"
    assert "Đèn hỏng one" in client.get("/lookup/mine").content.decode()
    assert Client().get(f"/f/{ticket.code}").status_code == 403
    ask = {"f": ticket.code, "kind": "copy"}
    kinds = re.findall(r'name="kind"[^>]*value="(\w+)"', client.get("/privacy/ask", ask).content.decode())
    assert client.post("/privacy/ask", {"f": ticket.code, "kind": kinds[0]}).status_code == 302
    assert DataRequest.objects.get().proof == "account"
    Ticket.objects.filter(pk=ticket.pk).update(state="answered", touched=now(), answered=now())
    assert client.post(f"/f/{ticket.code}/rate", {"grade": "good"}).status_code == 302
    assert Rating.objects.get().proof == "account"
    assert client.post("/lookup/account/leave").status_code == 302
    assert client.get(f"/f/{ticket.code}").status_code == 403
    assert User.objects.filter(username__contains="Demo").count() == 0 and not DirectoryLink.objects.exists()
    assert not any(word in caplog.text for word in ("0900000001", MAIL, NAME))


def test_off_staff_and_strangers(monkeypatch: pytest.MonkeyPatch, settings: Settings, town: SimpleNamespace) -> None:
    ticket = report("one")
    monkeypatch.setattr(citizen_account, "begin", lambda back, expected: f"{ISSUER}/a?state={expected['state']}")
    client = Client(headers={"accept-language": "en"})
    for who, words in (
        (verified(phone="", email=""), "has verified neither"),
        (verified(phone="+84900000009"), "No report bears"),
    ):
        monkeypatch.setattr(citizen_account, "finish", lambda *args, who=who: who)
        answer = client.get(f"/lookup/account/back?state={leave(client, ticket.code)}&code=y")
        assert answer.status_code == 403 and words in answer.content.decode()
    state = leave(client, ticket.code)
    set_option("citizen_account", False, by=SYSTEM)
    assert client.get(f"/lookup/account/back?state={state}&code=y").status_code == 404, "switched off in the middle"
    assert client.get("/lookup/account").status_code == 404 == client.get("/lookup/mine").status_code
    assert "account" not in client.get("/lookup").content.decode().split("<main")[1].split("</main")[0].lower()
    set_option("citizen_account", True, by=SYSTEM)
    settings.CITIZEN_OIDC_CLIENT = ""
    assert client.get("/lookup/account").status_code == 404
    settings.CITIZEN_OIDC_CLIENT = "caunoi-citizens"
    staff = Client()
    staff.force_login(town.users["lan"])
    assert staff.get("/lookup/account").status_code == 403 == staff.post("/lookup/account/leave").status_code
    for _n in range(TRIPS):
        client.get("/lookup/account")
    assert client.get("/lookup/account").status_code == 429
