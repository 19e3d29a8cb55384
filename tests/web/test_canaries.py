"""Canaries: strings that are planted where somebody may not look, and searched for in every answer that this somebody
gets: of every address, by every method, with the planted rows' own keys, in headers and logs too. A new address is in
the walk by itself.

Proves: visibility: no byte of what is closed"""

import io
import json
import logging
import re
from collections.abc import Iterator
from datetime import timedelta
from functools import cache, partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest
from django.db import transaction
from django.http.response import HttpResponseBase
from django.test import Client
from django.urls import NoReverseMatch, reverse
from django.utils.timezone import now
from PIL import Image
from pytest_django import Settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.answers import actions as answers
from caunoi.calls.models import Call
from caunoi.confidential import actions as confidential
from caunoi.confidential.lanes import Lane, Way
from caunoi.conversations import queries as conversations
from caunoi.directives import actions as directives
from caunoi.events import rowsecurity
from caunoi.events.actor import SYSTEM, citizen
from caunoi.files import actions as files
from caunoi.lib.privacy.redact import public
from caunoi.publication import actions as publication
from caunoi.ratings import actions as ratings
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.triage.models import Alarm
from caunoi.web.access import TOKEN, allowed
from tests.web.test_access import ALL, PEOPLE, SAMPLES

SECRET, FOREIGN, HIDDEN, INTERNAL, UNPUBLISHED, GRADE, DRAFT, CASE = (
    "chimhoàngyến",
    "chimbồcâu",
    "chimsơnca",
    "chimhọami",
    "chimchàomào",
    "chimkhướu",
    "chimsáođen",
    "chimyếnphụng",
)
NUMBERS = {
    SECRET: "+84900765431",
    FOREIGN: "+84900765432",
    HIDDEN: "+84900765433",
    UNPUBLISHED: "+84900765434",
    CASE: "+84900765435",
}
ANEW = {"metrics", "factor-app"}  # another at every look: counts of what is asked, a secret to choose
WORKS, OTHERS, PUBLIC = ("minh", "hoa"), ("binh", "yen"), ("", "holder")
READERS = (*PEOPLE, *OTHERS, *PUBLIC)
BRIEF = ("lan", "minh", "phong", "", "holder")  # the rest takes minutes: `make days`
EVERYBODY = [
    pytest.param(who, id=who or "stranger", marks=() if who in BRIEF else (pytest.mark.long,)) for who in READERS
]
NOWHERE = "chimkhôngcó"
SLOW = {
    "setup:ready",
    "setup:system",
    "ready",
    "health",
}  # checks: nothing to search, and they change by the minute
# What each canary is, and who may never hear it.
CLOSED = {
    SECRET: ("lan", "phong", "quan", *WORKS, *OTHERS, *PUBLIC),  # words of a denunciation, its reporter and its call
    CASE: ("lan", "phong", "quan", *WORKS, *OTHERS, *PUBLIC),  # what was told an operator in confidence, and its call
    FOREIGN: (*WORKS, *OTHERS, *PUBLIC),  # words of a ticket of another agency that is not published
    HIDDEN: (*WORKS, *OTHERS, "phong", "", "quan"),  # who reported what the works handle
    INTERNAL: (*PUBLIC, *OTHERS),  # a note between the staff
    UNPUBLISHED: (*OTHERS, *PUBLIC),  # raw words of a ticket whose public text was edited
    GRADE: (*WORKS, *OTHERS, ""),  # what the citizen said about the answer
    DRAFT: (*PUBLIC, *OTHERS),  # an answer that nobody has approved
}


def _report(town: SimpleNamespace, canary: str, once: str, **more: Any) -> Ticket:
    reporter = Reporter(
        name=f"Bạch {canary}", phone=NUMBERS[canary], email=f"{once}@thu.example", address=f"số 7 hẻm {canary}"
    )
    report = Report(channel="zalo", once=once, area_id=town.ward.pk, reporter=reporter, **more)
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan)
    return ticket


