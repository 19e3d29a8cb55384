"""The short form: it asks no database, and what is sent by it while there is none is a ticket later.

Proves: while there is no primary a citizen reports by a short form and reads “kept, number follows”; the page leads to
the ticket; Open311 answers a token"""

import json
import re
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError, connection
from django.http import HttpResponse
from django.test import Client
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.directory import actions as directory
from caunoi.directory.queries import forget, text
from caunoi.events.actor import SYSTEM
from caunoi.files.models import Attachment
from caunoi.spool import actions, queries
from caunoi.spool.queries import DEPOSITS
from caunoi.store.places import StoreError
from caunoi.store.queries import store
from caunoi.tickets.models import Ticket
from caunoi.web.citizen.short import Short
from caunoi.web.unavailable import CARRIED

WORDS = "Nắp cống bể trước chợ, xe máy ngã hai lần."
OPEN311 = "/open311/v2/"


@pytest.fixture(autouse=True)
def place(transactional_db: None, town: SimpleNamespace, settings: Settings, tmp_path: Any) -> None:
    settings.MEDIA_ROOT = tmp_path


@contextmanager
def away() -> Iterator[None]:
    def gone(*_args: Any) -> Any:
        raise OperationalError("the connection is closed") from psycopg.errors.AdminShutdown("x")

    with connection.execute_wrapper(gone):
        yield


def photo(jpeg: bytes, name: str = "a.jpg") -> SimpleUploadedFile:
    return SimpleUploadedFile(name, jpeg)


def opened(client: Client) -> str:
    """The token of a form that was opened."""
    return form_token(client.get("/report/short").content.decode())


def form_token(page: str) -> str:
    found = re.search(r'name="once" value="([^"]+)"', page)
    assert found
    return found[1]


def send(client: Client, token: str = "", **fields: Any) -> HttpResponse:
    usual = {"text": WORDS, "address": "Chợ Đồng Xoài", "phone": "0900 000 001", "consent": "on", "send": "1"}
    data = {**usual, "once": token or opened(client), **fields}
    return client.post("/report/short", {name: value for name, value in data.items() if value is not None})


def lying() -> list[str]:
    return [name for name in store().main.names() if name.startswith(DEPOSITS)]


@pytest.mark.parametrize("language", ["vi", "en"])
def test_it_opens_without_a_query_for_whoever_it_is(
    town: SimpleNamespace, language: str, django_assert_num_queries: Any
) -> None:
    staff = Client(headers={"accept-language": language})
    staff.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    forget()
    for client in (Client(headers={"accept-language": language}), staff):
        with django_assert_num_queries(0):
            page = client.get("/report/short")
        words = page.content.decode()
        assert page.status_code == 200 and "113" in words and "115" in words
        assert ("Mẫu ngắn" in words) == (language == "vi")
    assert page["Cache-Control"] == "private, no-cache" and page["X-Robots-Tag"] == "noindex"


def test_while_there_is_a_primary_it_makes_the_report_at_once(jpeg: bytes) -> None:
    client = Client(enforce_csrf_checks=True)
    token = opened(client)
    answer = send(client, token, photos=photo(jpeg), email="lan@example.vn", name="Bà Demo")
    ticket = Ticket.objects.get()
    assert answer["Location"] == f"/f/{ticket.follow}?new=1" and lying() == []
    assert (ticket.text, ticket.contact.phone, ticket.contact.email) == (WORDS, "+84900000001", "lan@example.vn")
    assert ticket.photos.count() == 1 and ticket.deadlines.exists()
    assert send(client, token)["Location"] == answer["Location"], "pressed twice"
    assert client.get(f"/s/{token}")["Location"] == answer["Location"]
    assert Ticket.objects.count() == 1


