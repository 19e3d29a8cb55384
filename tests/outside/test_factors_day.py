"""How people prove who they are: passkeys, codes of an app, recovery codes, a fresh proof before dangerous acts,
and the province's directory.

Proves: a second factor is obligatory by role before anything else; a passkey alone signs in; wrong, used and recovery
codes; step-up keeps what was typed; two administrators reset a lost phone; sign-in with OpenID Connect"""

import json
import re
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from oidc_provider_mock import run_server_in_thread
from playwright.sync_api import Browser
from stage import PHONES, Person, Product, free_port, six_digits, wait_until

People = Callable[..., Person]
SECRET = "mùa xoài ở Cao Lãnh"
AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def by_name(product: Product) -> str:
    """The product at an address with a name: browsers make passkeys for no number."""
    return f"http://localhost:{product.port}"


def device(somebody: Person) -> Any:
    """Gives the browser a device with a finger on it; its session of the DevTools and its id."""
    cdp = somebody.context.new_cdp_session(somebody.page)
    cdp.send("WebAuthn.enable")
    made = cdp.send("WebAuthn.addVirtualAuthenticator", {"options": AUTHENTICATOR})
    return SimpleNamespace(cdp=cdp, id=made["authenticatorId"])


def press(somebody: Person, button: str) -> None:
    with somebody.page.expect_navigation():
        somebody.page.locator(button).first.click()


def choose(somebody: Person, password: str = SECRET) -> None:
    somebody.page.fill("[name=password]", password)
    somebody.page.fill("[name=password_again]", password)
    with somebody.page.expect_navigation():
        somebody.page.press("[name=password_again]", "Enter")


def sign_in(somebody: Person, name: str, password: str = SECRET) -> None:
    """The password alone."""
    somebody.at("/login")
    somebody.page.fill("[name=username]", name)
    somebody.page.fill("[name=password]", password)
    with somebody.page.expect_navigation():
        somebody.page.press("[name=password]", "Enter")


def code(somebody: Person, text: str, field: str = "proof-code") -> None:
    somebody.page.fill(f"[name={field}]", text)
    with somebody.page.expect_navigation():
        somebody.page.press(f"[name={field}]", "Enter")


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[SimpleNamespace]:
    """An empty province after `caunoi init`, beside a directory that speaks OpenID Connect."""
    home = tmp_path_factory.mktemp("factors") / "home"
    answers = home.parent / "answers.toml"
    answers.write_text(
        'province = "82"\nhotline_name = "Tổng đài 1022 (thử)"\nopen = true\n[administrator]\nuser = "quan"\n'
        'name = "Quản (thử)"\n',
        "utf-8",
    )
    port = free_port()
    with run_server_in_thread(port=free_port()) as directory:
        product = Product(
            home,
            {
                "CAUNOI_PUBLIC_URL": f"http://localhost:{port}",
                "CAUNOI_OIDC_ISSUER": f"http://localhost:{directory.server_port}",
                "CAUNOI_OIDC_CLIENT": "caunoi",
                "CAUNOI_OIDC_SECRET": "secret-of-the-province",
                "CAUNOI_OIDC_NAME": "Danh bạ tỉnh",
            },
            port=port,
        )
        done = product.shell("init", "--answers", str(answers), "--json", timeout=400)
        assert done.returncode == 0, done.stderr
        enrol = re.search(r'"enrol": ?"([^"]+)"', done.stdout)
        assert enrol
        with product:
            yield SimpleNamespace(product=product, enrol=enrol[1], directory=directory)


@pytest.fixture
def admin(town: SimpleNamespace, browser: Browser) -> Iterator[Person]:
    """The first administrator at the address with a name."""
    somebody = Person(browser, by_name(town.product))
    yield somebody
    assert somebody.complaints == []
    somebody.close()


def add(admin: Person, username: str, role: str, **more: str) -> str:
    """A new person; their one-time password."""
    page = admin.at("/setup/people/new")
    for name, value in {"username": username, "full_name": f"{username.title()} (thử)", **more}.items():
        page.fill(f"#setup-form [name={name}]", value)
    page.select_option("#setup-form [name=role]", role)
    press(admin, "#setup-form button[value=save]")
    return page.inner_text(".secret").strip()


