"""Screenshots of a running product, for people to look at: every page of PAGES in sizes, themes and languages.

`BASE=http://127.0.0.1:8022 python tools/look.py [name …]` writes look/<page>-<size>-<theme>-<language>.png and prints
what the browser complained about. SIZES, THEMES and LANGUAGES (environment, comma-separated) narrow it down. Another
slice adds its pages to PAGES: (name, role, path); the role is a demo user name, "" for a citizen. What stands in braces
is found on the way: {draft} and {follow} are of reports sent by this program, {ticket} the newest published one that is
done. Pages of the staff whose addresses need nothing are found in the access table; of lists that lead to single things
the first one is looked at too (FIRST). The components are there when the product runs with `tools.gallery`."""

import os
import re
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

BASE = os.environ.get("BASE", "http://127.0.0.1:8022")
OUT = Path("look")
CHROMIUM = os.environ.get("CHROMIUM", "/usr/bin/chromium")
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync", "--enable-unsafe-swiftshader"),
]
SIZES = {"phone": (390, 844), "tablet": (834, 1194), "desk": (1440, 900)}
THEMES, LANGUAGES = ("light", "dark"), ("vi", "en")
PASSWORD = "demo1022!"  # noqa: S105  the demo's, said aloud at its start

PAGES = [
    ("home", "", "/"),
    ("report-what", "", "/report"),
    ("report-question", "", "/report?kind=question"),
    ("report-where", "", "{draft}/where"),
    ("report-photos", "", "{draft}/photos"),
    ("report-you", "", "{draft}/you"),
    ("report-check", "", "{draft}/check"),
    ("sent", "", "{follow}?new=1"),
    ("follow", "", "{follow}"),
    ("follow-gone", "", "/f/gone"),
    ("report-confidential", "", "/report/confidential"),
    ("privacy", "", "/privacy"),
    ("privacy-ask", "", "/privacy/ask"),
    ("accessibility", "", "/accessibility"),
    ("factors", "lan", "/factors/"),
    ("factor-app", "lan", "/factors/app"),
    ("sessions", "lan", "/sessions"),
    ("lookup", "", "/lookup"),
    ("app", "", "/app"),
    ("open-data", "", "/open-data"),
    ("register", "", "/register"),
    ("register-empty", "", "/register?q=xyzxyz"),
    ("ticket", "", "{ticket}"),
    ("nothing", "", "/nothing"),
    ("login", "", "/login"),
    ("desk", "lan", "/desk/"),
    ("publish", "thu", "/desk/publish"),
    ("agency", "minh", "/agency/"),
    ("board", "phong", "/board/"),
    ("setup", "quan", "/setup/"),
    ("setup-options", "quan", "/setup/options/"),
    ("setup-option", "quan", "/setup/options/reopen_days"),
    ("setup-texts", "quan", "/setup/texts/"),
    ("setup-text-new", "quan", "/setup/texts/consent/new"),
    ("setup-fields", "quan", "/setup/fields/"),
    ("setup-field", "quan", "/setup/fields/lamps/"),
    ("setup-deadlines", "quan", "/setup/deadlines/"),
    ("setup-deadline-new", "quan", "/setup/deadlines/new"),
    ("setup-rules", "quan", "/setup/rules/?category=noise&hour=23"),
    ("setup-rule-new", "quan", "/setup/rules/new"),
    ("setup-calendars", "quan", "/setup/calendars/"),
    ("setup-day-new", "quan", "/setup/calendars/days/new"),
    ("setup-agencies", "quan", "/setup/agencies/"),
    ("setup-people", "quan", "/setup/people/"),
    ("setup-person", "quan", "/setup/people/minh/"),
    ("setup-keys", "quan", "/setup/keys/"),
    ("setup-inboxes", "quan", "/setup/inboxes/"),
    ("setup-history", "quan", "/setup/history/"),
    ("gallery", "quan", "/gallery/"),
]


FIRST = [  # name, role, list, which link of it
    ("desk-ticket", "lan", "/desk/", "a.item-link[href^='/desk/']"),
    ("desk-call", "lan", "/desk/calls/", "td a[href^='/desk/calls/'], th a[href^='/desk/calls/']"),
    ("desk-conversation", "lan", "/desk/conversations/", "a[href^='/desk/conversations/']"),
    ("publish-one", "thu", "/desk/publish/", "a.item-link[href^='/desk/publish/']"),
    ("confidential-case", "thu", "/confidential/", "th a[href^='/confidential/']"),
    ("agency-ticket", "minh", "/agency/", "a.item-link[href^='/agency/']"),
    ("board-ticket", "phong", "/board/tickets", "a[href^='/board/tickets/']"),
    ("procedures-one", "thu", "/procedures/", "td a[href^='/procedures/'], th a[href^='/procedures/']"),
    ("procedure", "", "/tthc/?q=khai+sinh", "main a[href*='?asked=']"),
]
SIGNS_IN = {  # an audience's demo user, first who may come in
    "desk": ("lan", "thu", "tam"),
    "agency": ("minh", "hoa"),
    "board": ("phong", "tam", "thu"),
    "setup": ("quan",),
    "procedures": ("thu",),
    "confidential": ("thu",),
}
ROLES = {
    "lan": "operator",
    "tam": "supervisor",
    "minh": "officer",
    "hoa": "lead",
    "thu": "reviewer",
    "phong": "leader",
    "quan": "admin",
}


