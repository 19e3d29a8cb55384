"""/voice/: an exchange asks what is true now; whoever else asks learns nothing, whatever they try."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.calls import actions, menus
from caunoi.calls.models import Call, PromptVersion, VoicePrompt
from caunoi.conversations.actions import make_inbox, serve_earlier
from caunoi.conversations.models import Inbox
from caunoi.directory import actions as directory
from caunoi.events.actor import SYSTEM, citizen
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, CallEvent, Direction, Ended, GaveUp, Queued, Started
from caunoi.tickets.actions import take
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

pytestmark = pytest.mark.django_db
CALLER = "0912345678"
SAMPLES = bytes(range(0, 200, 2)) * 40
WAV = b"".join(
    [
        b"RIFF" + (36 + len(SAMPLES)).to_bytes(4, "little") + b"WAVEfmt " + (16).to_bytes(4, "little"),
        b"\x01\x00\x01\x00" + (8000).to_bytes(4, "little") + (16000).to_bytes(4, "little") + b"\x02\x00\x10\x00",
        b"data" + len(SAMPLES).to_bytes(4, "little") + SAMPLES,
    ]
)


@pytest.fixture
def exchange(town: object) -> Inbox:
    settings = {"host": "192.0.2.7", "username": "caunoi", "queues": "tongdai1022", "caller": "1022"}
    box = make_inbox("phone", "phone", secrets={"secret": "s3cret"}, **settings)
    return actions.make_passwords(box, by=SYSTEM)


@pytest.fixture
def key(exchange: Inbox) -> str:
    return str(exchange.secrets["live_key"])


def ask(what: str, form: Mapping[str, str], **more: Any) -> tuple[int, str]:
    answer = Client(enforce_csrf_checks=True).post(f"/voice/{what}", form, **more)
    assert answer["Cache-Control"] == "no-store" and answer["Content-Type"].startswith("text/plain")
    return answer.status_code, answer.content.decode()


@pytest.fixture
def ticket(town: object) -> Ticket:
    report = Report(text="Đèn đường hỏng", channel="web", once="one", reporter=Reporter(phone="+84912345678"))
    return take(report, by=citizen())


def test_a_caller_hears_a_word_of_their_own_ticket_and_nothing_else(key: str, ticket: Ticket) -> None:
    form = {"key": key, "code": ticket.code.replace("-", ""), "from": "84912345678"}
    assert ask("ticket", form) == (200, "new")


def test_a_ticket_of_another_number_is_like_none(key: str, ticket: Ticket) -> None:
    code = ticket.code.replace("-", "")
    for form in (
        {"code": code, "from": "0987654321"},
        {"code": code, "from": ""},
        {"code": "260000000", "from": CALLER},
    ):
        assert ask("ticket", {"key": key} | form) == (200, "unknown")


def test_codes_cannot_be_tried_out(key: str, ticket: Ticket) -> None:
    code = ticket.code.replace("-", "")
    words = [ask("ticket", {"key": key, "code": code, "from": f"09876543{n:02}"})[1] for n in range(12)]
    assert set(words[:5]) == {"unknown"} and words[-1] == "often"
    assert ask("ticket", {"key": key, "code": code, "from": CALLER})[1] == "often"


@pytest.mark.parametrize("what", ["before", "ticket", "prompt"])
def test_nobody_else_learns_anything(key: str, what: str, ticket: Ticket) -> None:
    form = {"code": ticket.code, "from": CALLER, "queue": "tongdai1022", "prompt": "closed"}
    for wrong in ({}, {"key": ""}, {"key": key[:-1]}, {"key": key + "a"}, {"key": "s3cret"}):
        assert ask(what, form | wrong) == (403, "")
    right = form | {"key": key}
    for peer in ("203.0.113.9", "10.0.0.1", "::ffff:203.0.113.9", ""):
        assert ask(what, right, REMOTE_ADDR=peer) == (403, ""), peer
    for header in ("HTTP_X_FORWARDED_FOR", "HTTP_FORWARDED"):
        assert ask(what, right, REMOTE_ADDR="127.0.0.1", **{header: "127.0.0.1"}) == (403, "")
    assert Client().get(f"/voice/{what}", right).status_code == 405
    assert ask(what, {"key": key, "fill": "x" * 3000}) == (403, "")


@pytest.mark.parametrize("peer", ["127.0.0.1", "::1", "192.0.2.7", "::ffff:192.0.2.7"])
def test_the_exchange_asks_from_this_host_or_its_own_address(key: str, peer: str) -> None:
    assert ask("before", {"key": key, "queue": "tongdai1022"}, REMOTE_ADDR=peer)[0] == 200


def test_a_key_of_an_inbox_that_is_switched_off_opens_nothing(key: str, exchange: Inbox) -> None:
    Inbox.objects.filter(pk=exchange.pk).update(active=False)
    assert ask("before", {"key": key}) == (403, "")


def test_the_key_opens_nothing_else(key: str) -> None:
    for path in ("/api/v1/tickets", f"/cti/{key}"):
        answer = Client().get(path, HTTP_AUTHORIZATION=f"Bearer {key}")
        assert answer.status_code in (401, 403, 404)


def version(name: str, digest: str) -> PromptVersion:
    prompt, _new = VoicePrompt.objects.get_or_create(name=name)
    return PromptVersion.objects.create(prompt=prompt, digest=digest, sound="none", seconds=1, machine=True, by="x")


def test_an_incident_is_said_to_whom_it_concerns(key: str, exchange: Inbox) -> None:
    sound = "ab" * 32
    notice = version("notice-1", sound).prompt
    notice.notices.create(until=now() + timedelta(hours=1), fields=["dien"], by="x")
    assert ask("before", {"key": key, "queue": "tongdai1022", "field": "dien"}) == (200, f"*{sound}**")
    assert ask("before", {"key": key, "queue": "tongdai1022", "field": "nuoc"}) == (200, "***")
    assert ask("before", {"key": key, "queue": "\0" + "x" * 500, "field": "\0'; DROP TABLE"})[0] == 200
    assert ask("prompt", {"key": key, "prompt": "\0closed", "language": "\0v"}) == (200, "")
    assert ask("ticket", {"key": key, "code": "\0", "from": "\0"}) == (200, "unknown")


def test_the_newest_sound_of_an_announcement_is_named(key: str) -> None:
    version("procedures", "aa" * 32)
    version("procedures", "bb" * 32)
    assert ask("prompt", {"key": key, "prompt": "procedures", "language": "sti"}) == (200, "bb" * 32)
    assert ask("prompt", {"key": key, "prompt": "../x"}) == (200, "")


def test_a_sound_is_heard_by_its_digest_alone(town: object) -> None:
    row = actions.record_prompt(actions.write_prompt("closed", "vi", "", by=SYSTEM), WAV, by=SYSTEM)
    answer = Client().get(f"/voice/sound/{row.digest}.wav")
    assert answer.status_code == 200 and answer.content[:4] == b"RIFF" and "immutable" in answer["Cache-Control"]
    for other in ("0" * 64, row.digest[:-1], row.digest.upper(), "..%2f..%2fetc"):
        assert Client().get(f"/voice/sound/{other}.wav").status_code == 404
    assert menus.latest("closed") == row and not Call.objects.exists()


def test_who_cannot_wait_enters_the_line_earlier(key: str, town: Any) -> None:
    form = {"key": key, "queue": "tongdai1022", "from": "84912345678"}
    assert ask("before", form) == (200, "***")
    serve_earlier("+84912345678", True, by=town.lan)
    assert ask("before", form) == (200, "**3*")
    assert ask("before", form | {"from": "0987654321"}) == ask("before", form | {"from": "anonymous"}) == (200, "***")
    serve_earlier("+84912345678", False, by=town.lan)
    assert ask("before", form) == (200, "***")


def test_who_could_not_be_served_today_enters_the_line_earlier(key: str, exchange: Inbox) -> None:
    at = now() - timedelta(minutes=20)
    (call,) = actions.absorb(exchange, fold(given_up(at)).values())
    actions.settle(call.pk)
    form = {"key": key, "queue": "tongdai1022", "from": "84912345678"}
    assert ask("before", form) == (200, "**3*")
    Call.objects.update(began=now() - timedelta(hours=25))
    assert ask("before", form) == (200, "***")


def test_the_operator_of_last_time_is_named_while_they_are_free(key: str, exchange: Inbox, town: Any) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    at = now() - timedelta(days=2)
    actions.absorb(exchange, fold(served(at)).values())
    form = {"key": key, "queue": "tongdai1022", "from": "84912345678"}
    assert ask("before", form) == (200, "***"), "she is not there"
    actions.set_presence(lan, "available", by=town.lan)
    assert ask("before", form) == (200, "***101")
    actions.set_presence(lan, "break", by=town.lan, reason="lunch")
    assert ask("before", form) == (200, "***")
    actions.set_presence(lan, "available", by=town.lan)
    directory.set_option("known_days", 1, by=town.quan)
    assert ask("before", form) == (200, "***"), "too long ago"


def given_up(at: datetime) -> list[CallEvent]:
    return [
        Started(call_id="1.1", at=at, direction=Direction.IN, caller=CALLER, dialled="1022"),
        Queued(call_id="1.1", at=at, queue="tongdai1022"),
        GaveUp(call_id="1.1", at=at + timedelta(seconds=30)),
        Ended(call_id="1.1", at=at + timedelta(seconds=30)),
    ]


def served(at: datetime) -> list[CallEvent]:
    talk = Answered(call_id="1.2", at=at + timedelta(seconds=9), leg="p", member="lan", channel="PJSIP/101-1")
    return [
        *(replace(one, call_id="1.2") for one in given_up(at)[:2]),
        talk,
        Ended(call_id="1.2", at=at + timedelta(minutes=2)),
    ]