def test_the_first_administrator_sets_up_a_passkey_and_signs_in_with_it_alone(
    town: SimpleNamespace, admin: Person
) -> None:
    admin.at(town.enrol)
    choose(admin)
    key = device(admin)
    sign_in(admin, "quan")
    assert admin.path == "/factors/", "nothing else opens before"
    for path in ("/setup/people/", "/board/", "/notices/"):
        admin.at(path)
        assert admin.path == "/factors/"
    admin.page.fill("[name=name]", "máy ở bàn")
    press(admin, "[data-passkey-create]")
    assert admin.path == "/factors/codes"
    codes = admin.page.locator("[data-codes] li").all_inner_texts()
    assert len(set(codes)) == 10
    press(admin, "main .card .btn-primary")
    assert admin.path == "/notices/", "where they wanted to go"
    admin.at("/factors/codes")
    assert admin.path == "/factors/" and codes[0] not in admin.page.content(), "shown once"
    assert "máy ở bàn" in admin.page.inner_text("main")
    admin.sign_out()
    admin.at("/login")
    press(admin, "[data-passkey]")
    assert admin.path == "/setup/"
    # the password alone is not enough any more, and a finger that is not theirs neither
    admin.sign_out()
    sign_in(admin, "quan")
    assert admin.path == "/login/second"
    key.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": key.id, "isUserVerified": False})
    admin.page.locator("[data-passkey]").click()
    admin.page.locator("[data-passkey-status]:not(:empty)").wait_for()
    assert admin.path == "/login/second"
    admin.at("/setup/")
    assert admin.path == "/login", "half signed in is not signed in"
    key.cdp.send("WebAuthn.setUserVerified", {"authenticatorId": key.id, "isUserVerified": True})
    sign_in(admin, "quan")
    press(admin, "[data-passkey]")
    assert admin.path == "/setup/"
    admin.at("/factors/app")
    letters = admin.page.inner_text("[data-letters]")
    admin.expect("422")
    code(admin, "000000", "code")
    assert admin.page.inner_text("[data-letters]") == letters, "the picture that was scanned stays good"
    admin.context.clear_cookies()
    town.codes = codes


def enter(town: SimpleNamespace, admin: Person) -> Person:
    """The administrator by a recovery code and then an app, in a browser without the passkey."""
    if "quan" not in PHONES:
        sign_in(admin, "quan")
        code(admin, town.codes.pop())
        assert admin.path == "/factors/", "whoever used a recovery code is shown where to set up the new phone"
        admin.enrol("quan")
        admin.at("/setup/")
        return admin
    return admin.sign_in("quan", SECRET)


def test_a_supervisor_sets_up_an_app_before_anything_and_codes_count_once(
    town: SimpleNamespace, admin: Person, person: People
) -> None:
    once = add(enter(town, admin), "tam", "supervisor")
    tam = person(town.product, size="phone", scripts=False)
    sign_in(tam, "tam", once)
    assert tam.path == "/password"
    for name, value in (("old_password", once), ("new_password1", SECRET), ("new_password2", SECRET)):
        tam.page.fill(f"[name={name}]", value)
    press(tam, "main form button.btn-primary")
    assert tam.path == "/factors/"
    assert tam.page.locator("[data-passkey-form]:visible").count() == 0, "without scripts, or at a number, no passkeys"
    tam.at("/desk/")
    assert tam.path == "/factors/"
    tam.enrol("tam")
    assert tam.path == "/desk/"
    phone = PHONES["tam"]
    tam.context.clear_cookies()
    sign_in(tam, "tam")
    tam.expect("422")
    for wrong in ("000000", "12 34", "chín"):
        code(tam, wrong)
        assert tam.path == "/login/second"
    code(tam, six_digits(phone.letters, phone.used))
    assert tam.path == "/login/second", "a used code is none"
    code(tam, phone.code())
    assert tam.path == "/desk/"
    tam.context.clear_cookies()
    sign_in(tam, "tam")
    paper = phone.paper[0]
    code(tam, paper.upper().replace("-", " "))
    assert tam.path == "/factors/"
    assert "còn 9 mã" in tam.page.inner_text("body")
    tam.context.clear_cookies()
    sign_in(tam, "tam")
    code(tam, paper)
    assert tam.path == "/login/second", "a recovery code works once"