def others() -> Iterator[tuple[str, str, str]]:
    """The pages of the staff that PAGES does not name and whose addresses need nothing."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "caunoi.settings")
    import django
    from django.urls import NoReverseMatch, get_resolver, reverse

    django.setup()
    from caunoi.web.access import ACCESS

    listed = {path.split("?")[0] for _, _, path in PAGES}
    for space, users in SIGNS_IN.items():
        for name in sorted(n for n in get_resolver().namespace_dict[space][1].reverse_dict if isinstance(n, str)):
            try:
                path = reverse(f"{space}:{name}")
            except NoReverseMatch:
                continue
            may = ACCESS.get(f"{space}:{name}") or ACCESS[f"{space}:*"]
            who = next((user for user in users if ROLES[user] in {str(role) for role in may}), None)
            if who and path not in listed and "." not in path:
                yield f"{space}-{name}", who, path


def chosen(name: str, known: tuple[str, ...]) -> list[str]:
    wanted = os.environ.get(name, "")
    return [one for one in known if not wanted or one in wanted.split(",")]


def send(page: Page) -> tuple[str, str]:
    """Write a report as a citizen would: the address of a draft, and the page to follow the report that was sent."""
    text = "Đèn đường trước chợ Đồng Xoài tắt ba ngày nay, tối đen không thấy đường đi.\nMấy đứa nhỏ đi học về sợ lắm."
    found = []
    for finish in (False, True):
        page.goto(f"{BASE}/report")
        page.fill("[name=text]", text)
        page.click("form[action*=report] button.btn-primary")
        draft = page.url.rsplit("/", 1)[0]
        page.fill("[name=address]", "Trước chợ Đồng Xoài, quốc lộ 14")
        page.click("form[action*=report] button.btn-primary")
        page.click("form[action*=report] button.btn-primary")
        page.fill("[name=name]", "Trần Thị Demo")
        page.check("[name=consent]")
        page.click("form[action*=report] button.btn-primary")
        if finish:
            page.click("form[action*=report] button.btn-primary")
        found.append((page.url.split("?")[0] if finish else draft).removeprefix(BASE))
    return found[0], found[1]


def places(browser: Browser, paths: list[str]) -> dict[str, str]:
    """What stands for {draft}, {follow} and {ticket}, as far as it is asked for."""
    if not any("{" in path for path in paths):
        return {}
    page = browser.new_page()
    draft, follow = send(page)
    page.goto(f"{BASE}/register?status=done")
    link = page.query_selector("a.item-link")
    result = {"draft": draft, "follow": follow, "ticket": (link.get_attribute("href") if link else "") or "/register"}
    page.close()
    return result


def signed_in(browser: Browser, role: str, **how: object) -> BrowserContext:
    """A browser of its own for a demo user."""
    context = browser.new_context(**how)  # type: ignore[arg-type]
    if role:
        page = context.new_page()
        page.goto(f"{BASE}/login")
        page.fill("[name=username]", role)
        page.fill("[name=password]", PASSWORD)
        page.click("form button.btn-primary")
        page.close()
    return context


def shots(context: BrowserContext, pages: list[tuple[str, str]], tail: str) -> Iterator[str]:
    """Take the pictures; yields what the browser complained about."""
    for name, path in pages:
        page = context.new_page()
        said: list[str] = []
        page.on("console", lambda m, said=said: said.append(m.text) if m.type == "error" else None)
        page.on("pageerror", lambda e, said=said: said.append(e.message))
        path, _, link = path.partition(" > ")
        if page.request.get(f"{BASE}{path}").status == 405:  # a form's target
            page.close()
            continue
        answer = page.goto(f"{BASE}{path}", wait_until="load")
        if link:
            row = page.query_selector(link)
            href = row.get_attribute("href") if row else None
            if href is None:
                yield f"{name}-{tail}: nothing there to look at"
                page.close()
                continue
            answer = page.goto(f"{BASE}{href}", wait_until="load")
        if answer is None or answer.status >= 500:
            yield f"{name}-{tail}: answers {answer.status if answer else 'nothing'}"
        for block in page.query_selector_all("[data-map]"):
            if block.is_visible():
                block.scroll_into_view_if_needed()  # a map is drawn when somebody comes near
                page.wait_for_selector("[data-map-state=ready]", timeout=20_000)
        page.wait_for_timeout(500)
        page.screenshot(path=OUT / f"{name}-{tail}.png", full_page=True)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            said.append("wider than the screen")
        yield from (f"{name}-{tail}: {words}" for words in said)
        page.close()


def main(wanted: list[str]) -> None:
    OUT.mkdir(exist_ok=True)
    every = [*PAGES, *others(), *((name, who, f"{path} > {link}") for name, who, path, link in FIRST)]
    pages = [page for page in every if not wanted or any(re.match(w, page[0]) for w in wanted)]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        known = places(browser, [path for _, _, path in pages])
        for role in dict.fromkeys(role for _, role, _ in pages):
            mine = [(name, path.format(**known)) for name, who, path in pages if who == role]
            context = signed_in(browser, role)
            state = context.storage_state()
            context.close()
            looks = product(chosen("SIZES", tuple(SIZES)), chosen("THEMES", THEMES), chosen("LANGUAGES", LANGUAGES))
            for size, theme, language in looks:
                viewport = dict(zip(("width", "height"), SIZES[size]))
                context = browser.new_context(storage_state=state, viewport=viewport, color_scheme=theme)
                context.add_cookies([{"name": "language", "value": language, "url": BASE}])
                for trouble in shots(context, mine, f"{size}-{theme}-{language}"):
                    print(trouble)
                context.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT}/")


if __name__ == "__main__":
    main(sys.argv[1:])
