"""What only reads is answered from a standby: which addresses, for whom not, and what a page says without a primary.

Proves: reads on replicas by declaration, none of which writes; own writes are seen; lag; read-only pages"""

import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.db import DatabaseError, OperationalError, connection, connections
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import path, reverse
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key
from caunoi.directory.models import Option
from caunoi.events.actor import Role
from caunoi.jobs import replica
from caunoi.procedures.models import Question
from caunoi.publication import actions as publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.urls import handler400, handler403, handler404, handler500
from caunoi.urls import urlpatterns as ours
from caunoi.web import access, reads
from tests.standby import Standing
from tests.web.test_access import ALL, PEOPLE, SAMPLES

seen: list[bool] = []  # for each call of a view below: whether it was bound
NOW, BEHIND = 2**63, 0x10


def looks(request: HttpRequest) -> HttpResponse:
    seen.append(replica.bound())
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    return HttpResponse(f"{connection.alias}")


def misses(request: HttpRequest) -> HttpResponse:
    seen.append(replica.bound())
    if replica.bound():
        raise Http404
    return HttpResponse("here")


def answers_404(request: HttpRequest) -> HttpResponse:
    seen.append(replica.bound())
    return HttpResponse("here", status=404 if replica.bound() else 200)


def writes(request: HttpRequest) -> HttpResponse:
    seen.append(replica.bound())
    Option.objects.create(name=f"x{len(seen)}", value="x")
    return HttpResponse("written")


def breaks(request: HttpRequest) -> HttpResponse:
    seen.append(replica.bound())
    if replica.bound():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")
    return HttpResponse("here")


def streams(request: HttpRequest) -> StreamingHttpResponse:
    def pieces() -> Iterator[bytes]:
        for _ in range(3):
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            yield connection.alias.encode() + b" "

    return StreamingHttpResponse(pieces())


VIEWS: dict[str, Callable[[HttpRequest], HttpResponseBase]] = {
    "looks": looks,
    "misses": misses,
    "answers_404": answers_404,
    "writes": writes,
    "breaks": breaks,
    "streams": streams,
}
urlpatterns = [*(path(f"try/{name}", view, name=name) for name, view in VIEWS.items()), *ours]
__all__ = ["handler400", "handler403", "handler404", "handler500"]


