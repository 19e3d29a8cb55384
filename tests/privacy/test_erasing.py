"""A person's unique words are planted by every way, and are nowhere after they are erased."""

import os
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import ask_callback, keep
from caunoi.conversations.models import Contact, Conversation, Draft, Enclosure, Message, Outgoing, Receipt, Wording
from caunoi.drafts.models import Draft as StaffDraft
from caunoi.events.actor import SYSTEM, citizen
from caunoi.followers.models import Follower
from caunoi.lib.privacy.identity import Identity
from caunoi.notifications.models import Subscription
from caunoi.privacy import actions, keeping, queries
from caunoi.privacy.actions import erasing
from caunoi.privacy.actions.erasing import erase
from caunoi.privacy.clocks import RequestKind
from caunoi.privacy.models import DataRequest
from caunoi.publication import actions as publication
from caunoi.publication.actions import log
from caunoi.publication.models import Publication, Review, Statement
from caunoi.quality.models import Transcript
from caunoi.ratings.models import Rating
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket, TicketCall
from caunoi.tickets.report import Report, Reporter

NAME, PHONE, EMAIL, STREET = "Võ Thị Kanarivn", "+84987612345", "kanarimail@example.vn", "77 đường Kanarista"
WORDS = "zzkanariword"
MARKS = ("kanari", "987612345", "98761")
SOUND = b"RIFF0000WAVE" + b"0" * 100


def everywhere(marks: tuple[str, ...] = MARKS) -> dict[str, list[str]]:
    """Every row of every table that holds a mark."""
    places = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT r::text FROM "{table}" r WHERE r::text ILIKE ANY(%s)', [[f"%{m}%" for m in marks]])
            if rows := [row[0][:300] for row in cursor.fetchall()]:
                places[table] = rows
    return places


def files_with(folder: Path, marks: tuple[bytes, ...]) -> list[str]:
    paths = [Path(root) / name for root, _, names in os.walk(folder) for name in names]
    return [str(path) for path in paths if any(mark in path.read_bytes() for mark in marks)]


@pytest.fixture
def planted(town, photo):
    """A report with everything that can hang on one, of somebody whose words are in every part of it."""
    report = Report(
        text=f"Đèn hỏng trước nhà tôi {WORDS}, gọi tôi 0987 612 345",
        channel="web",
        once="kanarionce-1",
        raw={"text": WORDS, "phone": PHONE},
        reporter=Reporter(name=NAME, phone=PHONE, email=EMAIL, address=STREET),
        address=STREET,
        latitude=11.5,
        longitude=106.9,
        category_id=town.lamps.pk,
        area_id=town.ward.pk,
        photos=[photo()],
    )
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan)
    tickets.edit(ticket, by=town.lan, summary=f"{NAME} báo đèn hỏng, số 0987.612.345")
    tickets.add(ticket, f"Thêm {WORDS}", by=citizen(ticket.pk))
    tickets.remark(ticket, f"Đã gọi cho {NAME} theo số 0987612345, mail {EMAIL}", by=town.lan)
    routing.route(ticket, town.works, by=town.lan, note=f"Gặp {NAME} ở {STREET}")
    publication.propose(ticket)
    return ticket


