"""Whose a thread is lies sealed on every channel, and whoever writes again is in the thread of before: rows of both
releases, while both are at work, while keys change, and with two workers at once."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from caunoi.conversations import actions as conversations
from caunoi.conversations.actions.erasing import erase_person, identity_of
from caunoi.conversations.actions.receipts import KEEP, columns, row
from caunoi.conversations.models import Contact, Conversation, Message, Outgoing, Receipt
from caunoi.conversations.queries.threads import loose
from caunoi.conversations.queries.ways import Senders, barred, ways
from caunoi.events.actor import SYSTEM, citizen
from caunoi.lib.crypto import envelope
from caunoi.privacy.queries import traces
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries as tickets_queries
from caunoi.tickets.report import Report
from caunoi.vault import actions, blind, queries
from tests.sealing import sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]
PHONE, MAIL = "+84912000199", "Le.Hang@vi-du.vn"


def older(box: Any, address: str, thread: str = "", contact: Contact | None = None) -> int:
    """A thread as the release before writes it."""
    who = contact or Contact.objects.create(name="Tư")
    statement = "INSERT INTO conversations_conversation (inbox_id, contact_id, address, thread) VALUES (%s, %s, %s, %s)"
    return int(sql(f"{statement} RETURNING id", [box.pk, who.pk, address, thread])[0][0])


def older_finds(box: Any, address: str) -> list[int]:
    statement = "SELECT id FROM conversations_conversation WHERE inbox_id = %s AND address = %s"
    return [int(pk) for (pk,) in sql(statement, [box.pk, address])]


def lying(pk: int) -> str | None:
    [(plain,)] = sql("SELECT address FROM conversations_conversation WHERE id = %s", [pk])
    return str(plain) if plain is not None else None


def everything() -> str:
    """The threads as a dump shows them, and the bytes as text."""
    rows = sql("SELECT c::text, address_sealed, address_index, sender_index FROM conversations_conversation c")
    return "".join(
        str(shown) + b"".join(bytes(one) for one in sealed if one).decode("latin-1") for shown, *sealed in rows
    )


def of(address: str) -> list[int]:
    rows = Conversation.objects.filter(blind.equal(Conversation, "address", address))
    return sorted(rows.values_list("pk", flat=True))


def counts() -> tuple[int, int]:
    return Contact.objects.count(), Conversation.objects.count()


def test_an_address_lies_sealed_on_every_channel_and_is_found_as_it_stands(chat: Any) -> None:
    for who in (PHONE, MAIL, "sha256/u-7"):
        chat.write("Đèn tắt", **{"from": who})
    chat.write("Dưới bài", **{"from": "u-9"}, thread="post-1", public=True)
    shown = everything()
    for mark in (PHONE, MAIL, MAIL.lower(), "u-7", "u-9"):
        assert mark not in shown, mark
    thread = chat.thread(PHONE)
    assert (thread.address, thread.to, lying(thread.pk)) == (PHONE, PHONE, None)
    assert of(PHONE) == [thread.pk] and chat.thread("u-9/post-1").to == "u-9"
    assert of(MAIL.lower()) == of(f"{PHONE} ") == of("u-9") == of("") == []
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.create(inbox=chat.box, contact=thread.contact, address=PHONE)
    with pytest.raises(TypeError, match="save the row"), transaction.atomic():
        Conversation.objects.update(address=PHONE)
    other = chat.thread(MAIL)
    sql("UPDATE conversations_conversation SET address_sealed = '\\x00' WHERE id = %s", [other.pk])
    with pytest.raises(envelope.SealError):
        _ = Conversation.objects.get(pk=other.pk).address
    thread.unread = False
    thread.save(update_fields=["unread"])
    assert of(PHONE) == [thread.pk]


def test_ids_that_differ_in_a_blank_are_two_reports(town: object) -> None:
    made = [tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen()) for once in ("a", "a ", "A")]
    again = [tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen()) for once in ("a", "a ", "A")]
    found = [tickets_queries.of_once("web", once) for once in ("a", "a ", "A")]
    assert len({one.pk for one in made}) == 3 and made == again == found
    assert tickets_queries.of_once("web", "b") is None and tickets_queries.of_once("app", "a") is None
    assert sql("SELECT count(address), count(address_index), count(sender_index) FROM conversations_conversation") == [
        (0, 3, 0)
    ]


def test_whoever_writes_again_is_in_the_same_thread_while_keys_change(
    chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    def writes() -> None:
        chat.write("Lại tắt", **{"from": PHONE})
        chat.write("Dưới bài một", **{"from": "u-9"}, thread="post-1", public=True)
        assert counts() == known, "nobody is anybody else"

    chat.write("Đèn tắt", **{"from": PHONE})
    chat.write("Dưới bài một", **{"from": "u-9"}, thread="post-1", public=True)
    known = counts()
    writes()
    actions.rotate("index")
    actions.rotate("identities")
    queries.forget()
    writes()
    monkeypatch.setattr(queries, "SPREAD", timedelta(0))
    writes()
    chat.write("Dưới bài hai", **{"from": "u-9"}, thread="post-2", public=True)  # found by the key of before
    chat.write("Nhắn riêng", **{"from": "u-9"})
    assert counts() == (known[0], known[1] + 2)
    chat.write("Mới", **{"from": "u-10"})  # indexed by the new key
    known = counts()
    done: dict[str, int] = {}
    actions.reseal("index", lambda column, count: done.update({column: done.get(column, 0) + count}))
    assert done["conversations_conversation.address_index"] == 2
    assert done["conversations_conversation.sender_index"] == 1
    actions.reseal("identities")
    for purpose in ("index", "identities"):
        assert actions.drop_retired(purpose, after=timedelta(0)) == 1
    queries.forget()
    writes()
    chat.write("Dưới bài ba", **{"from": "u-9"}, thread="post-3", public=True)
    chat.write("Nữa", **{"from": "u-10"})
    assert counts() == (known[0], known[1] + 1)
    assert {row.to for row in Conversation.objects.all()} == {PHONE, "u-9", "u-10"}


def test_reports_of_delivery_and_the_wish_to_be_forgotten_find_the_thread(chat: Any) -> None:
    chat.write("Đèn tắt", **{"from": PHONE})
    chat.write("Đèn tắt", **{"from": "nam"})
    for who in (PHONE, "nam"):
        Outgoing.objects.create(
            once=who, inbox=chat.box, conversation=chat.thread(who), address=who, text="Chào", state="sent", sent=now()
        )
    chat.write("", does="read", **{"from": PHONE})
    chat.write("", does="read", **{"from": "nobody"})
    assert dict(Outgoing.objects.values_list("once", "state")) == {PHONE: "read", "nam": "sent"}


def test_threads_of_before_are_found_and_sealed(chat: Any) -> None:
    first, post = older(chat.box, PHONE), older(chat.box, "u-9/post-1", "post-1")
    odd = older(chat.box, "u-8/post-1", "post-1")
    chat.write("Lại tắt", **{"from": PHONE})
    chat.write("Nhắn riêng", **{"from": "u-9"})
    chat.write("Dưới bài hai", **{"from": "u-9"}, thread="post-2", public=True)
    assert chat.thread(PHONE).pk == first and chat.thread("u-9").contact == Conversation.objects.get(pk=post).contact
    assert counts() == (3, 5) and lying(first) == PHONE
    assert actions.seal_older() == 3 and actions.seal_older() == 0
    assert [lying(pk) for pk in (first, post, odd)] == [None] * 3
    chat.write("Lại tắt", **{"from": PHONE})
    chat.write("Nhắn riêng", **{"from": "u-8"})
    chat.write("Dưới bài hai", **{"from": "u-8"}, thread="post-2", public=True)
    assert counts() == (3, 7) and chat.thread("u-8").contact == Conversation.objects.get(pk=odd).contact


def test_while_the_release_before_is_at_work_there_is_one_thread_for_both(
    chat: Any, both: None, alone: Callable[[], None]
) -> None:
    theirs = older(chat.box, "u-1")
    chat.write("Đèn tắt", **{"from": "u-1"})
    chat.write("Đèn tắt", **{"from": "u-2"})
    chat.write("Dưới bài", **{"from": "u-3"}, thread="post-1", public=True)
    assert chat.thread("u-1").pk == theirs and counts() == (3, 3)
    assert older_finds(chat.box, "u-2") == [chat.thread("u-2").pk]
    assert older_finds(chat.box, "u-3/post-1") == [chat.thread("u-3/post-1").pk]
    with pytest.raises(IntegrityError), transaction.atomic():
        older(chat.box, "u-2")
    web = tickets.take(Report(text="Đèn tắt", channel="web", once="a"), by=citizen())
    assert (
        older_finds(web.conversation.inbox, "a")
        == [web.conversation_id]
        == [tickets_queries.of_once("web", "a").conversation_id]
    )
    sql("UPDATE conversations_conversation SET address = %s WHERE id = %s", [f"erased:{theirs}", theirs])  # it erases
    assert of("u-1") == [] and Conversation.objects.get(pk=theirs).to == f"erased:{theirs}"
    assert identity_of([Conversation.objects.get(pk=theirs).contact_id]).others == frozenset()
    assert actions.seal_older() == 0
    alone()
    assert actions.seal_older() >= 4
    assert sql("SELECT count(address), count(address_index) FROM conversations_conversation") == [(0, 4)]
    for who in ("u-1", "u-2"):
        chat.write("Lại tắt", **{"from": who})
    chat.write("Dưới bài", **{"from": "u-3"}, thread="post-1", public=True)
    assert counts() == (5, 5), "only who was erased begins anew"
    with pytest.raises(IntegrityError), transaction.atomic():
        Conversation.objects.create(inbox=chat.box, contact=Contact.objects.create(), address="u-2")


def test_two_workers_and_webhooks_at_once_begin_one_thread_each_while_a_key_of_indexes_changes(
    transactional_db: None, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each worker indexes by another key than the one beside it."""
    people, times = 12, 6
    actions.rotate("index")
    queries.forget()
    old, new = queries.indexing(), queries.index_keys()[0]
    assert old != new
    mine = threading.local()
    monkeypatch.setattr(queries, "indexing", lambda: mine.key)
    start, ended = threading.Barrier(6), threading.Event()

    def hook(number: int) -> None:
        try:
            start.wait(30)
            for n in range(times // 2):
                rows = [
                    {"id": f"{number}-{n}-{who}", "from": f"+8491200{who:04d}", "text": "Đèn tắt"}
                    for who in range(people)
                ]
                with connection.cursor() as cursor:
                    cursor.execute(KEEP, columns(row(chat.box.pk, one["id"], one) for one in rows))
        finally:
            connection.close()

    def work(number: int) -> None:
        mine.key = (old, new)[number % 2]
        try:
            start.wait(30)
            while conversations.read(5) or not ended.is_set() or Receipt.objects.filter(state="waiting").exists():
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        workers = [pool.submit(work, n) for n in range(4)]
        for one in [pool.submit(hook, n) for n in range(2)]:
            one.result(120)
        ended.set()
        for one in workers:
            one.result(120)
    assert counts() == (people, people)
    assert not Receipt.objects.exclude(state="read").exists()
    assert Message.objects.filter(inbound=True).count() == people * times
    made = Conversation.objects.values_list("address_index", flat=True)
    assert {bytes(one)[: envelope.HEADER] for one in made} <= {envelope.header(key[0]) for key in (old, new)}
    actions.reseal("index")
    assert counts() == (people, people)


def test_whoever_is_erased_has_no_address_and_begins_anew(chat: Any) -> None:
    chat.write("Đèn tắt", **{"from": PHONE})
    chat.write("Dưới bài", **{"from": PHONE}, thread="post-1", public=True)
    thread = chat.thread(PHONE)
    ours = older(chat.box, "u-old", contact=thread.contact)
    identity = identity_of([thread.contact_id])
    assert identity.others == {PHONE, "u-old"} and traces(identity)["conversations_conversation"] >= 3
    erase_person([thread.contact_id], identity)
    assert "conversations_conversation" not in traces(identity)
    assert (
        sql(
            "SELECT num_nonnulls(address, address_sealed, address_index, sender_index), thread"
            " FROM conversations_conversation"
        )
        == [(0, "")] * 3
    )
    gone = Conversation.objects.get(pk=thread.pk)
    assert gone.to == "" and identity_of([thread.contact_id]).others == frozenset()
    assert list(ways(gone, Senders())) == [] and barred(gone) is None
    assert Conversation.objects.get(pk=ours).address == ""
    chat.write("Tôi đây", **{"from": PHONE})
    assert chat.thread(PHONE).pk != thread.pk and chat.thread(PHONE).contact_id != thread.contact_id


def test_the_desk_finds_a_thread_by_a_whole_address(chat: Any) -> None:
    chat.write("Chào", **{"from": PHONE})
    chat.write("Chào", **{"from": "u-9"}, thread="post-1", public=True)
    old = older(chat.box, "u-old")
    Conversation.objects.update(loose=True, latest=now())
    one, two = chat.thread(PHONE), chat.thread("u-9/post-1")
    for text, found in (
        (PHONE, [one]),
        ("0912 000 199", [one]),
        ("u-9", [two]),
        ("u-9/post-1", [two]),
        ("u-old", [Conversation.objects.get(pk=old)]),
        ("u-", []),
        ("912000", []),
    ):
        assert loose(SYSTEM, text) == found, text
