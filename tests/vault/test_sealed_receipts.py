"""What came in raw lies sealed, its files too: what is stored by forms and by webhooks, by both releases, and while
keys change."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.channels.base import Parcel
from caunoi.conversations import actions as conversations
from caunoi.conversations.actions import blobs
from caunoi.conversations.actions.erasing import erase_person, identity_of
from caunoi.conversations.actions.receipts import KEEP, columns, row
from caunoi.conversations.models import Contact, Message, Receipt
from caunoi.conversations.queries import inbox, receipt
from caunoi.conversations.queries.raw import content, unsealed_files
from caunoi.events.actor import citizen
from caunoi.lib.crypto import envelope
from caunoi.privacy.queries import traces
from caunoi.vault import actions, queries
from caunoi.vault.models import DataKey
from tests.sealing import sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]
MARK, PHONE = "Canarybưởi", "+84912000188"
RAW = {"id": "m1", "from": "tu", "text": f"Đèn tắt, {MARK}"}
MAIL = f"From: {MARK} <bao@vi-du.vn>\r\n\r\nĐèn tắt\0".encode()


@pytest.fixture(autouse=True)
def files_apart(settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path


def hooked(raw: Any, name: str = "m1", box: str = "web") -> Receipt:
    """What a thread of a webhook stores."""
    with connection.cursor() as cursor:
        cursor.execute(KEEP, columns([row(inbox(box).pk, name, raw)]))
    return receipt(inbox(box), name)


def lying(pk: int) -> tuple[str | None, bool]:
    """The unsealed column as it lies, and whether there is something sealed."""
    [(plain, sealed)] = sql("SELECT raw::text, raw_sealed IS NOT NULL FROM conversations_receipt WHERE id = %s", [pk])
    return plain, sealed


def files() -> list[bytes]:
    return [path.read_bytes() for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def mailed(name: str = "a@b", blob: bytes = MAIL) -> Receipt:
    box = inbox("web")
    conversations.keep_parcel(box, Parcel(external_id=name, raw={"uid": 1}, blob=blob))
    return receipt(box, name)


def test_what_is_kept_lies_sealed_and_comes_in_once(town: object) -> None:
    made, new = conversations.keep(inbox("web"), "a", RAW)
    again, old = conversations.keep(inbox("web"), "a", {"text": "khác"})
    assert (new, old, again.pk, made.raw, again.raw) == (True, False, made.pk, RAW, RAW)
    assert lying(made.pk) == (None, True)
    [(shown, sealed)] = sql("SELECT r::text, raw_sealed FROM conversations_receipt r WHERE id = %s", [made.pk])
    assert MARK not in shown + bytes(sealed).decode("latin-1")
    empty, _ = conversations.keep(inbox("web"), "b", {})
    assert lying(empty.pk) == (None, False) and receipt(inbox("web"), "b").raw == {}
    odd, _ = conversations.keep(inbox("web"), "c", {"a": "x\0y", "b": "\ud800", "n": float("nan")})
    assert "x" in str(Receipt.objects.get(pk=odd.pk).raw)


def test_what_a_webhook_stored_is_sealed_by_whoever_reads_it(chat: Any) -> None:
    good = hooked(RAW | {"from": "ba"}, box=chat.box.name)
    bad = hooked({"poison": True, "text": MARK}, name="m2", box=chat.box.name)
    assert lying(good.pk)[0] and not lying(good.pk)[1]
    assert conversations.read() == 2
    assert lying(good.pk) == lying(bad.pk) == (None, True)
    assert [one.state for one in Receipt.objects.order_by("id")] == ["read", "unreadable"]
    assert Receipt.objects.get(pk=good.pk).raw["text"] == RAW["text"] and Message.objects.get().text == RAW["text"]
    again = hooked({"text": "khác"}, box=chat.box.name)
    assert again.pk == good.pk and again.raw["text"] == RAW["text"], "delivered twice"
    fixed = Receipt.objects.get(pk=bad.pk)
    fixed.raw = RAW | {"id": "m3"}
    fixed.save()
    Receipt.objects.filter(pk=bad.pk).update(state="waiting")
    assert conversations.read() == 1 and Receipt.objects.get(pk=bad.pk).state == "read"
    assert lying(bad.pk) == (None, True)


def test_a_reader_that_dies_in_the_middle_leaves_it_waiting(chat: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = hooked(RAW, box=chat.box.name)
    with monkeypatch.context() as dying, suppress(KeyboardInterrupt):
        dying.setattr("caunoi.conversations.actions.reading.mark", _dies)
        conversations.read()
    assert Receipt.objects.get(pk=kept.pk).state == "waiting" and lying(kept.pk)[0]
    assert conversations.read() == 1 and lying(kept.pk) == (None, True) and Message.objects.count() == 1


def _dies(*args: Any, **options: Any) -> None:
    raise KeyboardInterrupt


def test_while_the_release_before_is_at_work_it_reads_what_we_store(
    both: None, chat: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, _ = conversations.keep(chat.box, "m0", RAW | {"id": "m0"})
    theirs, mail = hooked(RAW, box=chat.box.name), mailed()
    assert lying(ours.pk)[0] and MARK in str(lying(ours.pk)[0]) and files() == [MAIL] and content(mail) == MAIL
    assert conversations.read() == 2 and actions.seal_older() == 0 and conversations.seal_files() == 0
    assert lying(ours.pk)[0] and lying(theirs.pk)[0], "it may read them once more"
    sql("UPDATE conversations_receipt SET raw = '{}' WHERE id = %s", [theirs.pk])  # as it erases
    monkeypatch.setattr(actions, "older_at_work", list)
    assert actions.seal_older() == 5 and conversations.seal_files() == 1  # with who wrote, and their thread
    assert lying(ours.pk) == (None, True) and lying(theirs.pk) == (None, False)
    assert Receipt.objects.get(pk=theirs.pk).raw == {} and Receipt.objects.get(pk=ours.pk).raw["text"] == RAW["text"]
    mail.refresh_from_db()
    assert content(mail) == MAIL and unsealed_files().count() == 0


def test_odd_rows_of_before_are_sealed_and_the_task_comes_to_an_end(town: object) -> None:
    for name, raw in (("a", "null"), ("b", "{}"), ("c", "[1]"), ("d", '"x"'), ("e", '{"n": 1}')):
        sql(
            "INSERT INTO conversations_receipt (inbox_id, external_id, at, raw, state, trouble)"
            " VALUES (%s, %s, now(), %s, 'read', '')",
            [inbox("web").pk, name, raw],
        )
    assert actions.seal_older() == 5 and actions.seal_older() == 0
    assert [one.raw for one in Receipt.objects.order_by("external_id")] == [{}, {}, [1], "x", {"n": 1}]
    assert not Receipt.objects.filter(raw_plain__isnull=False).exists()


def test_a_receipt_laid_beside_another_does_not_open(town: object) -> None:
    one, _ = conversations.keep(inbox("web"), "a", RAW)
    other, _ = conversations.keep(inbox("web"), "b", {"n": 1})
    sql(
        "UPDATE conversations_receipt SET raw_sealed = (SELECT raw_sealed FROM conversations_receipt WHERE id = %s)"
        " WHERE id = %s",
        [one.pk, other.pk],
    )
    with pytest.raises(envelope.SealError):
        _ = Receipt.objects.get(pk=other.pk).raw


def test_a_mail_lies_sealed_by_a_key_of_its_own(town: object) -> None:
    one, other = mailed(), mailed("c@d")
    assert one.blob != other.blob and content(one) == content(other) == MAIL
    for lies in files():
        assert MARK.encode() not in lies and b"vi-du" not in lies
    assert one.blob_key != other.blob_key and len(one.blob_key) == envelope.KEY
    with default_storage.open(other.blob) as file:
        data = file.read()
    default_storage.delete(one.blob)
    default_storage.save(one.blob, ContentFile(data))
    with pytest.raises(envelope.SealError):
        content(one)
    assert content(mailed("e@f", b"")) == b""


def test_a_file_of_a_try_that_died_is_written_again(town: object) -> None:
    name, key = blobs.place(inbox("web").pk, "a@b", MAIL)
    blobs.store(name, MAIL, key)  # whose receipt was never committed
    assert content(mailed()) == MAIL and len(files()) == 1


def test_mails_of_before_are_sealed_and_nothing_is_lost_on_the_way(
    town: object, monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    rows = []
    shared = default_storage.save("receipts/aa/shared", ContentFile(MAIL))
    for name, blob in (("a", shared), ("b", shared), ("c", "receipts/no/where")):
        made, _ = conversations.keep(inbox("web"), name, {"uid": 1}, blob=blob)
        rows.append(made)
    with monkeypatch.context() as dying, suppress(KeyboardInterrupt):
        dying.setattr(Receipt, "save", _dies)
        conversations.seal_files()
    assert content(Receipt.objects.get(pk=rows[0].pk)) == MAIL
    with django_capture_on_commit_callbacks(execute=True):
        assert conversations.seal_files() == 2 and conversations.seal_files() == 0
    for made in rows[:2]:
        made.refresh_from_db()
        assert content(made) == MAIL
    assert not any(MARK.encode() in lies for lies in files()) and unsealed_files().count() == 1, "one has no file"


def test_keys_change_and_receipts_and_files_go_on(town: object) -> None:
    kept, mail = conversations.keep(inbox("web"), "a", RAW)[0], mailed()
    lies = files()
    before = queries.sealing("identities")[0]
    actions.rotate("identities")
    queries.forget()
    assert receipt(inbox("web"), "a").raw == RAW
    assert actions.drop_retired("identities", after=timedelta(0)) == 0
    assert actions.reseal("identities") == 3 and actions.drop_retired("identities", after=timedelta(0)) == 1
    queries.forget()
    assert not DataKey.objects.filter(pk=before).exists() and files() == lies
    assert Receipt.objects.get(pk=kept.pk).raw == RAW and content(Receipt.objects.get(pk=mail.pk)) == MAIL


def test_whoever_stands_only_in_what_came_in_is_erased_from_it(
    town: object, django_capture_on_commit_callbacks: Any
) -> None:
    person = Contact.objects.create(name=MARK, phone=PHONE, email="bao@vi-du.vn")
    report, _ = conversations.keep(inbox("web"), "r", {"to": "0912000188"})
    older = hooked({"to": "84912000188"}, name="o")
    bounce = mailed("bounce", b"Final-Recipient: rfc822; Bao@vi-du.vn\r\n")
    other, stays = conversations.keep(inbox("web"), "x", {"to": "0912000189"})[0], mailed("stays")
    identity = identity_of([person.pk])
    assert traces(identity)["conversations_receipt"] == 4
    thread = conversations.begin(inbox("web"), "said", RAW, "Đèn", {"name": "B"}, by=citizen(), at=now())
    Message.objects.create(conversation=thread, inbound=True, text="Đèn", receipt=stays)
    with django_capture_on_commit_callbacks(execute=True):
        assert erase_person([person.pk], identity)["conversations.receipt"] == 3
    for row_ in (report, older, bounce):
        row_.refresh_from_db()
        assert (row_.raw, row_.blob, lying(row_.pk)) == ({}, "", (None, False))
    assert not default_storage.exists(bounce.blob) or bounce.blob == ""
    assert Receipt.objects.get(pk=other.pk).raw == {"to": "0912000189"} and content(stays) == MAIL
    assert traces(identity)["conversations_receipt"] == 1, "another's mail that names them"


def test_two_seal_at_once_and_none_waits_for_the_other(transactional_db: None, town: object) -> None:
    kept = [hooked({"n": n}, name=f"n{n}").pk for n in range(4)]
    with transaction.atomic():
        Receipt.objects.select_for_update().get(pk=kept[1])
        assert _elsewhere(actions.seal_older) == 3
    assert actions.seal_older() == 1
    assert [one.raw for one in Receipt.objects.order_by("pk")] == [{"n": n} for n in range(4)]


def _elsewhere(function: Any) -> Any:
    def run() -> Any:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(30)