def test_while_there_is_none_it_is_kept_once_and_then_leads_to_its_ticket(jpeg: bytes) -> None:
    client = Client(enforce_csrf_checks=True, raise_request_exception=False)
    token = opened(client)
    before = now()
    with away():
        answer = send(client, token, photos=photo(jpeg))
        assert answer.status_code == 302 and answer["Location"] == f"/s/{token}"
        assert send(client, token, photos=photo(jpeg))["Location"] == answer["Location"]
        page = client.get(answer["Location"])
        assert page.status_code == 200 and "Đã giữ, mã phiếu sẽ có sau" in page.content.decode()
        assert "data-again" in page.content.decode() and page["X-Robots-Tag"] == "noindex"
        assert client.get(f"/s/{'x' * 24}").status_code == 503, "nobody can know"
    assert len(lying()) == 1 and not Ticket.objects.exists() and not Attachment.objects.exists()
    assert "Đã giữ" in client.get(f"/s/{token}").content.decode(), "the database is back, the worker not yet"
    kept = now()
    assert send(client, token)["Location"] == answer["Location"], "it is kept already"
    actions.number_all()
    ticket = Ticket.objects.get()
    assert before <= ticket.received <= kept and ticket.photos.count() == 1 and lying() == []
    led = client.get(f"/s/{token}")
    assert led["Location"] == f"/f/{ticket.follow}?new=1" and led["Cache-Control"] == "no-store"
    assert ticket.code in client.get(led["Location"]).content.decode()
    with away():
        assert client.get(f"/s/{token}")["Location"] == led["Location"], "without the database again"
    assert client.get(f"/s/{'x' * 24}").status_code == 404


@pytest.mark.parametrize("gone", [False, True])
def test_who_agreed_agreed_to_the_text_that_was_shown(gone: bool) -> None:
    """This process has read it before; one that has not shows none and keeps no version."""
    client = Client()
    first = directory.write_text("consent", "Tôi đồng ý với bản một.", by=SYSTEM)
    assert "bản một" not in client.get("/report/short").content.decode(), "nobody has read it here"
    assert text("consent") == first
    page = client.get("/report/short").content.decode()
    assert "bản một" in page and f'name="consent_version" value="{first.version}"' in page
    with away() if gone else nullcontext():
        answer = send(client, form_token(page), consent_version=first.version)
    assert answer.status_code == 302
    actions.number_all()
    assert Ticket.objects.get().contact.consent == first.version


def test_another_text_than_was_shown_is_read_first() -> None:
    client = Client()
    first = directory.write_text("consent", "Tôi đồng ý với bản một.", by=SYSTEM)
    token = opened(client)
    second = directory.write_text("consent", "Tôi đồng ý với bản hai.", by=SYSTEM)
    answer = send(client, token, consent_version=first.version)
    assert answer.status_code == 422 and not Ticket.objects.exists()
    page = answer.content.decode()
    assert "bản hai" in page and f'name="consent_version" value="{second.version}"' in page and WORDS in page
    assert send(client, form_token(page), consent_version=second.version).status_code == 302


def test_with_no_store_either_one_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    client = Client(raise_request_exception=False)
    token = opened(client)

    def refuse(*_args: Any) -> None:
        raise StoreError("no")

    monkeypatch.setattr(type(store().main), "keep", refuse)
    with away():
        answer = send(client, token)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5") and WORDS in answer.content.decode()


@pytest.mark.parametrize("gone", [True, False])
def test_what_is_wrong_is_said_with_and_without_a_database(gone: bool, jpeg: bytes, settings: Settings) -> None:
    client = Client()
    wrong: tuple[dict[str, Any], ...] = (
        {"text": " "},
        {"text": "x" * 60_000},
        {"phone": "call me"},
        {"email": "lan"},
        {"consent": None},
        {"once": "short"},
        {"photos": photo(b"no photo")},
        {"photos": [photo(jpeg, f"{n}.jpg") for n in range(4)]},
        {"photos": photo(b"x" * (16 << 20))},
    )
    for fields in wrong:
        with away() if gone else contextmanager(lambda: iter([None]))():
            answer = send(client, **fields)
        assert answer.status_code == 422 and 'class="error-summary"' in answer.content.decode(), list(fields)
    assert lying() == [] and not Ticket.objects.exists()


