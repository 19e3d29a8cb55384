"""A provider's call is checked, written down once and acknowledged; a forged one leaves nothing but a count.

Proves: Full disk: at the door (503, kept when it comes again), at the reader (waits, read once), at the sender
(never told twice)
Proves: A flood of forged calls is one log line and one row an hour and process every 5 s
Proves: one receipt's insert, one gateway, one "all at once, else each alone", one meaning of a message, one
definition of late, `first_due` is the first; SQL reads another stage's table by declared columns; rows from memory
are copies"""

import asyncio
import json
from pathlib import Path

import pytest
from django.db import connection
from django.test import Client

from caunoi.conversations.actions import make_inbox, read
from caunoi.conversations.models import Contact, Conversation, Forgery, Receipt
from caunoi.privacy.models import DataRequest
from caunoi.web.gateway import Gateway
from caunoi.web.hooks import DOOR
from caunoi.web.intake import Intake
from tests.chat import SECRET
from tests.machines import Machine

SIGNED = {"x-secret": SECRET}


def call(body, *, inbox="chat", **headers):
    data = body if isinstance(body, str | bytes) else json.dumps(body)
    return Machine().post(f"/hooks/{inbox}/", data, headers=headers or SIGNED)


def test_a_call_is_kept_before_it_is_acknowledged_and_once(chat):
    for _ in range(2):
        assert call({"id": "a", "from": "tu", "text": "Đèn tắt"}).status_code == 200
    assert call([{"id": "b", "from": "tu"}, {"id": "a", "from": "x"}]).status_code == 200
    assert sorted(Receipt.objects.values_list("external_id", "state")) == [("a", "waiting"), ("b", "waiting")]
    assert Receipt.objects.get(external_id="a").raw["text"] == "Đèn tắt"


def test_a_forged_call_is_refused_counted_and_not_kept(chat, client):
    for _ in range(3):
        assert call({"id": "a", "from": "tu"}, **{"x-secret": "no"}).status_code == 403
    assert not Receipt.objects.exists()
    assert Forgery.objects.get().count == 3
    assert 'caunoi_hooks_forged_total{inbox="chat"} 3.0' in client.get("/metrics").content.decode()


def test_facebook_hears_where_a_demanded_deletion_stands(town, work, settings):
    """By the name that Facebook has for somebody who wrote to us, or for somebody whom we do not know by it."""
    settings.PUBLIC_URL = "https://1022.example.vn"
    path = Path(__file__).parents[1] / "channels" / "calls" / "facebook"
    own = json.loads((path / "account.json").read_text())
    box = make_inbox("fb", "facebook", secrets=own["secrets"], **own["config"])
    demand = json.loads((path / "deletion.json").read_text())

    def demanded(body):
        return Machine().post("/hooks/fb/", body, headers=demand["request"]["headers"])

    for _ in range(2):
        answer = demanded(demand["request"]["body"])
        words = json.loads(answer.content)
        code = words["confirmation_code"]
        assert (answer.status_code, words["url"]) == (200, f"https://1022.example.vn/privacy/r/{code}")
        read()
        work()
    row = DataRequest.objects.get()
    assert (row.kind, row.via, row.proof, row.contacts) == ("delete", "provider", "", [])
    assert "218471" in row.text and Client().get(f"/privacy/r/{code}").status_code == 200
    assert demanded(demand["request"]["body"][:-1]).status_code == 403

    DataRequest.objects.all().delete()
    Receipt.objects.all().delete()
    contact = Contact.objects.create(name="Chị Năm")
    Conversation.objects.create(inbox=box, contact=contact, address="218471")
    assert json.loads(demanded(demand["request"]["body"]).content)["confirmation_code"] == code
    assert read()
    work()
    row = DataRequest.objects.get()
    assert (row.token, row.contacts, row.proof) == (code, [contact.pk], "provider")


def test_challenges_unknown_inboxes_and_what_is_switched_off(chat):
    assert Machine().get("/hooks/chat/?challenge=abc").content == b"abc"
    assert Machine().get("/hooks/chat/").status_code == 405
    assert call({}, inbox="nobody").status_code == 404
    assert call({}, inbox="web").status_code == 404, "a channel that is not called"
    chat.box.active = False
    chat.box.save()
    assert call({"id": "a"}).status_code == 503


