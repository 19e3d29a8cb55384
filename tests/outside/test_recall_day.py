"""An operator sends a ticket to the wrong agency, and takes it back: at once, so that nobody there ever hears of it;
later, so that they are told; and not at all once they have confirmed it.

Proves: What is undone within the hold leaves no notice at the agency; a forward is recalled until the agency accepts,
which is told and sees the ticket no more; an agency that confirmed keeps it (hold and recall)"""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, expect
from stage import Person, Product, wait_until

pytestmark = pytest.mark.long

type Somebody = Callable[..., Person]
HELD = 10  # seconds, as documented in docs/operating.md


@pytest.fixture(scope="module")
def agency(demo: Product, browser: Browser) -> Iterator[str]:
    """The code of minh's agency."""
    admin = Person(browser, demo.address).sign_in("quan")
    yield admin.at("/setup/people/minh/").input_value("main [name=agency]")
    admin.close()


def act(somebody: Person, name: str, **given: str) -> None:
    """Makes a move on the ticket that is open."""
    page = somebody.page
    page.click(f"#move-{name} > summary")
    for field, value in given.items():
        control = page.locator(f"#form-{name} [name={name}-{field}]")
        if control.evaluate("e => e.matches('select')"):
            control.select_option(value)
        else:
            control.fill(value)
    with page.expect_navigation(wait_until="commit"):
        page.click(f"#form-{name} .btn-primary")
    page.locator(".toast", has_text=" · ").wait_for()


def forwarded(lan: Person, agency: str, words: str) -> str:
    """A ticket that lan has just handed to the agency; its code."""
    code = lan.take_down(words).strip("/").split("/")[-1]
    act(lan, "accept", category="lamps")
    act(lan, "route", agency=agency)
    return code


def heard(minh: Person, code: str) -> str:
    """What the notices of minh say of a ticket."""
    return "\n".join(minh.at("/notices/").locator("main li", has_text=code).all_inner_texts())


def test_what_is_taken_back_at_once_was_never_there(demo: Product, agency: str, person: Somebody) -> None:
    lan, minh = person(demo, "lan"), person(demo, "minh")
    code = forwarded(lan, agency, "Đèn đường số 4 khu phố 2 không sáng")
    assert heard(minh, code) == ""
    with lan.page.expect_navigation(wait_until="commit"):
        lan.page.click(".toast button:has-text('Hoàn tác')")
    lan.page.locator(".toast", has_text="trở lại như trước").wait_for()
    minh.page.wait_for_timeout((HELD + 5) * 1000)
    assert heard(minh, code) == ""
    minh.expect("404")
    assert code not in minh.at(f"/agency/{code}/").inner_text("main")


def test_a_forward_is_recalled_until_the_agency_confirms_it(demo: Product, agency: str, person: Somebody) -> None:
    lan, minh = person(demo, "lan"), person(demo, "minh")
    code = forwarded(lan, agency, "Đèn đường số 6 khu phố 2 không sáng")
    wait_until(lambda: heard(minh, code), HELD + 20, 1, why="the agency hears of it")
    expect(minh.at(f"/agency/{code}/").locator("h1")).to_contain_text("Đèn đường số 6")
    minh.at("/agency/")
    lan.page.reload()
    act(lan, "recall", reason="Khu phố này thuộc phường bên.")
    lan.shoot("recalled")
    expect(lan.page.locator("main")).to_contain_text("đã thu hồi")
    wait_until(lambda: "đã được rút lại" in heard(minh, code), 30, 1, why="the agency is told")
    minh.shoot("told-of-recall")
    minh.expect("404")
    minh.page.locator("main li", has_text="đã được rút lại").locator("a").first.click()
    assert "Đèn đường số 6" not in minh.text()
    act(lan, "route", agency=agency)
    minh.at("/agency/")
    minh.post(f"/agency/{code}/move/leg_accept")
    lan.at(f"/desk/{code}/")
    expect(lan.page.locator("#move-recall")).to_have_count(0)


def test_who_confirms_first_keeps_it(demo: Product, agency: str, person: Somebody) -> None:
    lan, minh = person(demo, "lan"), person(demo, "minh")
    code = forwarded(lan, agency, "Đèn đường số 8 khu phố 2 không sáng")
    minh.at("/agency/")
    minh.post(f"/agency/{code}/move/leg_accept")
    lan.expect("40[39]", "422")
    lan.post(f"/desk/{code}/move/recall")
    expect(minh.at(f"/agency/{code}/").locator("h1")).to_contain_text("Đèn đường số 8")