def test_before_a_key_is_issued_a_fresh_proof_is_asked_for_and_nothing_typed_is_lost(
    town: SimpleNamespace, admin: Person, person: People
) -> None:
    page = enter(town, admin).at("/setup/options/proof_minutes")
    page.fill("[name=value]", "1")
    press(admin, "#setup-form button[value=save]")
    page = admin.at("/setup/keys/new")
    label = "Ứng dụng “Đồng Tháp” <1022> & bạn"
    page.fill("[name=label]", label)
    page.locator("[name=use][value=open311]").check(force=True)
    page.fill("[name=reason]", "Chưa có quản trị viên thứ hai")

    def asked() -> bool:
        """After a minute without a proof."""
        return admin.page.request.get(f"{admin.address}/setup/imports/all/people.csv", max_redirects=0).status == 302

    wait_until(asked, 100, every=3)
    press(admin, "#setup-form button[value=save]")
    assert "Xác nhận" in page.inner_text("h1")
    admin.expect("422")
    code(admin, "000000")
    assert page.locator("[name=proof-code]").count() == 1 and page.locator(".secret").count() == 0
    code(admin, PHONES["quan"].code())
    assert admin.path == "/setup/secret" and label in page.inner_text("h1")
    secret = page.inner_text(".secret").strip()
    assert len(secret) > 20
    assert page.request.get(f"{admin.address}/setup/imports/all/people.csv", max_redirects=0).status == 200


def test_a_lost_phone_needs_two_administrators_and_none_becomes_that_person(
    town: SimpleNamespace, admin: Person, person: People
) -> None:
    enter(town, admin)
    once = add(admin, "binh", "admin")
    binh = person(town.product)
    sign_in(binh, "binh", once)
    for name, value in (("old_password", once), ("new_password1", SECRET), ("new_password2", SECRET)):
        binh.page.fill(f"[name={name}]", value)
    press(binh, "main form button.btn-primary")
    binh.enrol("binh")
    still = person(town.product, "tam", SECRET)
    admin.at("/setup/people/tam/")
    press(admin, "button[value=reset-ask]")
    assert admin.page.locator("button[value=reset-agree]").count() == 0, "whoever asks does not agree"
    answer = admin.page.evaluate(
        """async () => {
          const form = new FormData(document.querySelector("form:has(button[value=reset-drop])"));
          form.set("do", "reset-agree");
          return (await (await fetch(location.href, {method: "POST", body: form})).text());
        }"""
    )
    assert "quản trị viên khác" in answer.lower() or "quản trị khác" in answer.lower(), answer[:400]
    still.at("/desk/")
    assert still.path == "/desk/"
    binh.at("/setup/people/tam/")
    assert "Quản (thử)" in binh.page.inner_text("main")
    press(binh, "button[value=reset-agree]")
    still.at("/desk/")
    assert still.path == "/login", "sessions end"
    binh.at("/setup/people/tam/")
    press(binh, "button[value=link]")
    link = binh.page.inner_text(".secret").strip()
    tam = person(town.product, size="phone")
    tam.at(link.replace("localhost", "127.0.0.1"))
    choose(tam)
    del PHONES["tam"]
    tam.sign_in("tam", SECRET)
    assert tam.path == "/desk/" and "tam" in PHONES, "a new password and a new phone"


def test_a_rescue_at_the_shell_takes_the_factors_away_too(town: SimpleNamespace, person: People) -> None:
    enrol = json.loads(town.product.shell("admin", "binh", "--json").stdout)["enrol"]
    binh = person(town.product)
    binh.at(enrol.replace("localhost", "127.0.0.1"))
    choose(binh)
    sign_in(binh, "binh")
    assert binh.path == "/factors/"


