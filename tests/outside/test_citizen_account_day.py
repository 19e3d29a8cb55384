"""Citizens prove that a report is theirs with the province's account, beside the directory of the staff.

Proves: OIDC for citizens tried against a provider of the registries: off by default; a verified number opens the report
that was looked up, and those with one's name; it carries to the rating; nobody is signed in
Proves: broken: unverified claims, another's number, replay, another browser, the staff's provider in its place, a
forged state, switched off in the middle, signed out; nothing of a person in the log"""

import json
import re
import shutil
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser
from stage import Person, Product, copied, free_port

pytestmark = pytest.mark.long

People = Callable[..., Person]
TEXT, NAME, NUMBER, MAIL = "Cống trước chợ nghẹt rác", "Huỳnh Thị Bưởi", "0912345611", "buoi@example.vn"
BUTTON = "Xác nhận bằng Tài khoản Đồng Tháp"


def ask(method: str, url: str, body: Any) -> Any:
    request = urllib.request.Request(
        url, json.dumps(body).encode(), {"content-type": "application/json"}, method=method
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.loads(answer.read() or b"null")


@pytest.fixture(scope="module")
def town(demo_home: Path, tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[SimpleNamespace]:
    """The demo province, the staff's directory, and the citizens' accounts, where we may come back to one address."""
    folder, port = tmp_path_factory.mktemp("accounts"), free_port()
    here = f"http://localhost:{port}"
    with (
        run_server_in_thread(port=free_port()) as staff,
        run_server_in_thread(port=free_port(), require_client_registration=True, require_nonce=True) as citizens,
    ):
        issuer = f"http://localhost:{citizens.server_port}"
        back = f"{here}/lookup/account/back"
        client = ask(
            "POST", f"{issuer}/oauth2/clients", {"redirect_uris": [back], "scope": "openid profile phone email"}
        )
        environ = {
            "CAUNOI_DEMO": "1",
            "CAUNOI_PUBLIC_URL": here,
            "CAUNOI_OIDC_ISSUER": f"http://localhost:{staff.server_port}",
            "CAUNOI_OIDC_CLIENT": "caunoi",
            "CAUNOI_OIDC_SECRET": "secret-of-the-province",
            "CAUNOI_CITIZEN_OIDC_ISSUER": issuer,
            "CAUNOI_CITIZEN_OIDC_CLIENT": client["client_id"],
            "CAUNOI_CITIZEN_OIDC_SECRET": client["client_secret"],
            "CAUNOI_CITIZEN_OIDC_NAME": "Tài khoản Đồng Tháp",
        }
        claims = {"name": NAME, "phone_number": "+84 912 345 611", "phone_number_verified": True}
        ask("PUT", f"{issuer}/users/uid-buoi", claims)
        with Product(copied(demo_home, folder / "home"), environ, port=port) as product:
            product.expect("Forbidden: /", "Too Many Requests: /lookup", "citizen account: ", "directory: ")
            yield SimpleNamespace(product=product, here=here, issuer=issuer, reported={})
    shutil.rmtree(folder)


def person_is(town: SimpleNamespace, sub: str, **claims: object) -> None:
    """Who an account of the provider is."""
    ask("PUT", f"{town.issuer}/users/{sub}", claims)


@pytest.fixture
def at(town: SimpleNamespace, person: People) -> Callable[..., Person]:
    """Somebody at the public address of the product."""

    def somebody(**more: Any) -> Person:
        one = person(town.product, **more)
        one.address = town.here
        one.expect(r"WebGL|GPU stall", "picocss", "favicon", "403", "Forbidden")
        return one

    return somebody


def switch(chief: Person, on: bool) -> None:
    page = chief.at("/setup/options/citizen_account")
    control = page.locator("#setup-form [name=value]").first
    if control.evaluate("e => e.tagName") == "SELECT":
        control.select_option(index=1 if on else 0)
    else:
        control.set_checked(on, force=True)
    with page.expect_navigation():
        page.locator("#setup-form button[value=save]").click()
    assert "/citizen_account" not in chief.path, chief.text()


def looked_up(somebody: Person, code: str, number: str = NUMBER) -> str:
    page = somebody.at("/lookup")
    page.fill("[name=code]", code)
    page.fill("[name=phone]", number)
    with page.expect_navigation():
        page.locator("main form .btn-primary").click()
    return page.inner_text("main")


def signs_in(somebody: Person, sub: str, town: SimpleNamespace) -> str:
    """Signs in where the account is; what our page says then."""
    somebody.page.fill("[name=sub]", sub)
    with somebody.page.expect_navigation(url=re.compile(re.escape(town.here))):
        somebody.page.locator("form:has([name=sub]) button").first.click()
    return somebody.page.inner_text("main")


def proves(somebody: Person, sub: str, town: SimpleNamespace) -> str:
    somebody.page.get_by_role("link", name=BUTTON).first.click()
    return signs_in(somebody, sub, town)


def test_it_is_off_until_the_province_switches_it_on(town: SimpleNamespace, at: Any, person: People) -> None:
    citizen = at(size="phone")
    code, own = citizen.report(TEXT, phone=NUMBER, name=NAME)
    town.reported["buoi"] = code, own
    town.reported["nameless"] = citizen.report("Cột điện nghiêng ở đầu xóm", phone=NUMBER)
    town.reported["other"] = citizen.report("Chó thả rông ngoài bến", phone="0912345622", name=NAME)
    later = at(size="phone")
    assert BUTTON not in looked_up(later, code)
    for path in ("/lookup/account", "/lookup/account/back?state=x&code=y", "/lookup/mine"):
        assert town.product.ask(path).status == 404
    chief = person(town.product, "quan")
    switch(chief, True)
    assert BUTTON in later.at("/lookup").inner_text("main")


def test_a_verified_number_opens_it_without_scripts_up_to_the_rating(town: SimpleNamespace, at: Any) -> None:
    code, own = town.reported["buoi"]
    token = own.rsplit("/", 1)[1]
    buoi = at(size="phone", scripts=False)
    said = looked_up(buoi, code)
    assert TEXT not in said and BUTTON in said
    said = proves(buoi, "uid-buoi", town)
    assert TEXT in said and "Đã mở bằng Tài khoản Đồng Tháp" in said and buoi.path == f"/f/{code}"
    assert token not in buoi.page.content(), "the link that lasts is not shown"
    assert "/login" in buoi.at("/desk/").url, "nobody of the staff"
    buoi.at(f"/f/{code}")
    field = str(town.product.ask("/open311/v2/services.json").json[0]["service_code"])
    for move in ({"move": "accept", "category": field}, {"move": "answer", "text": "Đã nạo vét.", "category": field}):
        done = town.product.ask(f"/api/v1/tickets/{code}/moves", move, authorization="Bearer demo-api-lan")
        assert done.status == 200, done.text
    page = buoi.at(f"/f/{code}")
    assert "Đã nạo vét." in page.inner_text("main")
    page.locator("#rate-form [name=grade][value=good]").check(force=True)
    with page.expect_navigation():
        page.locator("#rate-form button.btn-primary").click()
    assert "đánh giá" in page.inner_text("main")
    page = buoi.at("/lookup/mine")
    said = page.inner_text("main")
    assert TEXT in said and "Cột điện" not in said and "Chó thả" not in said, "those with the name and the number"
    with page.expect_navigation():
        page.locator("main form button").click()
    assert buoi.path == "/lookup"
    assert TEXT not in buoi.at(f"/f/{code}").inner_text("body"), "signed out"
    assert TEXT not in buoi.at("/lookup/mine").inner_text("body")
    owner = at(size="phone")
    owner.at(own)
    owner.page.locator("#looks summary").click()
    assert "Mở bằng tài khoản" in owner.page.inner_text("#looks"), "and whoever has the link sees it"


def test_a_report_without_a_name_opens_by_its_code_and_the_number(town: SimpleNamespace, at: Any) -> None:
    code, _own = town.reported["nameless"]
    buoi = at(language="en")
    looked_up(buoi, code)
    buoi.page.get_by_role("link", name="Prove it with").click()
    said = signs_in(buoi, "uid-buoi", town)
    assert "Cột điện" in said and "Opened with Tài khoản Đồng Tháp" in said
    assert TEXT in buoi.at("/lookup/mine").inner_text("main")


def test_nothing_opens_by_what_is_not_verified_or_another_persons(town: SimpleNamespace, at: Any) -> None:
    code, _own = town.reported["buoi"]
    wrong: dict[str, dict[str, object]] = {
        "unverified": {"name": NAME, "phone_number": "+84912345611", "phone_number_verified": False},
        "as-words": {"name": NAME, "phone_number": "+84912345611", "phone_number_verified": "true"},
        "silent": {"name": NAME, "phone_number": "+84912345611"},
        "another": {"name": NAME, "phone_number": "+84912345699", "phone_number_verified": True},
        "mail": {"name": NAME, "email": MAIL, "email_verified": True},
        "nobody": {},
    }
    for sub, claims in wrong.items():
        person_is(town, f"uid-{sub}", **claims)
        stranger = at(size="phone")
        looked_up(stranger, code)
        said = proves(stranger, f"uid-{sub}", town)
        assert "Chưa mở được" in said and TEXT not in said, sub
        assert TEXT not in stranger.at(f"/f/{code}").inner_text("body")
        assert TEXT not in stranger.at("/lookup/mine").inner_text("body")
        stranger.close()
    person_is(town, "uid-heir", name="Phạm Văn Mới", phone_number="+84912345611", phone_number_verified=True)
    heir = at()  # the number is theirs now
    heir.at("/lookup")
    assert TEXT not in proves(heir, "uid-heir", town)
    assert TEXT not in heir.at("/lookup/mine").inner_text("body")


def caught(somebody: Person, sub: str) -> str:
    """Signs in, without going on to us: the address that the browser is sent to."""
    sent = somebody.page.request.post(somebody.page.url, form={"sub": sub}, max_redirects=0)
    assert sent.status == 302, sent.text()
    return str(sent.headers["location"])


def test_what_comes_back_opens_once_there_and_from_there_only(town: SimpleNamespace, at: Any, person: People) -> None:
    code, _own = town.reported["buoi"]
    buoi, thief = at(), at()
    for somebody in (buoi, thief):
        looked_up(somebody, code)
        somebody.page.get_by_role("link", name=BUTTON).click()
    query = parse_qs(urlsplit(buoi.page.url).query)
    assert query["code_challenge_method"] == ["S256"] and query["prompt"] == ["login"] and query["nonce"]
    assert query["redirect_uri"] == [f"{town.here}/lookup/account/back"]
    assert code not in buoi.page.url and NUMBER[1:] not in buoi.page.url, "the account learns of no report"
    elsewhere = buoi.page.url.replace("account%2Fback", "mine")
    assert buoi.page.request.get(elsewhere, max_redirects=0).status >= 400, "it comes back to one address"
    answer = caught(buoi, "uid-buoi")
    state = parse_qs(urlsplit(answer).query)["state"][0]
    path = answer.removeprefix(town.here)
    thief.at(path)
    assert TEXT not in thief.text(), "in another browser it opens nothing"
    theirs = caught_again(thief, code, town)
    for forged in (
        path.replace(state, "x" * len(state)),
        path.replace(state, theirs["state"]),
        re.sub(r"code=[^&]+", f"code={theirs['code']}", path) + "&iss=http://evil.example",
    ):
        thief.at(forged)
        assert "Chưa mở được" in thief.text(), forged
    looked_up(buoi, code)  # whoever has tried with one's code has used it up: the provider gives no second try
    buoi.page.get_by_role("link", name=BUTTON).click()
    path = caught(buoi, "uid-buoi").removeprefix(town.here)
    buoi.at(path)
    assert TEXT in buoi.page.inner_text("main") and buoi.path == f"/f/{code}"
    buoi.at(path)
    assert "Chưa mở được" in buoi.page.inner_text("main"), "once"


def caught_again(thief: Person, code: str, town: SimpleNamespace) -> dict[str, str]:
    """What the staff's directory sends somebody back with; and a state of the citizens' account."""
    thief.at("/login/directory")
    answer = caught(thief, "uid-thief")
    query = parse_qs(urlsplit(answer).query)
    looked_up(thief, code)
    thief.page.get_by_role("link", name=BUTTON).click()
    return {"code": query["code"][0], "state": parse_qs(urlsplit(thief.page.url).query)["state"][0]}


def test_the_staffs_directory_is_no_citizens_account_and_the_other_way_round(
    town: SimpleNamespace, at: Any, person: People
) -> None:
    code, _own = town.reported["buoi"]
    mixed = at()
    looked_up(mixed, code)
    both = caught_again(mixed, code, town)
    mixed.at(f"/lookup/account/back?code={both['code']}&state={both['state']}")  # right state, the other's code
    assert TEXT not in mixed.text() and "Chưa mở được" in mixed.text()
    looked_up(mixed, code)
    mixed.page.get_by_role("link", name=BUTTON).click()
    answer = caught(mixed, "uid-buoi")
    mixed.at(answer.removeprefix(town.here).replace("/lookup/account/back", "/login/directory/back"))
    assert mixed.path == "/login", "a citizen's account signs nobody in"
    lan = person(town.product, "lan")
    lan.expect("403")
    lan.at("/lookup/account")
    assert "cán bộ" in lan.text(), "staff are refused"


def test_switched_off_in_the_middle_all_of_it_is_shut(town: SimpleNamespace, at: Any, person: People) -> None:
    code, _own = town.reported["buoi"]
    opened, half = at(), at()
    looked_up(opened, code)
    assert TEXT in proves(opened, "uid-buoi", town)
    looked_up(half, code)
    half.page.get_by_role("link", name=BUTTON).click()
    answer = caught(half, "uid-buoi")
    chief = person(town.product, "quan")
    switch(chief, False)
    opened.expect("404")
    half.expect("404")
    assert TEXT not in opened.at(f"/f/{code}").inner_text("body")
    assert TEXT not in half.at(answer.removeprefix(town.here)).inner_text("body")
    log = town.product.log
    assert not any(word in log for word in (NUMBER[1:], MAIL, NAME, "uid-buoi")), "nothing of a person in the log"
    sent_back = parse_qs(urlsplit(answer).query)
    assert sent_back["code"][0] not in log and sent_back["state"][0] not in log