def test_nothing_of_a_person_is_left_anywhere(town, planted, photo, settings, django_capture_on_commit_callbacks):
    ticket = planted
    contact, thread = ticket.contact, ticket.conversation
    box = thread.inbox
    message = Message.objects.create(
        conversation=thread, inbound=True, text=WORDS, quoted=WORDS, external_id="kanariid"
    )
    Wording.objects.create(message=message, text=WORDS, until=now())
    Enclosure.objects.create(message=message, kind="picture", name="kanari.jpg", attachment_id=photo("red"))
    Outgoing.objects.create(
        once="o-1", inbox=box, conversation=thread, address=PHONE, text=f"Chào {NAME}", values={"name": NAME}
    )
    blob = default_storage.save("receipts/one", ContentFile(WORDS.encode()))
    row, _ = keep(box, "delivery-1", {"to": "0987612345", "text": WORDS})
    Receipt.objects.filter(pk=row.pk).update(blob=blob)
    Draft.objects.create(token="t1", data={"phone": "0987612345", "text": WORDS})
    Draft.objects.create(token="kanarionce-1", sent=True)
    StaffDraft.objects.create(
        user=town.users["lan"], about=f"ticket-{ticket.pk}", form="answer", fields={"text": WORDS}
    )
    ask_callback(phone=PHONE, reason="asked", by=SYSTEM, contact=contact, text=f"Gọi {NAME}")
    sound = default_storage.save("recordings/one.wav", ContentFile(SOUND + WORDS.encode()))
    facts = {
        "call_id": "1.1",
        "first_caller": ["2026-11-01T00:00:00+00:00", "0987612345"],
        "recorded_file": ["2026-11-01T00:00:00+00:00", "q-0987612345.wav"],
    }
    call = Call.objects.create(
        inbox=conversations.inbox_of("phone"), call_id="1.1", facts=facts, direction="in", state="ended",
        outcome="answered", caller="0987612345", phone=PHONE, began=now(), recording="q-0987612345.wav", sound=sound,
    )  # fmt: skip
    TicketCall.objects.create(ticket=ticket, call=call, by="lan")
    Transcript.objects.create(call=call, text=WORDS, model="m", by="lan", at=now())
    Subscription.objects.create(
        ticket=ticket, endpoint="https://push/kanari", p256dh="a", auth="b", language="vi", made=now()
    )
    Follower.objects.create(token="f1", publication=ticket.publication, email=EMAIL)
    Rating.objects.create(ticket=ticket, agency=town.works, grade="satisfied", comment=f"{NAME} {WORDS}")
    Review.objects.create(publication=ticket.publication, why="removal", words=WORDS)
    before = everywhere()
    assert {"tickets_ticket", "conversations_message", "quality_transcript"} <= set(before)

    row = actions.ask(
        RequestKind.DELETE, via=DataRequest.Via.LINK, by=citizen(ticket.pk), ticket=ticket, proof="link", text=WORDS
    )
    actions.identify(row, row.contacts, [PHONE], [], by=town.tam)
    Ticket.objects.filter(pk=ticket.pk).update(state="closed")
    assert actions.grant(row, by=town.tam)
    with django_capture_on_commit_callbacks(execute=True):
        actions.carry_out(row)

    row.refresh_from_db()
    assert row.state == "done"
    assert everywhere() == {}
    call.refresh_from_db()
    assert (call.caller, call.phone, call.recording) == ("[…]", "", "") and "0987612345" not in str(call.facts)
    assert files_with(Path(settings.MEDIA_ROOT), (b"kanari", WORDS.encode())) == []
    assert row.progress["left"] == {}
    assert row.progress["tickets"]["tickets.ticket"] == 1
    assert Publication.objects.get().state == "withdrawn"
    assert Rating.objects.get().grade == "satisfied"
    assert Ticket.objects.get().category == town.lamps


def test_the_public_log_stays_whole(town, planted):
    log.sequence()
    log.sign()
    assert planted.publication.state == "published"
    assert log.check() == (1, "")
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
    erase(row, by=SYSTEM)
    log.sequence()
    log.sign()
    assert log.check() == (2, "")
    assert Statement.objects.filter(kind="publish", said__isnull=True, salt="").count() == 1
    assert planted.publication.entry.shown is False


def test_an_interrupted_erasure_goes_on_where_it_stopped(town, planted, monkeypatch):
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")

    def broken(person, by):
        raise OSError("the disk is full")

    real = erasing.STAGES["calls"]
    monkeypatch.setitem(erasing.STAGES, "calls", broken)
    with pytest.raises(OSError):
        erase(row, by=SYSTEM)
    row.refresh_from_db()
    assert "tickets" in row.progress and "conversations" not in row.progress
    assert Contact.objects.get(pk=planted.contact_id).name == NAME
    monkeypatch.setitem(erasing.STAGES, "calls", real)
    erase(row, by=SYSTEM)
    assert everywhere(("kanari",)) == {}


