"""Open data as anybody gets it: downloads that go on, answers that are not sent twice, nothing that was taken back.

Proves: `/open-data` page; downloads resume (Range/If-Range), compressed, ETag/Last-Modified/304
Proves: `/api/v1/open/tickets`, `…/<code>`, `…/dictionary`: no key, keyset, ETag, gzip"""

import gzip
import json

import pytest
from django.core.files.storage import default_storage
from django.test import Client

from caunoi.opendata import actions, queries
from caunoi.opendata.fields import FIELDS
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.store.store import Store
from caunoi.tickets.actions import move
from caunoi.tickets.models import Ticket
from tests.providers import s3

pytestmark = pytest.mark.django_db(transaction=True)


def body(response):
    return b"".join(response.streaming_content) if response.streaming else response.content


def tag(path, **headers):
    response = ask(path, **headers)
    body(response)
    return response["ETag"]


def ask(path, **headers):
    return Client().get(path, headers={name.replace("_", "-"): value for name, value in headers.items()})


@pytest.fixture
def tickets(home, report):
    return [report(f"Đèn số {number} tắt ở ngã tư") for number in range(3)]


@pytest.fixture
def served(tickets):
    edition = actions.issue()
    return queries.local(edition, queries.LAST).parent


def test_the_page_names_every_file_with_its_size_and_says_what_each_field_means(served):
    page = ask("/open-data", accept_language="vi").content.decode()
    for path in sorted(served.iterdir()):
        if path.suffix != ".gz":
            assert f"/open-data/{path.name}" in page
    assert "3 phiếu" in page and "Dữ liệu mở" in page
    for field in FIELDS:
        assert f"<code>{field.name}</code>" in page


def test_a_broken_download_goes_on_where_it_stopped(served):
    content = (served / "tickets.csv").read_bytes()
    whole = ask("/open-data/tickets.csv")
    assert whole.status_code == 200 and body(whole) == content
    assert whole["Content-Disposition"] == 'attachment; filename="tickets.csv"'
    rest = ask("/open-data/tickets.csv", range="bytes=100-", if_range=whole["ETag"])
    assert rest.status_code == 206 and body(rest) == content[100:]
    assert rest["Content-Range"] == f"bytes 100-{len(content) - 1}/{len(content)}"
    other = ask("/open-data/tickets.csv", range="bytes=100-", if_range='"another"')
    assert other.status_code == 200 and body(other) == content
    assert ask("/open-data/tickets.csv", range=f"bytes={len(content)}-").status_code == 416


def test_what_one_has_is_not_sent_again(served):
    first = ask("/open-data/tickets.csv")
    body(first)
    again = ask("/open-data/tickets.csv", if_none_match=first["ETag"])
    assert again.status_code == 304 and body(again) == b""
    assert ask("/open-data/tickets.csv", if_modified_since=first["Last-Modified"]).status_code == 304


def test_it_comes_compressed_to_whoever_can_unpack(served):
    packed = ask("/open-data/tickets.geojson", accept_encoding="gzip")
    assert packed["Content-Encoding"] == "gzip"
    assert gzip.decompress(body(packed)) == (served / "tickets.geojson").read_bytes()
    assert packed["ETag"] != tag("/open-data/tickets.geojson")


@pytest.mark.parametrize("name", ["raw", "tickets.csv.gz", "..", "secret_key", "tickets.xlsx"])
def test_nothing_but_the_files_of_the_edition_is_served(served, name):
    assert ask(f"/open-data/{name}").status_code == 404


def test_after_a_withdrawal_nothing_is_served_until_the_next_edition(served, tickets, town):
    held = tag("/open-data/tickets.csv")
    publication.withdraw(Publication.objects.get(ticket=tickets[0]), "Theo yêu cầu", by=town.thu)
    gone = ask("/open-data/tickets.csv", if_none_match=held)
    assert gone.status_code == 503 and gone["Retry-After"] == "600"
    assert ask("/open-data").status_code == 200
    assert 'href="/open-data/tickets.csv"' not in ask("/open-data").content.decode()
    actions.issue()
    assert tickets[0].code not in body(ask("/open-data/tickets.csv")).decode()


