"""Pages are drawn once an edition and given again; what changed shows with the next request.

Proves: Kept pages: one edition counter in the database, ETag, 304, at most 30 s; nobody's token given to another;
signed-in people bypass"""

import re
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from caunoi.events.actor import citizen
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.web.citizen import cacheable


@pytest.fixture
def lamp(someone: Any, town: SimpleNamespace) -> Publication:
    ticket = tickets.take(
        Report(text="Đèn tắt trước chợ.", channel="web", once="x", latitude=11.524, longitude=106.901),
        by=citizen(),
    )
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    publication = actions.propose(ticket)
    assert publication is not None
    return publication


PAGES = ("/", "/register", "/register?q=den", "/p/{code}", "/feed.atom", "/sitemap.xml", "/points.json", "/widget")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_drawn_once_an_edition(lamp: Publication, path: str) -> None:
    path = path.format(code=lamp.ticket.code)
    first = Client().get(path)
    with CaptureQueriesContext(
        connection,
    ) as asked:
        second = Client().get(path)
    assert len(asked) == 1  # for the number of the edition
    assert first["ETag"] == second["ETag"]
    again = Client().get(path, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again["ETag"] == first["ETag"]


@pytest.mark.parametrize("path", [p for p in PAGES if p not in ("/", "/sitemap.xml")])
def test_a_correction_and_a_withdrawal_show_at_once(lamp: Publication, town: SimpleNamespace, path: str) -> None:
    path = path.format(code=lamp.ticket.code)
    old = Client().get(path)
    actions.publish(lamp, by=town.thu, title="Đèn đã sửa lời", note="Sai chữ")
    new = Client().get(path, headers={"If-None-Match": old["ETag"]})
    assert new.status_code == 200 and "Đèn đã sửa lời" in new.content.decode()
    actions.withdraw(lamp, "Có tên người", by=town.thu)
    gone = Client().get(path, headers={"If-None-Match": new["ETag"]})
    assert "Đèn đã sửa lời" not in gone.content.decode() and gone.status_code in (200, 410)


def test_nobody_is_given_the_token_of_somebody_else(lamp: Publication) -> None:
    tokens = set()
    for _ in range(3):
        browser = Client()
        page = browser.get("/").content.decode()
        token = page.split('data-csrf="')[1].split('"')[0]
        assert f'value="{token}"' in page and "\0" not in page
        tokens.add(token)
        strict = Client(enforce_csrf_checks=True)
        strict.cookies = browser.cookies
        sent = strict.post("/language", {"language": "en", "next": "/", "csrfmiddlewaretoken": token})
        assert sent.status_code == 302
    assert len(tokens) == 3


def test_language_theme_and_commune_are_told_apart(lamp: Publication) -> None:
    def page(**cookies: str) -> str:
        browser = Client()
        for name, value in cookies.items():
            browser.cookies[name] = value
        return browser.get("/").content.decode()

    assert '<html lang="vi"' in page() and '<html lang="en"' in page(language="en")
    assert 'data-theme="caunoi-dark"' in page(theme="dark") and 'data-theme="caunoi-dark"' not in page()
    there = re.compile(r"ở xã Nghĩa Trung\s*</h2>")
    assert there.search(page(area="25417")) and not there.search(page())


def test_whoever_is_signed_in_gets_a_page_of_their_own(lamp: Publication, town: SimpleNamespace) -> None:
    staff = Client()
    staff.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert "ETag" not in staff.get("/register")
    assert not cacheable.shelf.pages


def test_words_of_time_do_not_grow_old(lamp: Publication, monkeypatch: Any) -> None:
    Client().get("/register")
    later = cacheable.monotonic() + cacheable.SECONDS + 1
    monkeypatch.setattr(cacheable, "monotonic", lambda: later)
    with CaptureQueriesContext(connection) as asked:
        Client().get("/register")
    assert len(asked) > 1


def test_the_shelf_holds_no_more_than_it_may(lamp: Publication, monkeypatch: Any) -> None:
    monkeypatch.setattr(cacheable.shelf, "most", 60_000)
    for number in range(12):
        Client().get("/register", {"q": f"đèn {number}"})
    assert 0 < cacheable.shelf.size <= 60_000
    assert cacheable.shelf.size == sum(len(page.body) for page in cacheable.shelf.pages.values())