def test_one_address_may_do_it_so_often() -> None:
    directory.set_option("reports_per_hour", 2, by=SYSTEM)
    forget()
    Client().get("/report")  # an option is as this process has read it last
    with away():
        told = [send(Client(REMOTE_ADDR="198.51.100.7")).status_code for _ in range(3)]
        assert told == [302, 302, 429] and len(lying()) == 2
        assert send(Client(REMOTE_ADDR="198.51.100.8")).status_code == 302


def test_strangers_do_not_fill_the_store(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("caunoi.web.citizen.short.MEGABYTES", 1)
    with away():
        assert send(Client(REMOTE_ADDR="198.51.100.1")).status_code == 302
        assert send(Client(REMOTE_ADDR="198.51.100.2")).status_code == 429


def test_a_portal_that_is_closed_takes_none() -> None:
    directory.set_option("portal_open", False, by=SYSTEM)
    forget()
    assert send(Client()).status_code == 503 and not Ticket.objects.exists()


def test_the_page_that_waits_hands_on_what_was_typed() -> None:
    client = Client(raise_request_exception=False)
    begun = client.post(f"/report/{'d' * 20}/what", {"text": "Ổ gà", "kind": "report"})["Location"]
    draft = begun.split("/")[2]
    assert set(CARRIED) <= set(Short.base_fields)
    with away():
        page = client.post(f"/report/{draft}/where", {"address": "Hẻm <12>", "lat": "11.5", "secret": "s3cret"})
        words = page.content.decode()
        assert page.status_code == 503 and 'action="/report/short"' in words
        assert f'<textarea name="draft" hidden>\n{draft}</textarea>' in words
        assert '<textarea name="address" hidden>\nHẻm &lt;12&gt;</textarea>' in words
        offer = words.split('action="/report/short"')[1]
        assert "s3cret" not in offer, "only what the short form has a field for"
        form = client.post("/report/short", {"address": "Hẻm <12>", "lat": "11.5", "draft": draft}).content.decode()
        assert 'value="Hẻm &lt;12&gt;"' in form and f'value="{draft}"' in form
        answer = send(client, form_token(form), draft=draft, lat="11.52", long="106.9")
        again = send(client)  # the browser's way back opens the form anew, and without the draft
        assert again["Location"] == answer["Location"] and len(lying()) == 1
        for address in ("/login", "/lookup", "/register"):
            assert "/report/short" not in client.get(address).content.decode()
        assert "/report/short" in client.get("/report").content.decode()
    assert answer.status_code == 302
    actions.number_all()
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.latitude) == (WORDS, 11.52)
    assert client.get(f"/report/{draft}/check")["Location"] == f"/f/{ticket.follow}", "the draft is ended"


def test_what_differs_in_anything_is_another_report(jpeg: bytes) -> None:
    """Two lamps in two lanes, by the same words, from the same browser: two."""
    client = Client(raise_request_exception=False)
    client.post(f"/report/{'d' * 20}/what", {"text": "Ổ gà", "kind": "report"})
    with away():
        every = [
            send(client, **fields)["Location"]
            for fields in ({}, {}, {"address": "Hẻm 12"}, {"phone": "0900 000 002"}, {"photos": [photo(jpeg)]})
        ]
        assert every[0] == every[1] and len({*every}) == len(lying()) == 4
        other = Client(raise_request_exception=False)
        other.post(f"/report/{'e' * 20}/what", {"text": "Ổ gà", "kind": "report"})
        assert send(other)["Location"] not in every, "somebody else's report is theirs"
    assert actions.number_all() == 5 and Ticket.objects.count() == 5


# --- Open311 ----------------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(town: SimpleNamespace) -> str:
    return issue_key(Key.Use.OPEN311, "Demo app", by=SYSTEM)