@pytest.fixture
def planted(town: SimpleNamespace, photo: Any, settings: Settings) -> SimpleNamespace:
    settings.DEMO = True  # whose programs act as people
    secret = _report(
        town, SECRET, "s", text=f"Ông ấy nhận tiền. {SECRET}.", category_id=town.noise.pk, photos=[photo("red")]
    )
    routing.route(secret, town.works, by=town.lan)
    call = Call.objects.create(
        inbox=conversations.inbox("phone"),
        call_id="canary",
        facts={},
        direction="in",
        caller=NUMBERS[SECRET],
        dialled="1022",
        phone=NUMBERS[SECRET],
        began=secret.received,
        ended=secret.received,
        state="ended",
        outcome="answered",
        operator=town.users["lan"],
        sound="calls/canary.mp3",
    )
    tickets.link_call(secret, call, by=town.lan)
    directives.give(f"Làm rõ ngay việc {SECRET} nêu", now() + timedelta(days=2), by=town.phong, ticket=secret)
    routing.give_back(secret, f"Không phải việc của chúng tôi, {SECRET}", by=town.minh)
    tickets.move(secret, "refuse", by=town.tam, reason="denunciation")

    told = Call.objects.create(
        inbox=conversations.inbox("phone"),
        call_id="told",
        facts={},
        direction="in",
        caller=NUMBERS[CASE],
        dialled="1022",
        phone=NUMBERS[CASE],
        began=secret.received,
        ended=secret.received,
        state="ended",
        outcome="answered",
        operator=town.users["lan"],
        sound="calls/told.mp3",
    )
    case = confidential.receive(
        Report(
            text=f"Ông ấy đánh con. {CASE}.",
            channel="phone",
            once="told",
            reporter=Reporter(name=f"Bạch {CASE}", phone=NUMBERS[CASE]),
        ),
        Lane.CHILD,
        Way.OPERATOR,
        by=town.lan,
        call=told,
        files=[(f"{CASE}.webp", "image/webp", CASE.encode())],
    )

    foreign = _report(town, FOREIGN, "f", text=f"Dây điện chùng. {FOREIGN}.", category_id=town.noise.pk)
    routing.route(foreign, town.power, by=town.lan, note=f"Xem giúp {FOREIGN}")

    hidden = _report(town, HIDDEN, "h", text="Đèn đường tắt từ hôm qua.", category_id=town.lamps.pk)
    routing.route(hidden, town.works, by=town.lan)
    tickets.remark(hidden, f"{INTERNAL}: người này hay gọi", by=town.lan)
    tickets.move(hidden, "start", by=town.minh)
    answers.submit(hidden, f"Đã thay bóng. {DRAFT}.", by=town.minh)

    answered = _report(town, UNPUBLISHED, "u", text=f"Ồn quá. {UNPUBLISHED}.", category_id=town.noise.pk)
    routing.route(answered, town.works, by=town.lan)
    tickets.move(answered, "start", by=town.minh)
    answers.submit(answered, "Đã nhắc nhở hộ đó.", by=town.minh)
    answers.approve(answered, by=town.hoa)
    ratings.rate(answered, "dissatisfied", by=citizen(answered.pk), comment=f"Chưa được. {GRADE}.")
    publication.propose(answered)
    alarms = [
        Alarm.objects.create(
            source=f"ticket:{ticket.pk}",
            conversation=ticket.conversation,
            ticket=ticket,
            gate="emergency_113",
            number="113",
            p=0.9,
            certain=True,
            level=2,
        )
        for ticket in (secret, foreign, hidden)
    ]  # raised before anybody knew that one of them is closed
    everything = [secret, foreign, hidden, answered]
    for ticket in everything:
        ticket.refresh_from_db()
        assert public(ticket.text) == ticket.text  # no mask hides what a door forgot
    assert secret.restricted and answered.agency == town.works
    return SimpleNamespace(
        tickets=everything,
        secret=secret,
        call=call,
        holder=hidden,
        keys={row.pk for t in (secret, foreign) for row in (t, t.contact, t.conversation)}
        | {call.pk, told.pk, case.pk, case.files.get().pk, *(row.pk for row in alarms)},
        codes=[*(t.code for t in everything), case.code],
    )


def _client(town: SimpleNamespace, who: str) -> Client:
    client = Client(raise_request_exception=False)
    if who in town.users:
        client.force_login(town.users[who], backend="django.contrib.auth.backends.ModelBackend")
        token = issue_key(Key.Use.API, who, by=SYSTEM, user=town.users[who], secret=f"demo-api-{who}")
        client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {token}"
    return client


def _paths(planted: SimpleNamespace, who: str) -> Iterator[tuple[str, str]]:
    """Every address that this reader comes into, with each planted row in turn."""
    token = planted.holder.follow if who == "holder" else "nothing"
    for view, parameters in ALL:
        values = {name: SAMPLES.get(name, token) for name in parameters}
        names = [name for name in ("code", "pk", "call") if name in parameters]
        choices: dict[str, Any] = {"code": planted.codes, "pk": sorted(planted.keys), "call": [planted.call.pk]}
        for name in names[:1] or [""]:
            for value in choices.get(name, [None]):
                chosen = {key: planted.codes[0] for key in names if key == "code"} | ({name: value} if name else {})
                try:
                    yield view, reverse(view, kwargs=values | dict.fromkeys(names[1:], planted.call.pk) | chosen)
                except NoReverseMatch:
                    continue


def _bytes(answer: HttpResponseBase) -> str:
    body = b"".join(answer) if answer.streaming else answer.content
    return "\n".join(f"{name}: {value}" for name, value in answer.items()) + body.decode("utf-8", "replace")


def _spellings(canary: str) -> list[str]:
    number = NUMBERS.get(canary, "")
    spoken = [number, f"0{number[3:]}", f"0{number[3:6]} {number[6:9]} {number[9:]}"] if number else []
    return [canary, *spoken]


