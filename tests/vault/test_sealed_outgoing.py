"""To whom we wrote, and whom we are to call, lies sealed and is found as before: rows of both releases, while both are
at work, and while keys change."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from caunoi.conversations import actions as conversations
from caunoi.conversations.actions import callbacks as calling
from caunoi.conversations.actions.erasing import erase_person, forget_people, identity_of
from caunoi.conversations.models import Callback, Contact, Conversation, Inbox, Message, Outgoing
from caunoi.conversations.queries.callbacks import callback_waiting, callbacks
from caunoi.conversations.queries.ways import straight
from caunoi.events.actor import SYSTEM
from caunoi.lib.crypto import envelope
from caunoi.privacy.queries import traces
from caunoi.vault import actions, blind, queries
from tests.sealing import sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]
PHONE, MAIL = "+84912000199", "Le.Hang@vi-du.vn"
OUT = 'INSERT INTO conversations_outgoing (once, inbox_id, address, title, template, state, "window", attempts, due,'
OUT += " external_id, trouble, at) VALUES (%s, %s, %s, '', '', 'queued', '', 0, now(), '', '', now()) RETURNING id"
CALL = "INSERT INTO conversations_callback (reason, phone, subject, text, times, state, asked, latest, operator,"
CALL += " attempts, outcome) VALUES ('asked', %s, '', '', 1, %s, now(), now(), '', 0, '') RETURNING id"


def box() -> Inbox:
    return Inbox.objects.get(name="web")


def older_out(once: str, address: str) -> int:
    return int(sql(OUT, [once, box().pk, address])[0][0])


def older_call(phone: str = PHONE, state: str = "open") -> int:
    return int(sql(CALL, [phone, state])[0][0])


def out(once: str, address: str, **more: Any) -> Outgoing:
    return Outgoing.objects.create(once=once, inbox=box(), address=address, text="Chào", **more)


def lying(row: Outgoing | Callback) -> str | None:
    name = "address" if isinstance(row, Outgoing) else "phone"
    [(plain,)] = sql(f"SELECT {name} FROM {row._meta.db_table} WHERE id = %s", [row.pk])
    return str(plain) if plain is not None else None


def to(address: str) -> list[int]:
    rows = Outgoing.objects.filter(blind.equal(Outgoing, "address", address))
    return sorted(rows.values_list("pk", flat=True))


def of(phone: str = PHONE) -> list[int]:
    return sorted(Callback.objects.filter(blind.equal(Callback, "phone", phone)).values_list("pk", flat=True))


def listed(typed: str) -> list[int]:
    return [row.pk for row in callbacks(SYSTEM, number=typed)]


def ask(phone: str = PHONE, reason: str = "asked") -> Callback:
    return conversations.ask_callback(phone=phone, reason=reason, by=SYSTEM)


def test_an_address_lies_sealed_and_is_found() -> None:
    row, other = out("1", MAIL), out("2", "")
    assert lying(row) is None and Outgoing.objects.get(pk=row.pk).address == MAIL
    [(shown, sealed)] = sql("SELECT o::text, address_sealed FROM conversations_outgoing o WHERE id = %s", [row.pk])
    assert "hang" not in (shown + bytes(sealed).decode("latin-1")).lower()
    assert to(MAIL) == to(MAIL.lower()) == [row.pk] and to("") == to("hang@vi-du.vn") == []
    assert Outgoing.objects.get(pk=other.pk).address == ""
    sql("UPDATE conversations_outgoing SET address_sealed = %s WHERE id = %s", [bytes(sealed), other.pk])
    with pytest.raises(envelope.SealError):
        _ = Outgoing.objects.get(pk=other.pk).address
    with pytest.raises(TypeError, match="save the row"), transaction.atomic():
        Outgoing.objects.update(address=MAIL)
    row.state = "sent"
    row.save(update_fields=["state"])
    assert to(MAIL) == [row.pk]


def test_what_went_straight_to_an_address_is_seen_in_its_thread(
    town: object, both: None, alone: Callable[[], None]
) -> None:
    texts = conversations.make_inbox("sms", "sms")
    person = Contact.objects.create(phone=PHONE)
    thread = Conversation.objects.create(inbox=texts, contact=person, address=PHONE)
    elsewhere = Conversation.objects.create(inbox=box(), contact=person, address="x")
    said = [Message.objects.create(conversation=elsewhere, inbound=False, text=f"{n}").pk for n in range(2)]
    first = older_out("o", PHONE)
    sql("UPDATE conversations_outgoing SET inbox_id = %s, message_id = %s WHERE id = %s", [texts.pk, said[0], first])
    Outgoing.objects.create(once="n", inbox=texts, address=PHONE, text="Chào", message_id=said[1])
    assert straight([thread]) == {thread.pk: set(said)}
    assert sql("SELECT count(*) FROM conversations_outgoing WHERE address = %s", [PHONE]) == [(2,)]
    alone()
    assert actions.seal_older() >= 2
    assert straight([thread]) == {thread.pk: set(said)}
    assert sql("SELECT count(address) FROM conversations_outgoing") == [(0,)]


def test_what_went_out_is_read_by_both_releases_and_erased_from_both(both: None, alone: Callable[[], None]) -> None:
    ours, theirs = out("1", PHONE), older_out("2", PHONE)
    assert lying(ours) == PHONE and to(PHONE) == [ours.pk, theirs]
    sql("UPDATE conversations_outgoing SET address = '' WHERE id = %s", [ours.pk])  # as it erases
    assert to(PHONE) == [theirs] and Outgoing.objects.get(pk=ours.pk).address == ""
    alone()
    actions.seal_older()
    assert to(PHONE) == [theirs] and Outgoing.objects.get(pk=ours.pk).address == ""
    left = sql("SELECT num_nonnulls(address, address_sealed, address_index) FROM conversations_outgoing ORDER BY id")
    assert left == [(0,), (2,)]


def test_whoever_is_erased_was_written_to_nowhere(town: object) -> None:
    for make in (out, lambda once, address: Outgoing.objects.get(pk=older_out(once, address))):
        person = Contact.objects.create(phone=PHONE, email=MAIL)
        rows = [make(f"{person.pk}/{n}", address) for n, address in enumerate((PHONE, MAIL))]
        other = make(f"{person.pk}/x", "+84912000198")
        called = ask()
        identity = identity_of([person.pk])
        assert {traces(identity)[name] for name in ("conversations_outgoing", "conversations_callback")} == {1, 2}
        erase_person([person.pk], identity, proved=[PHONE])
        assert not {"conversations_outgoing", "conversations_callback"} & set(traces(identity))
        assert to(PHONE) == to(MAIL) == of() == [] and Outgoing.objects.get(pk=other.pk).address == "+84912000198"
        assert {Outgoing.objects.get(pk=row.pk).address for row in rows} == {""}
        assert Callback.objects.get(pk=called.pk).phone == ""
        Outgoing.objects.filter(pk=other.pk).delete()


def test_whose_name_is_forgotten_was_written_to_nowhere(town: object) -> None:
    person = Contact.objects.create(phone=PHONE)
    thread = Conversation.objects.create(inbox=box(), contact=person, address="x")
    row = out("1", PHONE, conversation=thread)
    called = conversations.ask_callback(phone=PHONE, reason="asked", by=SYSTEM, contact=person)
    forget_people([person.pk], identity_of([person.pk]))
    assert to(PHONE) == of() == [] and Outgoing.objects.get(pk=row.pk).address == ""
    assert Callback.objects.get(pk=called.pk).phone == ""


def test_a_number_to_be_called_lies_sealed_and_is_found_whole_and_by_its_end(town: object) -> None:
    row, other = ask(), ask("+84912000198")
    assert lying(row) is None and callback_waiting(PHONE, SYSTEM) == row
    [(shown, sealed)] = sql("SELECT c::text, phone_sealed FROM conversations_callback c WHERE id = %s", [row.pk])
    assert PHONE[3:] not in shown + bytes(sealed).decode("latin-1")
    for typed in (PHONE, "0912 000 199", "0199", "00199", "12000199"):
        assert listed(typed) == [row.pk], typed
    for typed in ("199", "0912", "10199", "abc", "%"):
        assert listed(typed) == [], typed
    assert listed("") == [row.pk, other.pk]


def test_there_is_one_open_call_back_a_number_and_reason_in_both_releases(
    both: None, alone: Callable[[], None]
) -> None:
    theirs = older_call()
    assert ask().pk == theirs and Callback.objects.get().times == 2 and of() == [theirs]
    ours = ask("+84912000198")
    with pytest.raises(IntegrityError), transaction.atomic():
        older_call("+84912000198")
    older_call("+84912000198", "done")
    alone()
    assert actions.seal_older() == 3 and ask().pk == theirs and ask("+84912000198").pk == ours.pk
    assert lying(Callback.objects.get(pk=theirs)) is None and Callback.objects.get(pk=theirs).phone == PHONE
    with pytest.raises(IntegrityError), transaction.atomic():
        Callback.objects.create(phone=PHONE, reason="asked")
    assert listed("0199") == [theirs]


def test_an_ended_one_is_not_reopened_beside_another(town: Any) -> None:
    first = conversations.finish_callback(conversations.claim_callback(ask(), by=town.lan), "", by=town.lan)
    second = ask()
    assert first.pk != second.pk
    with pytest.raises(calling.AlreadyTakenError):
        conversations.reopen_callback(first, by=town.lan)
    conversations.finish_callback(second, "", by=town.lan)
    assert conversations.reopen_callback(first, by=town.lan).state == "claimed" and ask().pk == first.pk


def test_keys_change_and_all_are_found_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    sent, called = [out("1", PHONE).pk], ask().pk
    older_out("2", PHONE)
    sent.append(Outgoing.objects.latest("id").pk)
    actions.rotate("index")
    actions.rotate("identities")
    queries.forget()
    sent.append(out("3", PHONE).pk)
    monkeypatch.setattr(queries, "SPREAD", timedelta(0))
    sent.append(out("4", PHONE).pk)
    assert to(PHONE) == sent and of() == [called] == listed("0199") and ask().pk == called
    assert actions.reseal("index") >= 4 and actions.reseal("identities") >= 2
    assert (
        actions.drop_retired("index", after=timedelta(0)) == actions.drop_retired("identities", after=timedelta(0)) == 1
    )
    queries.forget()
    assert to(PHONE) == sent and of() == [called] == listed("0199") and ask().pk == called
    assert {row.address for row in Outgoing.objects.all()} == {Callback.objects.get().phone} == {PHONE}


def test_two_ask_at_once_while_one_of_them_knows_another_key_of_indexes(
    transactional_db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    actions.rotate("index")
    queries.forget()
    old, new = queries.indexing(), queries.index_keys()[0]
    assert old != new
    mine = threading.local()
    monkeypatch.setattr(queries, "indexing", lambda: mine.key)
    start = threading.Barrier(6)

    def asks(number: int) -> list[int]:
        mine.key = (old, new)[number % 2]
        try:
            start.wait(30)
            return [ask(f"+8491200{1000 + n}").pk for n in range(5)]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(asks, range(6)))
    assert len({tuple(one) for one in found}) == 1
    assert list(Callback.objects.values_list("times", flat=True)) == [6] * 5


def test_a_sealer_that_is_killed_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [older_call(f"+8491200010{n}") for n in range(4)]
    monkeypatch.setattr(actions, "BATCH", 1)
    saved, save = list[int](), Callback.save

    def dies(self: Callback, **options: Any) -> None:
        if len(saved) == 2:
            raise KeyboardInterrupt
        saved.append(self.pk)
        save(self, **options)

    with monkeypatch.context() as dying, suppress(KeyboardInterrupt):
        dying.setattr(Callback, "save", dies)
        actions.seal_older()
    assert [lying(Callback.objects.get(pk=pk)) is None for pk in rows] == [True, True, False, False]
    assert [of(f"+8491200010{n}") for n in range(4)] == [[pk] for pk in rows]
    assert actions.seal_older() == 2 and [of(f"+8491200010{n}") for n in range(4)] == [[pk] for pk in rows]
    assert Callback.objects.filter(asked__lte=now()).count() == 4