def post(secret: str, *, form: str = "json", headers: dict[str, str] | None = None, **fields: Any) -> HttpResponse:
    data = {"api_key": secret, "service_code": "lamps", "description": WORDS, "lat": "11.52", "long": "106.9", **fields}
    client = Client(raise_request_exception=False, headers=headers or {})
    return client.post(f"{OPEN311}requests.{form}", {k: v for k, v in data.items() if v is not None})


def seen(secret: str) -> None:
    """This process has met the key."""
    assert Client().get(f"{OPEN311}requests/26-000001-9.json?api_key={secret}").status_code == 404


def test_an_app_gets_a_token_and_then_the_id(town: SimpleNamespace, secret: str, jpeg: bytes) -> None:
    seen(secret)
    with away():
        answer = post(
            secret, media=photo(jpeg), headers={"Idempotency-Key": "once-1"}, first_name="Tư", last_name="Demo"
        )
        again = post(secret, media=photo(jpeg), headers={"Idempotency-Key": "once-1"})
        other = post(secret, form="xml")
        ((told,), (twice,)) = (json.loads(one.content) for one in (answer, again))
        assert answer.status_code == 201 and "service_request_id" not in told and told["token"] == twice["token"]
        assert other.status_code == 201 and b"<request><token>" in other.content
        asked = Client().get(f"{OPEN311}tokens/{told['token']}.json")
        assert json.loads(asked.content) == [{"service_request_id": None, "token": told["token"]}]
    assert len(lying()) == 2
    actions.number_all()
    ticket = Ticket.objects.get(contact__isnull=False, photos__isnull=False)
    assert Ticket.objects.count() == 2 and (ticket.channel, ticket.category, ticket.area) == (
        "app",
        town.lamps,
        town.ward,
    )
    assert ticket.contact.name == "Demo Tư"
    asked = Client().get(f"{OPEN311}tokens/{told['token']}.json")
    assert json.loads(asked.content) == [{"service_request_id": ticket.code, "token": told["token"]}]
    assert (
        f"<service_request_id>{ticket.code}<" in Client().get(f"{OPEN311}tokens/{told['token']}.xml").content.decode()
    )
    last = post(secret, headers={"Idempotency-Key": "once-1"})
    assert json.loads(last.content)[0]["service_request_id"] == ticket.code, "sent again it is that one"


def test_a_key_that_nobody_has_met_waits(secret: str) -> None:
    forget()
    with away():
        assert [post(one).status_code for one in (secret, "unknown", "")] == [503, 503, 403]
    seen(secret)
    Key.objects.update(expires=now() - timedelta(days=1))
    forget()
    Client().get(f"{OPEN311}requests/26-000001-9.json?api_key={secret}")
    with away():
        assert post(secret).status_code == 403, "it has met this one, and it is over"
    assert lying() == []


def test_what_can_be_checked_without_a_database_is(secret: str) -> None:
    seen(secret)
    wrong: tuple[dict[str, Any], ...] = (
        {"description": " "},
        {"service_code": None},
        {"lat": None},
        {"lat": None, "long": None},
        {"lat": "north"},
        {"phone": "call me"},
        {"email": "lan"},
        {"attribute[occurred]": "yesterday"},
        {"description": "x\0y"},
        {"media": photo(b"no photo")},
    )
    with away():
        for fields in wrong:
            assert post(secret, **fields).status_code == 400, fields
    assert lying() == []


def test_one_post_whose_answer_was_lost_is_one_ticket(secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    seen(secret)
    take = actions.tickets.take

    def lose(*args: Any, **more: Any) -> Ticket:
        take(*args, **more)
        raise OperationalError("gone") from psycopg.errors.AdminShutdown("x")

    monkeypatch.setattr("caunoi.api.open311.requests.tickets.take", lose)
    (told,) = json.loads(post(secret).content)
    monkeypatch.undo()
    actions.number_all()
    assert queries.follow_of(told["token"]) is None or Ticket.objects.count() == 1
    assert Ticket.objects.count() == 1
