"""Who wrote lies sealed, and is found as before: rows of before and of now, while both releases are at work, and while
keys change."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils.timezone import now

from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import correct, vouch
from caunoi.conversations.actions.erasing import erase_person, identity_of
from caunoi.conversations.models import Contact, Conversation, Inbox
from caunoi.events.actor import SYSTEM, citizen
from caunoi.host import guard
from caunoi.lib.crypto import envelope
from caunoi.privacy.queries import traces
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries as tickets_queries
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.vault import actions, blind, queries
from caunoi.vault.models import DataKey
from tests.sealing import sql

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("nothing_remembered")]
NAME, PHONE, MAIL, PLACE = "Điểu Thị Lệ Hằng", "+84912000199", "Le.Hang@vi-du.vn", "12 Hẻm Thử"
WHO = {"name": NAME, "phone": PHONE, "email": MAIL, "address": PLACE}
PLAIN = ("name", "phone", "email", "address")


def lying(pk: int) -> tuple[Any, ...]:
    """The unsealed columns as they lie."""
    return tuple(sql(f"SELECT {', '.join(PLAIN)} FROM conversations_contact WHERE id = %s", [pk])[0])


def everything(pk: int) -> str:
    """A row as a dump shows it, and the bytes of it as text."""
    [(shown, sealed)] = sql("SELECT c::text, name_sealed FROM conversations_contact c WHERE id = %s", [pk])
    return str(shown) + bytes(sealed).decode("latin-1")


def older(**values: str) -> Contact:
    """Somebody written by the release before."""
    row = {"name": "", "phone": "", "email": "", "address": "", **values}
    [(pk,)] = sql(
        "INSERT INTO conversations_contact (name, phone, email, address) VALUES (%s, %s, %s, %s) RETURNING id",
        [row[name] for name in PLAIN],
    )
    return Contact.objects.get(pk=pk)


def by_phone(number: str = PHONE) -> list[int]:
    return sorted(Contact.objects.filter(blind.equal(Contact, "phone", number)).values_list("pk", flat=True))


def by_mail(address: str = MAIL) -> list[int]:
    return sorted(Contact.objects.filter(blind.equal(Contact, "email", address)).values_list("pk", flat=True))


def by_words(text: str) -> list[int]:
    return sorted(Contact.objects.filter(blind.worded(Contact, "words", text)).values_list("pk", flat=True))


def whole(pk: int) -> dict[str, str]:
    row = Contact.objects.get(pk=pk)
    return {name: getattr(row, name) for name in PLAIN}


def test_a_person_lies_sealed_and_is_found(town: object) -> None:
    row = Contact.objects.create(**WHO)
    assert lying(row.pk) == (None, None, None, None) and whole(row.pk) == WHO
    shown = everything(row.pk)
    for mark in (NAME, "Hằng", PHONE, PHONE[3:], MAIL, "vi-du", PLACE):
        assert mark not in shown
    assert by_phone() == by_mail() == by_mail(MAIL.lower()) == [row.pk]
    for text in ("hằng", "le hang", "HẰNG LỆ", "điểu", "dieu thi", MAIL, "vi-du.vn"):
        assert by_words(text) == [row.pk], text
    for text in ("han", "hằng nga", "", "–", "%", "12"):
        assert by_words(text) == [], text
    assert by_phone("") == by_phone("+84912000198") == by_mail("") == by_mail("hang@vi-du.vn") == []


def test_letters_composed_in_any_way_are_the_same_word_and_address() -> None:
    row = Contact.objects.create(name="Hằng", email="hằng@vi-du.vn")
    assert by_words("Hằng") == by_mail("HẰNG@vi-du.vn") == [row.pk]


def test_a_number_is_not_changed_without_what_it_is_found_by() -> None:
    row = Contact.objects.create(**WHO)
    row.phone = "+84912000200"
    for change in (
        lambda: Contact.objects.update(phone="+84912000200"),
        lambda: Contact.objects.bulk_update([row], ["phone"]),
    ):
        with pytest.raises(TypeError, match="save the row"), transaction.atomic():
            change()
    assert by_phone() == [row.pk]


def test_nobody_is_nothing_and_found_by_nothing() -> None:
    row = Contact.objects.create()
    assert sql(
        "SELECT num_nulls(name, name_sealed, phone, phone_sealed, phone_index, email_index, words)"
        " FROM conversations_contact WHERE id = %s",
        [row.pk],
    ) == [(7,)]
    assert whole(row.pk) == dict.fromkeys(PLAIN, "") and str(Contact.objects.get(pk=row.pk)) == "–"


def test_the_same_number_of_two_people_is_sealed_in_two_ways_and_their_columns_do_not_tell_of_each_other() -> None:
    Contact.objects.create(phone=PHONE)
    Contact.objects.create(phone=PHONE, email=PHONE)
    assert len(set(sql("SELECT phone_sealed FROM conversations_contact"))) == 2
    rows = sql("SELECT DISTINCT phone_index, email_index FROM conversations_contact WHERE email_index IS NOT NULL")
    assert len(rows) == 1 and rows[0][0] != rows[0][1]


def test_what_is_saved_in_part_takes_its_indexes_along() -> None:
    row = Contact.objects.create(**WHO)
    row = Contact.objects.get(pk=row.pk)
    vouch(row, "+84912000200")
    assert by_phone() == [] and by_phone("+84912000200") == [row.pk]
    correct(Contact.objects.get(pk=row.pk), by=citizen(), name="Bà Sáu", email="")
    assert by_words("hằng") == [] and by_words("sáu ba") == [row.pk] and by_mail() == []
    assert whole(row.pk) == {**WHO, "name": "Bà Sáu", "phone": "+84912000200", "email": ""}
    row = Contact.objects.get(pk=row.pk)
    row.consent = 3
    row.save()  # nothing was opened
    assert by_phone("+84912000200") == by_words("bà sáu") == [row.pk] and whole(row.pk)["address"] == PLACE


def test_a_row_of_which_a_part_was_read_is_saved_with_its_indexes() -> None:
    for pk in (Contact.objects.create(**WHO).pk, older(**WHO).pk):
        row = Contact.objects.only("name").get(pk=pk)
        row.name = "Bà Sáu"
        row.save()
        assert whole(pk) == {**WHO, "name": "Bà Sáu"} and by_words("sáu bà canary") == [] and pk in by_words("sáu bà")
        if lying(pk)[1]:
            actions.seal_older()
        assert pk in by_phone() and pk in by_mail()


def test_a_report_is_found_by_its_number_however_it_was_written(town: object) -> None:
    first = tickets.take(Report(text="Đèn", channel="web", once="1", reporter=Reporter(**WHO)), by=SYSTEM)
    second = older(**WHO)
    thread = Conversation.objects.create(inbox=Inbox.objects.first(), contact=second, address="x", loose=True)
    Ticket.objects.filter(pk=first.pk).update(conversation=thread)
    found = tickets_queries.of_phone("0912 000 199", SYSTEM)
    assert found == [first] and found[0].contact.name == NAME and lying(first.contact_id) == (None,) * 4
    assert [one.pk for one in tickets_queries.listed(SYSTEM, tickets_queries.Filters(text="0912000199"))] == [first.pk]
    assert [(one.pk, why) for one, why in conversations.candidates(first.contact, SYSTEM)] == [(second.pk, "phone")]
    for text in ("Hằng", "0912000199", MAIL):
        assert conversations.loose(SYSTEM, text) == [thread], text
    actions.seal_older()
    assert lying(second.pk) == (None,) * 4
    for text in ("hang", "0912000199", MAIL.lower()):
        assert conversations.loose(SYSTEM, text) == [thread], text
    assert [(one.pk, why) for one, why in conversations.candidates(first.contact, SYSTEM)] == [(second.pk, "phone")]


def test_older_rows_are_read_found_and_saved_unopened(town: object) -> None:
    row = older(**WHO)
    assert whole(row.pk) == WHO and by_phone() == by_mail() == by_words("Hằng") == [row.pk]
    row.consent = 2
    row.save()
    assert whole(row.pk) == WHO and by_phone() == [row.pk]
    correct(Contact.objects.get(pk=row.pk), by=citizen(), name="Bà Sáu")
    assert lying(row.pk) == (None, PHONE, MAIL, PLACE) and whole(row.pk) == {**WHO, "name": "Bà Sáu"}
    correct(Contact.objects.get(pk=row.pk), by=citizen(), phone="")
    assert by_phone() == [] and whole(row.pk)["phone"] == ""
    assert actions.seal_older() == 1 and lying(row.pk) == (None,) * 4
    assert whole(row.pk) == {**WHO, "name": "Bà Sáu", "phone": ""} and by_mail() == by_words("sau") == [row.pk]
    assert actions.seal_older() == 0


def test_while_the_release_before_is_at_work_it_finds_what_we_write_and_we_what_it_writes(both: None) -> None:
    row = Contact.objects.create(**WHO)
    assert lying(row.pk) == (NAME, PHONE, MAIL, PLACE) and by_phone() == by_words("Hằng") == [row.pk]
    assert actions.seal_older() == 0 and lying(row.pk) == (NAME, PHONE, MAIL, PLACE)
    sql("UPDATE conversations_contact SET phone = '+84912000222', name = 'Bà Sáu' WHERE id = %s", [row.pk])
    assert whole(row.pk)["phone"] == "+84912000222" and whole(row.pk)["name"] == "Bà Sáu"
    assert by_phone() == [] and by_phone("+84912000222") == [row.pk]
    correct(Contact.objects.get(pk=row.pk), by=citizen(), email="")
    assert lying(row.pk) == ("Bà Sáu", "+84912000222", "", PLACE) and by_mail() == []


def test_what_the_release_before_erased_does_not_come_back(both: None, monkeypatch: pytest.MonkeyPatch) -> None:
    row = Contact.objects.create(**WHO)
    sql("UPDATE conversations_contact SET name = '', phone = '', email = '', address = '' WHERE id = %s", [row.pk])
    assert whole(row.pk) == dict.fromkeys(PLAIN, "") and by_phone() == by_mail() == []
    monkeypatch.setattr(actions, "older_at_work", list)
    assert actions.seal_older() == 1
    assert sql(
        "SELECT num_nonnulls(name, name_sealed, phone_sealed, email_sealed, address_sealed, phone_index, words)"
        " FROM conversations_contact WHERE id = %s",
        [row.pk],
    ) == [(0,)]
    assert whole(row.pk) == dict.fromkeys(PLAIN, "")


def test_once_no_older_process_is_at_work_all_is_sealed_for_good(both: None, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Contact.objects.create(**WHO).pk, older(**WHO).pk]
    actions.seal_older()
    assert [lying(pk)[0] for pk in rows] == [NAME, NAME]
    monkeypatch.setattr(actions, "older_at_work", list)
    assert actions.seal_older() == 2
    assert [lying(pk) for pk in rows] == [(None,) * 4] * 2 and by_phone() == by_words("Hằng") == rows
    assert lying(Contact.objects.create(**WHO).pk) == (None,) * 4
    actions.rotate("identities")
    queries.forget()
    assert lying(Contact.objects.create(**WHO).pk) == (None,) * 4


def test_who_is_at_work_is_asked_and_where_nobody_can_be_seen_a_day_passes_first(
    monkeypatch: pytest.MonkeyPatch, time_machine: Any
) -> None:
    for seen, waited in (
        ((["caunoi web (b)"], ["caunoi worker g2 (a)"]), ["caunoi web (b)"]),
        (([], ["caunoi worker g2 (a)"]), []),
        (([], []), ["?"]),
    ):
        monkeypatch.setattr(guard, "generations", lambda server, seen=seen: seen)
        assert actions.older_at_work() == waited
    time_machine.move_to(now() + timedelta(days=2))
    assert actions.older_at_work() == []


def test_a_task_that_is_killed_loses_nothing_and_the_next_goes_on(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [
        older(
            **WHO,
        ).pk
        for _ in range(5)
    ]
    monkeypatch.setattr(actions, "BATCH", 2)
    saved, save = list[int](), Contact.save

    def dies(self: Contact, **options: Any) -> None:
        if len(saved) == 3:
            raise KeyboardInterrupt
        saved.append(self.pk)
        save(self, **options)

    monkeypatch.setattr(Contact, "save", dies)
    with pytest.raises(KeyboardInterrupt):
        actions.seal_older()
    monkeypatch.setattr(Contact, "save", save)
    assert [lying(pk)[0] for pk in rows] == [None, None, NAME, NAME, NAME]
    assert by_phone() == by_words("Hằng") == rows and [whole(pk) for pk in rows] == [WHO] * 5
    assert actions.seal_older() == 3 and by_phone() == rows


def test_a_row_that_cannot_be_sealed_is_named_and_stops_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    bad, good = older(**WHO), older(**WHO)
    save = Contact.save

    def refuses(self: Contact, **options: Any) -> None:
        if self.pk == bad.pk:
            raise IntegrityError
        save(self, **options)

    monkeypatch.setattr(Contact, "save", refuses)
    with pytest.raises(envelope.SealError, match=f"1 rows of conversations_contact cannot be sealed, first {bad.pk}"):
        actions.seal_older()
    assert lying(good.pk) == (None,) * 4 and by_phone() == [bad.pk, good.pk]


def test_indexes_change_their_key_and_everybody_is_found_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [Contact.objects.create(**WHO).pk, older(**WHO).pk]
    before = queries.indexing()[0]
    fresh = actions.rotate("index").pk
    assert queries.indexing()[0] == before  # this process does not know of it
    queries.forget()
    assert queries.indexing()[0] == before, "others may not know of it"
    rows.append(Contact.objects.create(**WHO).pk)
    assert by_phone() == by_mail() == by_words("Hằng") == rows
    monkeypatch.setattr(queries, "SPREAD", timedelta(0))
    assert queries.indexing()[0] == fresh
    rows.append(Contact.objects.create(**WHO).pk)
    assert by_phone() == by_mail() == by_words("Hằng") == rows, "under both keys"
    done = list[tuple[str, int]]()
    assert actions.reseal("index", lambda column, count: done.append((column, count))) == 2 * 3
    assert actions.reseal("index") == 0 and {column for column, count in done if count} == {
        "conversations_contact.phone_index",
        "conversations_contact.email_index",
        "conversations_contact.words",
    }
    assert by_phone() == by_mail() == by_words("Hằng") == rows
    assert actions.drop_retired("index") == 0 and actions.drop_retired("index", after=timedelta(0)) == 1
    queries.forget()
    assert by_phone() == by_words("Hằng") == rows and actions.seal_older() == 1 and by_phone() == rows


def test_a_key_of_indexes_that_rows_are_found_by_is_not_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    Contact.objects.create(**WHO)
    actions.rotate("index")
    queries.forget()
    actions.tidy()  # others may not know of it
    assert actions.drop_retired("index", after=timedelta(0)) == 0
    monkeypatch.setattr(queries, "SPREAD", timedelta(0))
    actions.tidy()
    assert actions.drop_retired("index", after=timedelta(0)) == 1 and len(by_phone()) == 1


def test_identities_are_sealed_anew_and_found_by_what_they_were() -> None:
    row = Contact.objects.create(**WHO)
    empty, old = Contact.objects.create(), older(**WHO)
    before = queries.sealing("identities")[0]
    actions.rotate("identities")
    queries.forget()
    assert whole(row.pk) == WHO and actions.reseal("identities") == 4 and actions.reseal("identities") == 0
    assert actions.drop_retired("identities", after=timedelta(0)) == 1
    queries.forget()
    assert not DataKey.objects.filter(pk=before).exists()
    assert whole(row.pk) == whole(old.pk) == WHO and whole(empty.pk)["name"] == ""
    assert by_phone() == [row.pk, old.pk]


def test_a_row_that_was_loaded_before_it_was_sealed_is_saved_without_loss() -> None:
    row = older(**WHO)
    mine, yours = Contact.objects.get(pk=row.pk), Contact.objects.get(pk=row.pk)
    assert actions.seal_older() == 1
    mine.consent = 1
    mine.save()  # as it was: unsealed
    assert whole(row.pk) == WHO and by_phone() == [row.pk]
    correct(yours, by=citizen(), email="moi@vi-du.vn")
    assert whole(row.pk) == {**WHO, "email": "moi@vi-du.vn"} and by_mail("moi@vi-du.vn") == [row.pk] and by_mail() == []
    actions.seal_older()
    assert whole(row.pk) == {**WHO, "email": "moi@vi-du.vn"} and by_phone() == by_words("moi hang") == [row.pk]


def test_whoever_is_erased_is_found_no_more(town: object) -> None:
    for make in (Contact.objects.create, older):
        row = make(**WHO)
        Conversation.objects.create(inbox=Inbox.objects.first(), contact=row, address=f"once-{row.pk}")
        identity = identity_of([row.pk])
        assert identity.names == {NAME} and identity.phones == {PHONE} and identity.emails == {MAIL}
        assert traces(identity)["conversations_contact"] == 1
        erase_person([row.pk], identity)
        assert "conversations_contact" not in traces(identity) and by_phone() == by_mail() == by_words("Hằng") == []
        assert sql(
            "SELECT num_nonnulls(name, name_sealed, phone_sealed, phone_index, words) FROM conversations_contact"
            " WHERE id = %s",
            [row.pk],
        ) == [(0,)]
        assert actions.seal_older() == 0


def test_two_seal_at_once_and_none_waits_for_the_other(transactional_db: None) -> None:
    rows = [older(**WHO).pk for _ in range(4)]
    with transaction.atomic():
        Contact.objects.select_for_update().get(pk=rows[1])
        done = _elsewhere(actions.seal_older)
        assert done == 3
    assert actions.seal_older() == 1 and by_phone() == rows


def _elsewhere(function: Any) -> Any:
    def run() -> Any:
        try:
            return function()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        return pool.submit(run).result(30)