@pytest.fixture
def whole(chat, transactional_db):
    """The fast way in, on an event loop of its own: `whole(path, body, …)` answers with statuses, in order."""
    own = {"cursor_factory", "context", "prepare_threshold"}
    parameters = {k: v for k, v in connection.get_connection_params().items() if k not in own}

    def ask(
        *bodies, path="/hooks/chat/", method="POST", headers=SIGNED, query=b"", parameters=parameters, oversize=False
    ):
        async def run():
            intake = Intake(parameters)
            hooks = Gateway(DOOR, intake)
            found = await asyncio.gather(*(one(hooks, body) for body in bodies))
            await intake.close()
            await hooks.close()
            return found

        async def one(hooks, body):
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            parts = [{"type": "http.request", "body": data, "more_body": False}]
            sent = []

            async def receive():
                return parts.pop(0)

            async def send(message):
                sent.append(message)

            raw = [(k.encode(), v.encode()) for k, v in headers.items()]
            scope = {"type": "http", "method": method, "path": path, "query_string": query, "headers": raw}
            scope["oversize"] = oversize
            await hooks(scope, receive, send)
            return sent[0]["status"], sent[1]["body"]

        return [status for status, _ in asyncio.run(run())]

    return ask


def test_many_at_once_are_written_together_each_once(whole):
    twice = [{"id": f"m{n % 50}", "from": "tu", "text": "Đèn tắt"} for n in range(100)]
    assert whole(*twice) == [200] * 100
    assert Receipt.objects.count() == 50


def test_the_fast_way_refuses_as_the_slow_one_does(whole):
    assert whole({"id": "a"}, {"id": "b"}, headers={"x-secret": "no"}) == [403, 403]
    assert Forgery.objects.get().count == 2 and not Receipt.objects.exists()
    assert whole({}, path="/hooks/nobody/") == [404]
    assert whole(b"", method="GET", query=b"challenge=abc") == [200]
    assert whole(b"", method="GET") == [405]
    assert whole(b"x" * (DOOR.largest + 1)) == [403]  # larger than any provider sends: forged, and not read


def test_what_is_larger_than_its_provider_sends_is_forged_and_not_read(whole):
    assert whole({"id": "a", "from": "tu"}, oversize=True) == [403]
    assert Forgery.objects.get().count == 1 and not Receipt.objects.exists()
    assert whole({}, path="/hooks/nobody/", oversize=True) == [404]


def test_what_no_database_holds_is_made_to_fit(whole):
    odd = [{"id": "a\0", "from": "x\0y"}, {"id": "é" * 300}, {"id": "c", "n": "\ud83d"}]
    assert whole(*odd) == [200] * 3
    assert Receipt.objects.count() == 3
    assert Receipt.objects.get(external_id="c").raw["n"] == "?"


def test_without_a_database_nothing_is_acknowledged(whole):
    away = {"host": "/nowhere", "dbname": "x", "user": "x"}
    assert whole({"id": "a"}, parameters=away) == [503]
    assert not Receipt.objects.exists()


@pytest.fixture
def full(transactional_db):
    """The disk of the database is full until the function is called."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full'; END $$"
        )
        cursor.execute("CREATE TRIGGER no_room BEFORE INSERT ON conversations_receipt EXECUTE FUNCTION no_room()")

    def mend():
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS no_room CASCADE")

    yield mend
    mend()


def test_on_a_full_disk_nothing_is_acknowledged_and_what_comes_again_is_kept(whole, full, client):
    """As the provider sees it: 503, and the same call once more later."""
    calls = [{"id": f"m{n}", "from": "tu", "text": "Đèn tắt"} for n in range(5)]
    assert whole(*calls) == [503] * 5
    assert not Receipt.objects.exists()
    full()
    assert whole(*calls) == [200] * 5 == whole(*calls)
    assert Receipt.objects.filter(state="waiting").count() == 5


def test_a_flood_of_forgeries_is_one_line_and_one_row(whole, caplog):
    assert whole(*({"id": f"{n}"} for n in range(300)), headers={"x-secret": "no"}) == [403] * 300
    assert Forgery.objects.get().count == 300
    assert len([line for line in caplog.messages if "forged" in line]) <= 2