def test_two_jobs_at_once_do_each_stage_once(town, planted, monkeypatch):
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
    older = DataRequest.objects.get(pk=row.pk)
    erase(row, by=SYSTEM)
    first = DataRequest.objects.get(pk=row.pk).progress
    assert first["tickets"]["tickets.ticket"] == 1

    def again(person, by):
        raise AssertionError("a stage was done twice")

    for stage in erasing.STAGES:
        monkeypatch.setitem(erasing.STAGES, stage, again)
    assert erase(older, by=SYSTEM).progress == first


def test_an_exchanges_own_id_of_a_call_that_begins_like_ours_stops_no_erasure(town, planted):
    for n, call_id in enumerate(("c2c-x-7f3a", "c2c-²", "c2c-")):
        call = Call.objects.create(
            inbox=conversations.inbox_of("phone"), call_id=call_id, facts={}, direction="in", state="ended",
            caller="0987612345", phone=PHONE, began=now(),
        )  # fmt: skip
        TicketCall.objects.create(ticket=planted, call=call, by=f"lan{n}")
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
    assert erase(row, by=SYSTEM).progress["calls"]["calls.call"] == 3


def test_what_is_on_hold_or_at_work_is_not_erased(town, planted):
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
    with pytest.raises(actions.HeldError):
        actions.grant(row, by=town.tam)  # the lamp is still being mended
    Ticket.objects.filter(pk=planted.pk).update(state="closed")
    hold = keeping.put_hold("Thanh tra", by=town.quan, ticket=planted.pk)
    with pytest.raises(actions.HeldError):
        actions.grant(row, by=town.tam)
    assert planted.contact_id in queries.kept_people()
    assert keeping.end_hold(hold, by=town.quan)
    assert actions.grant(row, by=town.tam)


def test_what_a_stranger_typed_is_not_theirs_alone(town, planted):
    """A name and an address from the public page, and the words of whoever decides: others' rows hold them too."""
    reports = [
        Draft.objects.create(token=f"draft-{n}", data={"text": text})
        for n, text in enumerate(("Gặp Trần Văn Bình ở chợ", "Viết cho other@example.vn", "Ở chợ Đồng Xoài"))
    ]
    answer = StaffDraft.objects.create(
        user=town.users["lan"], about="ticket-0", form="answer", fields={"text": "Anh Trần Văn Bình, other@example.vn"}
    )
    row = actions.ask(
        RequestKind.DELETE,
        via=DataRequest.Via.PAGE,
        by=citizen(),
        name="Trần Văn Bình",
        reach="other@example.vn",
        contacts=[planted.contact_id],
    )
    actions.identify(row, [planted.contact_id], [PHONE], ["chợ Đồng Xoài"], by=town.tam)
    tickets.remark(planted, "Trần Văn Bình ở chợ Đồng Xoài", by=town.lan)
    erase(row, by=SYSTEM)
    assert Draft.objects.filter(pk__in=[one.pk for one in reports]).count() == 3
    assert StaffDraft.objects.filter(pk=answer.pk).exists()
    own = " ".join(planted.notes.values_list("text", flat=True))
    assert "Trần Văn Bình" not in own and "chợ Đồng Xoài" not in own
    assert Identity(emails=frozenset({"@example.vn", "a@example.vn"})).sure == ("a@example.vn",)


def test_others_with_the_same_name_stay(town, planted):
    other = tickets.take(
        Report(text="Rác đầy", channel="web", once="b", reporter=Reporter(name=NAME, phone="+84911111111")),
        by=citizen(),
    )
    row = actions.ask(RequestKind.DELETE, via="link", by=citizen(), ticket=planted, proof="link")
    erase(row, by=SYSTEM)
    other.refresh_from_db()
    assert (other.text, other.contact.name) == ("Rác đầy", NAME)
    assert Conversation.objects.get(pk=other.conversation_id).address == "b"
