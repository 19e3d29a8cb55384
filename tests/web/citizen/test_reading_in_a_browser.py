"""Citizens' pages for narrow screens, large letters, paper and the keyboard alone.

Proves: No page wider than 320 px in either language, nor with letters twice as large; paper without controls; the
bar at the thumb covers no target (WCAG 2.5.8) and no end of a page; a report by the keyboard alone, the focus
always seen"""

from collections.abc import Callable
from itertools import product
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report
from tests.browser import AXE, Screen

pytestmark = [pytest.mark.browser, pytest.mark.slow]

PAGES = [
    *(
        "/",
        "/report",
        "/lookup",
        "/app",
        "/register",
        "/register?q=khong+co+gi",
        "/near",
        "/agencies/",
        "/tthc/",
        "/log",
    ),
    *("/channels", "/open-data", "/widget/guide", "/nothing", "/login", "/f/gone", "/r/forged", "/l/forged"),
]
ENGLISH = ["/", "/report", "/register", "/agencies/", "/tthc/"]  # where its words are the longer ones
SEEN = """wanted => {
    const at = document.activeElement, box = at.getBoundingClientRect();
    const under = (bar) => {
        const its = bar.getBoundingClientRect();
        return its.height && !bar.contains(at) && !at.matches(".skip-link")
            && box.bottom > its.top && box.top < its.bottom && box.height < 200;
    };
    return {
        wanted: at.matches(wanted),
        ring: [at, at.closest("label")].some((one) => one && getComputedStyle(one).outlineStyle !== "none"),
        free: ![...document.querySelectorAll(".site-header, .dock")].some(under),
        html: at.outerHTML.slice(0, 120),
    };
}"""
WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
LARGE = "document.documentElement.style.fontSize = '212%'"  # 200 % of our 17 px