@pytest.fixture
def views(standby: Standing, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Standing:
    settings.ROOT_URLCONF = __name__
    monkeypatch.setattr(reads, "READS", reads.READS | set(VIEWS))
    for name in VIEWS:
        monkeypatch.setitem(access.ACCESS, name, access.PUBLIC)
    seen.clear()
    return standby


def client(town: SimpleNamespace | None = None, who: str = "") -> Client:
    one = Client(raise_request_exception=False)
    if town and who:
        one.force_login(town.users[who], backend=f"{ModelBackend.__module__}.ModelBackend")
    return one


# --- The declaration --------------------------------------------------------------------------------------------------


def test_what_is_declared_is_there_and_open_to_more_than_its_writers() -> None:
    assert {view for view, _ in ALL} >= reads.READS


@pytest.fixture
def samples(town: SimpleNamespace) -> dict[str, Any]:
    report = Report(text="Đèn tắt", channel="web", once="a", category_id=town.lamps.pk, area_id=town.ward.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    publication.propose(ticket)
    return {**SAMPLES, "code": ticket.code, "token": ticket.follow}


@pytest.mark.slow
def test_no_declared_address_writes_whoever_asks(
    standby: Standing, town: SimpleNamespace, samples: dict[str, Any], settings: Settings
) -> None:
    """On a connection of its own that only reads; where nothing is apart, a write is raised."""
    settings.REPLICA = False
    walked, statements, role = 0, list[str](), _role()

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        statements.append(sql)
        return execute(sql, params, many, context)

    with connections[replica.READ].execute_wrapper(note):
        for view, parameters in ALL:
            if view not in reads.READS:
                continue
            address = reverse(view, kwargs={name: samples[name] for name in parameters})
            for who in ("", *PEOPLE):
                before = len(statements)
                answer = client(town, who).get(address, {"q": "đèn", "asked": "1"})
                assert answer.status_code < 500 or answer.status_code == 503, (view, who)
                b"".join(answer) if answer.streaming else answer.content  # type: ignore[call-overload]
                walked += len(statements) > before
                assert not replica.bound() and _role() == role, (view, who)
    assert walked > 100, "the walk reads nothing"


def _role() -> object:
    """As whom this thread's own connection asks."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        return connection.alias, cursor.fetchone()


def test_staff_pages_of_ones_work_are_not_declared() -> None:
    assert not {view for view in reads.READS if view.startswith(("desk:", "agency:", "setup:", "confidential:"))}


# --- Who reads where --------------------------------------------------------------------------------------------------


def test_whoever_only_looks_reads_from_the_standby(views: Standing) -> None:
    views.is_at(NOW)
    assert client().get("/try/looks").content == b"read"
    assert client().post("/try/looks").content == b"default", "only what is asked for by GET"


def test_without_a_standby_nothing_is_bound(views: Standing) -> None:
    second = connections.settings.pop(replica.READ)
    try:
        assert client().get("/try/looks").content == b"default"
    finally:
        connections.settings[replica.READ] = second


def test_own_writes_are_seen(views: Standing) -> None:
    """Until the standby has come up to them, and no longer."""
    views.is_at(BEHIND)
    browser = client()
    assert reads.COOKIE not in browser.post("/try/looks").cookies, "nothing was written"
    answer = browser.post("/try/writes")
    cookie = answer.cookies[reads.COOKIE]
    assert re.fullmatch(r"[0-9A-F]+", cookie.value) and answer[reads.WRITTEN] == cookie.value
    assert (cookie["max-age"], cookie["httponly"], cookie["samesite"]) == (60, True, "Lax")
    assert browser.get("/try/looks").content == b"default"
    assert client().get("/try/looks").content == b"read", "who has not written waits for nobody"
    assert client().get("/try/looks", headers={reads.WRITTEN: cookie.value}).content == b"default", "a program"
    views.is_at(int(cookie.value, 16))
    assert browser.get("/try/looks").content == b"read"


def test_own_writes_are_seen_where_nobody_could_say_how_far_they_reach(
    views: Standing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The connection broke off between the commit and the question."""

    def breaks() -> int:
        raise OperationalError("the server closed the connection")

    views.is_at(NOW)
    browser = client()
    with monkeypatch.context() as patch:
        patch.setattr(replica, "written", breaks)
        assert browser.post("/try/writes").cookies[reads.COOKIE].value == "F" * 16
    assert browser.get("/try/looks").content == b"default"
    assert client().get("/try/looks").content == b"read"


def test_whoever_did_not_know_what_they_need_knows_it_after_the_next_page(
    views: Standing, town: SimpleNamespace
) -> None:
    leader = client(town, "phong")
    leader.cookies[reads.COOKIE] = "F" * 16
    views.is_at(NOW)
    assert not leader.get("/board/").wsgi_request.reads.is_standby  # type: ignore[attr-defined]
    assert int(leader.cookies[reads.COOKIE].value, 16) < NOW
    assert leader.get("/board/").wsgi_request.reads.is_standby  # type: ignore[attr-defined]


def test_from_a_standby_that_does_not_receive_nobody_reads_while_there_is_a_primary(views: Standing) -> None:
    """Such as a primary of before that is back: its log goes on where the others' does not."""
    views.is_at(NOW, streams=False)
    assert client().get("/try/looks").content == b"default"
    views.is_at(NOW)
    views.forgets()
    assert client().get("/try/looks").content == b"read"


def test_whoever_is_signed_in_sees_nothing_older_than_they_have_seen(views: Standing, town: SimpleNamespace) -> None:
    """One address may lead to several standbys; and from the primary the way leads back to them."""
    leader = client(town, "phong")

    def stands_at() -> bool:
        return leader.get("/board/").wsgi_request.reads.is_standby  # type: ignore[attr-defined, no-any-return]

    views.is_at(NOW)
    assert stands_at() and leader.cookies[reads.COOKIE].value == f"{NOW:X}"
    views.is_at(NOW - 1)
    views.forgets()
    assert not stands_at(), "another standby, which is behind the first"
    assert leader.cookies[reads.COOKIE].value == f"{NOW:X}", "the primary of this test is behind it too"
    views.is_at(NOW)
    assert stands_at()
    leader.cookies.pop(reads.COOKIE)
    views.is_at(BEHIND)
    views.forgets()
    assert stands_at() and leader.cookies[reads.COOKIE].value == f"{BEHIND:X}"
    assert leader.get("/board/reports").status_code == 200, "a page of the primary"
    assert int(leader.cookies[reads.COOKIE].value, 16) > BEHIND and not stands_at()


def test_a_program_reads_from_the_standby_and_the_primary_says_whether_its_key_works(
    views: Standing, town: SimpleNamespace
) -> None:
    views.is_at(NOW)
    account = service_accounts.add(
        "Bảng số",
        Key.Use.API,
        owner=town.users["quan"],
        role=Role.LEADER,
        scopes=("measures", "procedures"),
        by=town.quan,
    )
    until = now() + timedelta(days=30)
    secret = service_accounts.issue(account, Key.Use.API, until, by=town.quan, reason="một mình")
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    def get(path: str) -> tuple[int, bool]:
        answer = client().get(f"/api/v1/{path}", headers={"Authorization": f"Bearer {secret}"})
        return answer.status_code, answer.wsgi_request.reads.is_standby  # type: ignore[attr-defined]

    day = "2026-01-01T00:00:00Z"
    with connections[replica.READ].execute_wrapper(note):
        assert get("measures") == (200, True)
        assert get(f"measures/tickets?from={day}&to={day.replace('2026', '2027')}") == (200, True)
        assert get("procedures?q=khai+sinh") == (200, True)
    assert asked and not [sql for sql in asked if "accounts_key" in sql]
    assert Question.objects.get().text == "khai sinh", "the search is written down on the primary"
    assert Key.objects.get(account=account).used
    Key.objects.update(revoked=now())
    assert get("measures")[0] == 401


def test_pages_that_anybody_may_keep_carry_no_position(views: Standing, town: SimpleNamespace) -> None:
    views.is_at(NOW)
    assert reads.COOKIE not in client().get("/try/looks").cookies
    assert reads.COOKIE not in client(town, "phong").get("/register").cookies


@pytest.mark.parametrize("text", ["", "x", "0' OR 1", "1" * 17, "-1", "ffff", "0/FF"])
def test_a_position_that_is_none_is_none(views: Standing, text: str) -> None:
    views.is_at(BEHIND)
    assert client().get("/try/looks", headers={reads.WRITTEN: text}).content == b"read"


def test_what_is_loaded_upon_news_is_not_older_than_the_news(views: Standing) -> None:
    views.is_at(NOW)
    assert client().get("/try/looks", headers={"X-Passive": "1"}).content == b"default"


def test_who_is_signed_in_the_primary_says(views: Standing, town: SimpleNamespace) -> None:
    views.is_at(NOW)
    asked: list[str] = []

    def note(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        return execute(sql, params, many, context)

    one = client(town, "phong")
    with connections[replica.READ].execute_wrapper(note):
        assert one.get("/board/").status_code == 200
    assert asked and not [sql for sql in asked if "django_session" in sql or "accounts_session" in sql]


@pytest.mark.parametrize(
    ("age", "position", "alias"), [(5, BEHIND, b"read"), (60, BEHIND, b"default"), (60, NOW, b"read")]
)
def test_a_standby_that_lags_is_not_read_from_but_one_to_which_nothing_comes_is(
    views: Standing, age: float, position: int, alias: bytes
) -> None:
    views.is_at(position, age)
    assert client().get("/try/looks").content == alias


# --- What a standby cannot answer -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["misses", "answers_404"])
def test_what_is_not_there_yet_is_looked_for_on_the_primary(views: Standing, name: str) -> None:
    views.is_at(NOW)
    answer = client().get(f"/try/{name}")
    assert (answer.status_code, answer.content, seen) == (200, b"here", [True, False])


def test_a_refusal_is_no_answer_of_the_view_and_nothing_is_made_again(
    views: Standing, town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Else who may not come in would be let in by the second try."""
    views.is_at(NOW)
    monkeypatch.setitem(access.ACCESS, "answers_404", access.SETUP)
    assert client(town, "lan").get("/try/answers_404").status_code == 403
    assert client().get("/try/answers_404").status_code == 302
    assert seen == []


def test_a_standby_that_goes_away_amid_a_page_is_not_noticed(views: Standing) -> None:
    views.is_at(NOW)
    one = client()
    answer = one.get("/try/breaks")
    assert (answer.status_code, answer.content, seen) == (200, b"here", [True, False])


def test_a_write_is_an_error_in_the_log_and_made_again(views: Standing, caplog: pytest.LogCaptureFixture) -> None:
    views.is_at(NOW)
    answer = client().get("/try/writes")
    assert (answer.content, seen) == (b"written", [True, False])
    assert "writes although it is declared to only read" in caplog.text


def test_a_write_on_a_developers_machine_is_a_fault(views: Standing, settings: Settings) -> None:
    settings.REPLICA = False
    assert client().get("/try/writes").status_code == 500
    assert seen == [True]


def test_a_standby_that_cannot_be_reached_costs_one_try(views: Standing, caplog: pytest.LogCaptureFixture) -> None:
    connections[replica.READ].close()
    connections[replica.READ].settings_dict["PORT"] = "1"
    connections[replica.READ].settings_dict["HOST"] = "127.0.0.1"
    assert [client().get("/try/looks").content for _ in range(3)] == [b"default"] * 3
    assert caplog.text.count("replica: not read from") == 1


def test_what_is_streamed_is_read_from_the_standby_to_its_end(views: Standing) -> None:
    views.is_at(NOW)
    answer = client().get("/try/streams")
    assert not replica.bound()
    pieces = iter(answer)  # type: ignore[call-overload]
    assert next(pieces) == b"read "
    assert not replica.bound() and connection.alias == "default", "between two pieces the thread is its own again"
    assert list(pieces) == [b"read ", b"read "]


# --- No primary -------------------------------------------------------------------------------------------------------


@pytest.fixture
def alone(views: Standing, town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> Standing:
    """The primary does not answer when it is asked; the standby's newest is a minute old."""
    views.is_at(NOW, 60)
    monkeypatch.setattr(replica.primary, "_ask", lambda: False)
    return views


def test_a_page_says_as_of_when_it_is_and_nobody_keeps_it(alone: Standing) -> None:
    for address in ("/", "/register", "/tthc/", "/log"):
        answer = client().get(address)
        page = answer.content.decode()
        assert (answer.status_code, answer["Cache-Control"], "data-as-of" in page) == (200, "no-store", True), address
        assert "chưa có thông tin mới hơn" in page and answer[reads.AS_OF].endswith("+00:00")
    english = client().get("/", headers={"Accept-Language": "en"}).content.decode()
    assert "whatever is newer is not here yet" in english


def test_the_note_goes_with_the_outage(alone: Standing) -> None:
    assert "data-as-of" in client().get("/").content.decode()
    alone.is_at(NOW)
    alone.forgets()
    replica.primary._suspected = False
    answer = client().get("/")
    assert "data-as-of" not in answer.content.decode() and reads.AS_OF not in answer


def test_searching_goes_on_although_it_cannot_be_written_down(alone: Standing) -> None:
    assert client().get("/tthc/", {"q": "khai sinh"}).status_code == 200
    assert client().get("/tthc/", {"q": "khai sinh"}, headers={"X-Passive": "1"}).status_code == 200


def test_who_is_signed_in_stays_so_and_reads(alone: Standing, town: SimpleNamespace) -> None:
    one = client(town, "phong")
    asked: list[str] = []

    def refuses(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        asked.append(sql)
        raise DatabaseError("away")

    own = connections["default"]
    with own.execute_wrapper(refuses):
        answer = one.get("/board/")
        assert (answer.status_code, "data-as-of" in answer.content.decode()) == (200, True)
        assert 'action="/logout"' in answer.content.decode()
        assert one.get("/").status_code == 200
    assert asked == [], "the primary is not asked at all"
    assert settings.SESSION_COOKIE_NAME in one.cookies
