"""Two requests that are in each other's way, and a database that only reads: nobody meets a 500."""

import threading
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import InternalError, OperationalError, connection, connections, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from caunoi.directory.models import Category
from caunoi.urls import handler400, handler403, handler404, handler500
from caunoi.urls import urlpatterns as ours
from caunoi.web import access

meeting = threading.Barrier(2, timeout=10)
made: list[str] = []


def cross(request: HttpRequest, first: str, second: str) -> HttpResponse:
    """Takes two rows in the order that it is told; both callers have one before either asks for the other."""
    made.append(first)
    photo = request.FILES["photo"].read()
    if request.GET.get("before"):
        Category.objects.create(code=f"before-{len(made)}", name="Before", group="x")
    with transaction.atomic():
        Category.objects.filter(code=first).update(order=request.POST["order"])
        if len(made) <= 2:
            meeting.wait()
        Category.objects.filter(code=second).update(order=request.POST["order"])
    return HttpResponse(photo)


def only_reads(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION READ ONLY")
        cursor.execute("DELETE FROM directory_category")
    return HttpResponse()


urlpatterns = [
    path("cross/<first>/<second>", cross, name="cross"),
    path("reads", transaction.atomic(only_reads), name="reads"),
    *ours,
]
__all__ = ["handler400", "handler403", "handler404", "handler500"]


@pytest.fixture(autouse=True)
def addresses(settings, monkeypatch):
    settings.ROOT_URLCONF = __name__
    settings.MIDDLEWARE = [one for one in settings.MIDDLEWARE if not one.endswith("PreparingMiddleware")]
    monkeypatch.setitem(access.ACCESS, "cross", access.PUBLIC)
    monkeypatch.setitem(access.ACCESS, "reads", access.PUBLIC)
    meeting.reset()
    made.clear()


def both(query: str = "") -> list[HttpResponse]:
    def ask(first: str, second: str) -> HttpResponse:
        try:
            client = Client(raise_request_exception=False)
            photo = SimpleUploadedFile("a.jpg", b"a photo")
            return client.post(f"/cross/{first}/{second}{query}", {"order": "7", "photo": photo})
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as two:
        return [one.result() for one in (two.submit(ask, "a", "b"), two.submit(ask, "b", "a"))]


@pytest.fixture
def rows(transactional_db):
    for code in "ab":
        Category.objects.create(code=code, name=code, group="x")


def test_a_deadlock_is_made_again_with_its_files_and_nobody_hears_of_it(rows):
    told = both()
    assert [one.status_code for one in told] == [200, 200]
    assert len(made) == 3, "one of them twice"
    assert all(one.content == b"a photo" for one in told)


def test_what_had_been_committed_before_is_not_done_twice(rows):
    told = both("?before=1")
    assert sorted(one.status_code for one in told) == [200, 503]
    assert len(made) == 2
    assert Category.objects.filter(name="Before").count() == 2
    sorry = next(one for one in told if one.status_code == 503)
    assert sorry["Retry-After"] == "5" and sorry["Cache-Control"] == "no-store"


def test_a_database_that_only_reads_is_away(db):
    told = Client(raise_request_exception=False).get("/reads")
    assert (told.status_code, told["Retry-After"]) == (503, "5")


@pytest.mark.parametrize(
    ("state", "status"),
    [
        ("40P01", 503),
        ("40001", 503),
        ("57P01", 503),
        ("53300", 503),
        ("25006", 503),
        ("57014", 503),
        ("55P03", 503),
        ("54000", 500),
        ("42P01", 500),
    ],
)
def test_what_passes_is_503_and_what_is_ours_is_500(db, monkeypatch, state, status):
    cause = psycopg.errors.lookup(state)("x")
    kind = InternalError if state == "25006" else OperationalError

    def breaks(*_args, **_more):
        raise kind("x") from cause

    monkeypatch.setattr("caunoi.web.citizen.lookup.render_page", breaks)
    monkeypatch.setattr("caunoi.web.unavailable.sleep", lambda seconds: None)
    client = Client(raise_request_exception=False)
    assert client.post("/lookup", {"code": "1"}).status_code == status


def test_a_form_is_kept_and_a_password_is_not(db, monkeypatch):
    def breaks(*_args, **_more):
        raise OperationalError("away")

    monkeypatch.setattr("caunoi.web.access.AccessMiddleware.process_view", breaks)
    client = Client(raise_request_exception=False)
    told = client.post("/report?kind=petition", {"text": "\n<b>Đèn</b>", "place": ["một", "hai"]}).content.decode()
    assert 'action="/report?kind=petition"' in told and "&lt;b&gt;Đèn" in told
    assert told.count('name="place"') == 2
    assert "s3cret" not in client.post("/login", {"username": "lan", "password": "s3cret"}).content.decode()
    for address, form in (("/open311/v2/requests.json", "json"), ("/open311/v2/requests.xml", "xml")):
        answer = client.get(address)
        assert (answer.status_code, answer["Retry-After"], form in answer["Content-Type"]) == (503, "5", True)
    answer = client.get("/api/v1/tickets")
    assert (answer.status_code, answer.json()["error"]) == (503, "unavailable")