def _sung(text: str, who: str, asked: str = "") -> list[str]:
    """The closed strings that stand in a text; those of what was asked for come back in its own field."""
    closed = [canary for canary, readers in CLOSED.items() if who in readers]
    return [word for canary in closed for word in _spellings(canary) if word in text and word not in asked]


@pytest.mark.slow
@pytest.mark.parametrize("who", EVERYBODY)
def test_no_canary_sings_to_whom_it_is_closed(
    town: SimpleNamespace, planted: SimpleNamespace, caplog: pytest.LogCaptureFixture, who: str
) -> None:
    caplog.set_level(logging.DEBUG)
    client, posted = _client(town, who), set()
    for view, path in _paths(planted, who):
        methods = ("get", "post") if view not in posted and _may_come(town, who, view) else ("get",)
        posted.add(view)
        for method in methods:
            with transaction.atomic():
                answer = getattr(client, method)(path)
                transaction.set_rollback(True)
            if view in ("login", "logout"):
                client = _client(town, who)
            assert answer.status_code != 500, (method, path)
            assert not (sung := _sung(_bytes(answer), who)), (who, method, path, sung)
    assert not _sung(caplog.text, who)


def _may_come(town: SimpleNamespace, who: str, view: str) -> bool:
    may = allowed(view)
    return may == TOKEN or (who in town.users and town.users[who].as_actor().has(*may)) or who == "holder"


@pytest.mark.slow
@pytest.mark.parametrize("who", EVERYBODY)
def test_what_is_closed_cannot_be_asked_for(
    town: SimpleNamespace, planted: SimpleNamespace, who: str, time_machine: Any
) -> None:
    """A search for it gives the same answer as one for a word that is nowhere: no hit, no count, no suggestion."""
    time_machine.move_to("2026-08-20T03:00:00Z", tick=False)
    client = _client(town, who)
    views = {view for view, parameters in ALL if not parameters} - ANEW - SLOW
    lists = [reverse(view) for view in sorted(views) if who in PUBLIC or _may_come(town, who, view)]
    shown = cache(partial(_shown, client))  # what a miss shows is asked for once
    listening = [
        (path, name)
        for path in lists
        for name in ("q", "number", "phone")
        if shown(path, name, "") != shown(path, name, NOWHERE)  # it listens at all
    ]
    assert listening
    for canary, readers in CLOSED.items():
        if who not in readers:
            continue
        for word, other in ((canary, NOWHERE), (NUMBERS.get(canary, ""), "+84900765499")):
            for path, name in listening if word else ():
                assert shown(path, name, word) == shown(path, name, other), (who, path, name, word)


def _shown(client: Client, path: str, name: str, asked: str) -> str:
    """What a reader gets to see when they ask for something, without the words they asked for."""
    with transaction.atomic():
        answer = client.get(path, {name: asked})
        body = (b"".join(answer) if answer.streaming else answer.content).decode("utf-8", "replace")
        transaction.set_rollback(True)
    local = f"0{asked[3:]}"
    for spelling in (asked, local, f"{local[:4]} {local[4:7]} {local[7:]}"):
        for form in (spelling, quote(spelling), json.dumps(spelling)[1:-1]):
            body = body.replace(form, "")
    return f"{answer.status_code} {re.sub(r'<[^>]*>', '', body)}"


ABOUT_ONE = ("desk:ticket", "agency:ticket", "api:ticket", "desk:queue", "agency:list", "api:tickets", "desk:find")


@pytest.mark.parametrize("who", ["lan", "minh", "yen"])
def test_the_database_keeps_what_a_door_forgot(
    town: SimpleNamespace, planted: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, who: str
) -> None:
    """With the door of tickets wide open, row-level security alone; without either, the canary is heard."""
    monkeypatch.setattr(queries, "visible_to", lambda by: queries.Ticket.objects.select_related("contact"))
    client = _client(town, who)

    def sung() -> list[str]:
        return [
            word
            for view, path in _paths(planted, who)
            if view in ABOUT_ONE
            for word in _sung(_bytes(client.get(path)), who)
            if word in (SECRET, FOREIGN)
        ]

    assert sung() == []
    monkeypatch.setattr(rowsecurity, "enforced", lambda: False)
    assert SECRET in sung()


def test_pictures_of_what_is_closed_are_not_there(town: SimpleNamespace, planted: SimpleNamespace) -> None:
    names = [photo.attachment.name for photo in planted.secret.photos.select_related("attachment")]
    assert names
    for who in ("lan", "quan", *WORKS, *OTHERS, ""):
        for name in names:
            for form in (f"/files/{name}.webp", f"/files/{name}.small.webp", f"/files/{name}"):
                assert _client(town, who).get(form).status_code == 404, (who, form)
    loose = files.store(_jpeg(), by=SYSTEM)  # of nothing yet: nobody's
    assert _client(town, "minh").get(f"/files/{loose.name}.webp").status_code == 404


def _jpeg() -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (9, 9), "teal").save(out, "JPEG")
    return out.getvalue()