@pytest.fixture
def told(town: SimpleNamespace, worker: Any) -> Ticket:
    """An answered question, long in name and in one word, that everybody may read."""
    text = "Đèn đường Đồng Xoài " + "rất tối " * 40 + "https://vi-du.example/" + "a" * 160
    ticket = tickets.take(Report(text=text, channel="web", once="1", area_id=town.ward.pk), by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    answers.answer(ticket, "Đã sửa xong. " * 30, by=town.lan)
    worker()
    actions.publish(Publication.objects.get(ticket=ticket), by=town.thu)
    return ticket


def speak(screen: Screen, language: str) -> None:
    screen.context.add_cookies([{"name": "language", "value": language, "url": screen.url}])


def test_no_page_is_wider_than_a_narrow_phone_nor_with_letters_twice_as_large(
    screens: Callable[..., Screen], told: Ticket
) -> None:
    screen, wide = screens(size=(390, 844)), []
    page = screen.page
    page.set_default_timeout(30_000)
    own = [f"/p/{told.code}", f"/f/{told.follow}", f"/log/{told.code}", "/agencies/xncongtrinh"]
    for language, path in [*product(["vi"], [*PAGES, *own]), *product(["en"], [*ENGLISH, *own])]:
        speak(screen, language)
        page.goto(screen.url + path, wait_until="domcontentloaded")
        page.evaluate("document.querySelectorAll('details').forEach(one => one.open = true)")
        for width, large in ((390, False), (320, False), (720, True)):
            page.set_viewport_size({"width": width, "height": 640})
            if large:
                page.evaluate(LARGE)
            if page.evaluate(WIDER) > 0:
                wide.append((language, path, width, page.evaluate(WIDER)))
        page.set_viewport_size({"width": 390, "height": 844})
    assert not wide


def test_paper_has_what_is_to_be_kept_and_nothing_to_press(screens: Callable[..., Screen], told: Ticket) -> None:
    page = screens(size="desk", theme="dark").page
    page.set_default_timeout(30_000)
    for path in (f"/f/{told.follow}", f"/p/{told.code}", "/register"):
        page.goto(path, wait_until="load")
        page.evaluate(AXE.read_text())
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        page.emulate_media(media="print")
        for gone in (".site-header nav", ".site-footer", ".dock", ".skip-link"):
            for one in page.locator(gone).all():
                expect(one).not_to_be_visible()
        typed = "main :is(button, textarea, input:not([type=hidden])):visible"
        expect(page.locator(typed)).to_have_count(0)
        expect(page.locator("main .map:visible")).to_have_count(0)  # a map is drawn on no paper
        rules = "{runOnly: {type: 'rule', values: ['color-contrast']}}"
        found = page.evaluate(f"axe.run(document, {rules})")["violations"]  # dark or not, paper is white
        assert not [node["html"][:160] for one in found for node in one["nodes"]], path
        expect(page.locator("h1")).to_be_visible()
        page.emulate_media(media="screen")
    page.goto(f"/f/{told.follow}", wait_until="domcontentloaded")
    page.emulate_media(media="print")
    expect(page.locator(".print-head")).to_be_visible()


def test_with_forced_colours_it_is_still_seen_where_one_is(screens: Callable[..., Screen]) -> None:
    page = screens(forced_colors="active").page
    page.set_default_timeout(30_000)
    page.goto("/report", wait_until="load")
    edge = "one => getComputedStyle(one).borderTopColor + getComputedStyle(one).borderTopWidth"
    steps = [one.evaluate(edge) for one in page.locator(".steps > li").all()]
    assert steps[0] not in steps[1:] and len(set(steps[1:])) == 1
    ground = "one => getComputedStyle(one).backgroundColor"
    here, other = page.locator(".site-header nav > a[aria-current]"), page.locator(".site-header nav > a").first
    assert here.evaluate(ground) != other.evaluate(ground)
    rim = "one => getComputedStyle(one).outlineStyle"
    chosen, free = (page.locator(f".site-footer [aria-pressed={state}]").first for state in ("true", "false"))
    assert (chosen.evaluate(rim), free.evaluate(rim)) == ("solid", "none")


def test_the_bar_at_the_thumb_takes_no_target_away(screens: Callable[..., Screen], told: Ticket) -> None:
    page = screens(size=(412, 823)).page
    page.set_default_timeout(30_000)
    for path in ("/", "/register", f"/p/{told.code}"):
        page.goto(path, wait_until="load")
        page.evaluate(AXE.read_text())
        found = page.evaluate("axe.run(document, {runOnly: {type: 'rule', values: ['target-size']}})")["violations"]
        assert not [node["html"][:160] for one in found for node in one["nodes"]], path
        page.evaluate("scrollTo(0, document.documentElement.scrollHeight)")
        last = page.locator(".site-footer :is(a, button)").last.bounding_box()
        bar = page.locator(".dock").bounding_box()
        assert last and bar and last["y"] + last["height"] <= bar["y"], path  # the end can be scrolled above it


def tab_to(page: Page, wanted: str, most: int = 40) -> None:
    """Press Tab until what is wanted has the focus, which is seen and lies under no bar at every stop."""
    for _ in range(most):
        page.keyboard.press("Tab")
        seen = page.evaluate(SEEN, wanted)
        assert seen["ring"] and seen["free"], seen["html"]
        if seen["wanted"]:
            return
    raise AssertionError(f"{wanted} was not reached on {page.url}")


def test_a_report_is_sent_by_the_keyboard_alone(screens: Callable[..., Screen]) -> None:
    screen = screens(size=(900, 700))
    screen.page.set_default_timeout(30_000)
    page = screen.go("/")
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_class("skip-link")
    page.keyboard.press("Enter")
    tab_to(page, ".door-primary", 3)
    go = "form[action*=report] .btn-primary"
    with page.expect_navigation():
        page.keyboard.press("Enter")
    tab_to(page, "[name=text]")
    page.keyboard.type("Cây nghiêng ra đường ở ngã ba.")
    for step in ("where", "photos", "you"):
        tab_to(page, go)
        with page.expect_navigation(url=f"**/{step}"):
            page.keyboard.press("Enter")
        if step == "where":
            screen.ready()
            tab_to(page, "[name=address]")
            page.keyboard.type("Ngã ba chợ")
            tab_to(page, ".map canvas")  # the map can be reached, used …
            page.keyboard.press("Enter")
            expect(page.locator("[name=lat]")).not_to_have_value("")
            tab_to(page, ".map-block summary")  # … and done without
            page.keyboard.press("Enter")
            for name, degrees in (("lat", "11.52"), ("long", "106.9")):
                tab_to(page, f"[name={name}]")
                page.keyboard.type(degrees)
    tab_to(page, "[name=consent]")
    page.keyboard.press("Space")
    tab_to(page, go)
    with page.expect_navigation(url="**/check"):
        page.keyboard.press("Enter")
    tab_to(page, go)
    with page.expect_navigation(url="**/f/**"):
        page.keyboard.press("Enter")
    expect(page.locator(".sent .code")).to_be_visible()
    screen.clean()