def test_passwords_that_anybody_would_try_are_refused(town: SimpleNamespace, admin: Person, person: People) -> None:
    enter(town, admin)
    add(admin, "nga", "admin")
    admin.at("/setup/people/nga/")
    press(admin, "button[value=link]")
    nga = person(town.product)
    nga.expect("422")
    page = nga.at(admin.page.inner_text(".secret").strip().replace("localhost", "127.0.0.1"))
    assert "12" in page.inner_text("main form")
    for weak in ("Tongdai@1022", "matkhau2026!!!", "nga-dongthap-1022", "sông Bé", "0912345678901", "qwertyuiop1022"):
        choose(nga, weak)
        assert nga.path.startswith("/invite/"), weak
    choose(nga)
    assert nga.path == "/login"


def test_the_provinces_directory_signs_in_whom_it_was_linked_with(
    town: SimpleNamespace, admin: Person, person: People
) -> None:
    once = add(enter(town, admin), "lan", "operator", email="lan@tinh.example")
    lan = person(town.product)
    lan.address = by_name(town.product)
    sign_in(lan, "lan", once)
    for name, value in (("old_password", once), ("new_password1", SECRET), ("new_password2", SECRET)):
        lan.page.fill(f"[name={name}]", value)
    press(lan, "main form button.btn-primary")
    assert lan.path == "/desk/", "operators need no second factor by default"
    stranger = person(town.product)
    stranger.address = by_name(town.product)
    stranger.expect("403", "picocss", "favicon")  # of the directory's own pages
    lan.expect("picocss", "favicon")

    def by_directory(somebody: Person, sub: str) -> None:
        somebody.at("/login")
        somebody.page.get_by_role("link", name="Danh bạ tỉnh").click()
        somebody.page.fill("[name=sub]", sub)
        with somebody.page.expect_navigation(url=re.compile(f":{town.product.port}/")):
            somebody.page.locator("form:has([name=sub]) button, button").first.click()

    by_directory(stranger, "lan@tinh.example")
    assert "chưa liên kết" in stranger.page.inner_text("main").lower(), (
        "an address that anybody can claim opens nothing"
    )
    page = lan.at("/factors/")
    page.get_by_role("link", name="Liên kết").click()
    page.fill("[name=sub]", "uid-0042")
    with page.expect_navigation(url=re.compile(f":{town.product.port}/")):
        page.locator("form:has([name=sub]) button, button").first.click()
    assert lan.path == "/factors/" and "Bỏ liên kết" in page.inner_text("main")
    lan.sign_out()
    by_directory(lan, "uid-0042")
    assert lan.path == "/desk/"
    stranger.expect("Forbidden")
    by_directory(stranger, "uid-0043")
    assert "chưa liên kết" in stranger.page.inner_text("main").lower()
    # an answer that nobody asked for, and one of another browser
    stranger.at("/login/directory/back?code=abc&state=xyz")
    assert stranger.path == "/login"
    # the account is closed: the directory opens nothing
    admin.at("/setup/people/lan/")
    press(admin, "button[value=deactivate]")
    press(admin, "main form button.btn-danger")
    lan.at("/desk/")
    assert lan.path == "/login"
    lan.expect("403")
    by_directory(lan, "uid-0042")
    assert lan.path != "/desk/"
    town.product.expect("Forbidden: /login/directory/back", "directory: ")


def test_a_stranger_with_the_password_is_stopped_and_its_owner_is_not(town: SimpleNamespace, person: People) -> None:
    stranger, owner = person(town.product), person(town.product)
    owner.sign_in("tam", SECRET)
    owner.sign_out()
    stranger.expect("422", "429")
    sign_in(stranger, "tam")
    for n in range(12):
        code(stranger, f"{n:06}")
        if stranger.path != "/login/second" or stranger.page.locator("[name=proof-code]").count() == 0:
            break
    assert n >= 5, "whoever mistypes is not stopped at once"
    assert stranger.page.locator("[name=proof-code]").count() == 0
    assert owner.sign_in("tam", SECRET).path == "/desk/", "in a browser that knows them"