def test_programs_read_the_register_page_by_page(tickets):
    first = ask("/api/v1/open/tickets?limit=2").json()
    assert [item["code"] for item in first["items"]] == [tickets[2].code, tickets[1].code]
    last = ask(f"/api/v1/open/tickets?limit=2&before={first['next']}").json()
    assert [item["code"] for item in last["items"]] == [tickets[0].code] and last["next"] is None
    assert list(first["items"][0]) == [field.name for field in FIELDS]
    assert ask("/api/v1/open/tickets?status=closed").json()["items"] == []
    assert len(ask("/api/v1/open/tickets?status=open&area=25195&category=lamps").json()["items"]) == 3
    assert ask("/api/v1/open/tickets?limit=0").status_code == 422


def test_what_was_refused_is_not_open(tickets, town):
    codes = [row["code"] for row in ask("/api/v1/open/tickets?status=open").json()["items"]]
    refused = Ticket.objects.get(code=codes[0])
    move(refused, "refuse", by=town.lan, reason="not_ours")
    found = ask("/api/v1/open/tickets?status=open&limit=1").json()
    assert [row["code"] for row in found["items"]] == codes[1:2] and found["next"]
    assert ask(f"/api/v1/open/tickets/{refused.code}").json()["status"] == "closed"


def test_a_page_is_sent_again_only_when_something_changed(tickets, town):
    path = "/api/v1/open/tickets"
    first = ask(path)
    assert ask(path, if_none_match=first["ETag"]).status_code == 304
    assert first["Last-Modified"]
    packed = ask(path, accept_encoding="gzip")
    assert json.loads(gzip.decompress(packed.content)) == first.json()
    publication.publish(Publication.objects.get(ticket=tickets[0]), answer="Đã thay bóng.", by=town.thu)
    changed = ask(path, if_none_match=first["ETag"])
    assert changed.status_code == 200 and changed.json()["items"][2]["answer"] == "Đã thay bóng."


def test_what_is_not_public_is_not_there_for_programs(tickets, report, town):
    draft = report("Hàng xóm hát karaoke", category="noise")
    publication.withdraw(Publication.objects.get(ticket=tickets[0]), "Nhầm", by=town.thu)
    for hidden in (draft, tickets[0]):
        assert ask(f"/api/v1/open/tickets/{hidden.code}").status_code == 404
        assert hidden.code not in ask("/api/v1/open/tickets").content.decode()
    shown = ask(f"/api/v1/open/tickets/{tickets[1].code}").json()
    assert shown["text"] == "Đèn số 1 tắt ở ngã tư" and shown["old_districts"]
    assert "Demo" not in json.dumps(shown) and "0912345678" not in json.dumps(shown)


def test_the_dictionary_is_for_machines_too():
    fields = ask("/api/v1/open/dictionary").json()["fields"]
    assert [field["name"] for field in fields] == [field.name for field in FIELDS]
    assert all(field["description"] != field["description_vi"] for field in fields)


def test_hosts_that_share_a_bucket_serve_the_same_edition(tickets, tmp_path, settings, monkeypatch):
    with s3.serve() as server:
        for name, value in server.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(default_storage, "_wrapped", Store())
        edition = actions.issue()
        assert f"open-data/{edition.folder}/tickets.csv.gz" in server.names()
        told = []
        for host in ("a", "b"):
            settings.HOME = tmp_path / host
            queries._seen.clear()
            told.append(body(ask("/open-data/tickets.csv")))
            assert ask("/open-data/tickets.csv", range="bytes=0-9").status_code == 206
            assert gzip.decompress(body(ask("/open-data/tickets.csv", accept_encoding="gzip"))) == told[-1]
            assert {path.name for path in queries.copies().glob("*/*")} == {"tickets.csv", "tickets.csv.gz"}
        assert told[0] == told[1] and tickets[0].code in told[0].decode()
        later = actions.issue()
        assert {name.split("/")[1] for name in server.names()} == {later.folder}
        assert body(ask("/open-data/tickets.csv"))
        assert [path.name for path in queries.copies().iterdir()] == [later.folder]
    queries._seen.clear()
    settings.HOME = tmp_path / "c"
    assert ask("/open-data/tickets.csv").status_code == 503, "the bucket is away"
    assert ask("/open-data").status_code == 200
