"""One person over several channels: on proof, or because an operator says so; never guessed; undone without loss.

Proves: Contacts joined by proof, un-joined without loss"""

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Contact, ContactNote, Joining
from caunoi.events.actor import SYSTEM, NotAllowedError, Role
from caunoi.events.models import Event
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter

NUMBER = "+84912000111"


@pytest.fixture
def desk(town):
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["lan"])
    return client


def person(name, **more):
    return Contact.objects.create(name=name, **more)


def test_two_numbers_that_providers_vouch_for_are_one_person(db):
    first, second = person("Tư"), person("Tư Demo")
    actions.vouch(first, NUMBER)
    actions.vouch(second, NUMBER)
    assert queries.one_person([second.pk]) == {first.pk, second.pk}
    assert Joining.objects.get().proof == "phone"


def test_a_number_that_somebody_typed_joins_nobody(chat):
    typed = person("Tư", phone=NUMBER)
    chat.write("Xin chào", phone=NUMBER)
    assert queries.one_person([typed.pk]) == {typed.pk}
    assert [(c.pk, why) for c, why in queries.candidates(chat.thread().contact, SYSTEM)] == [(typed.pk, "phone")]


def test_an_operator_joins_and_parts_and_nothing_is_lost(desk, town):
    a, b, c = (person(name, phone=NUMBER) for name in "abc")
    for one in (a, b):
        report = Report(text=f"Đèn tắt {one.name}", channel="web", once=one.name, reporter=Reporter(name=one.name))
        ticket = tickets.take(report, by=town.lan)
        type(ticket).objects.filter(pk=ticket.pk).update(contact=one)
    page = desk.get(f"/desk/people/{a.pk}/").content.decode()
    assert "May be the same person" in page and "Đèn tắt b" not in page
    desk.post(f"/desk/people/{a.pk}/join", {"with": b.pk})
    desk.post(f"/desk/people/{b.pk}/join", {"with": c.pk})
    assert queries.one_person([c.pk]) == {a.pk, b.pk, c.pk}
    assert "Đèn tắt b" in desk.get(f"/desk/people/{c.pk}/").content.decode()
    first = Joining.objects.get(contact=a)
    desk.post(f"/desk/people/{a.pk}/part", {"joining": first.pk})
    assert queries.one_person([a.pk]) == {a.pk} and queries.one_person([c.pk]) == {b.pk, c.pk}
    assert "Đèn tắt b" not in desk.get(f"/desk/people/{a.pk}/").content.decode()
    assert Joining.objects.get(pk=first.pk).undone_by == "lan"


def test_what_a_person_parted_the_product_does_not_join_again(db, town):
    first, second = person("Tư"), person("Tư")
    actions.vouch(first, NUMBER)
    actions.vouch(second, NUMBER)
    actions.part(Joining.objects.get(), by=town.lan)
    assert actions.join(second, first, proof="phone", by=SYSTEM) is None
    assert actions.join(second, first, proof="operator", by=town.lan)
    with pytest.raises(NotAllowedError):
        actions.join(second, first, proof="operator", by=town.minh)


def test_a_name_and_a_language_are_corrected_and_what_a_provider_vouched_for_stays(desk, town):
    tu = person("Từ", phone=NUMBER, verified=now())
    page = desk.post(f"/desk/people/{tu.pk}/correct", {"name": "Tư (demo)", "language": "sti"}, follow=True)
    assert "Tư (demo)" in page.content.decode() and "S&#x27;Tiêng" in page.content.decode()
    actions.correct(tu, by=town.lan, phone="+84900000000")
    tu.refresh_from_db()
    assert (tu.name, tu.language, tu.phone) == ("Tư (demo)", "sti", NUMBER)
    event = Event.objects.get(kind="contact.correct")
    assert event.by == "lan" and event.data["fields"] == ["language", "name"]
    desk.post(f"/desk/people/{tu.pk}/correct", {"name": "Tư (demo)", "language": "xx"})
    tu.refresh_from_db()
    assert tu.language == "sti" and Event.objects.filter(kind="contact.correct").count() == 1
    with pytest.raises(NotAllowedError):
        actions.correct(tu, by=town.minh, name="Khác")


def test_a_note_stands_with_each_contact_of_a_person_and_goes_by_its_writer_or_a_supervisor(desk, town):
    first, second = person("Tư"), person("Tư Demo")
    actions.join(second, first, proof="operator", by=town.lan)
    assert "Write what to know first." in desk.post(f"/desk/people/{first.pk}/note", {"text": " "}).content.decode()
    long = desk.post(f"/desk/people/{first.pk}/note", {"text": "x" * 1001}).content.decode()
    assert "This note is too long." in long and "x" * 1001 in long
    desk.post(f"/desk/people/{first.pk}/note", {"text": "Nói chậm, con gái nghe giúp."})
    note = ContactNote.objects.get()
    assert "Nói chậm" in desk.get(f"/desk/people/{second.pk}/").content.decode()
    User.objects.filter(pk=town.users["thu"].pk).update(role=Role.OPERATOR)
    colleague = Client(headers={"accept-language": "en"})
    colleague.force_login(User.objects.get(pk=town.users["thu"].pk))
    strike, this = f"/desk/people/{first.pk}/strike", {"note": note.pk}
    assert strike in desk.get(f"/desk/people/{first.pk}/").content.decode()
    page = colleague.get(f"/desk/people/{first.pk}/").content.decode()
    assert "Nói chậm" in page and strike not in page
    assert colleague.post(strike, this).status_code == 403 and ContactNote.objects.exists()
    tam = Client()
    tam.force_login(town.users["tam"])
    assert tam.post(strike, this).status_code == 302 and not ContactNote.objects.exists()
    assert desk.post(strike, this).status_code == 404


def test_whose_names_a_page_shows_is_written_down(desk, town):
    first, joined, other = person("Tư", phone=NUMBER), person("Tư Demo"), person("Năm", phone=NUMBER)
    actions.join(joined, first, proof="operator", by=town.lan)
    desk.get(f"/desk/people/{first.pk}/")
    shown = Event.objects.filter(kind="identity.show", subject="showing.contact").values_list("subject_id", flat=True)
    assert set(shown) == {first.pk, joined.pk, other.pk}


def test_who_is_erased_leaves_no_note_and_no_language(town):
    tu = person("Tư", language="sti")
    actions.note_person(tu, "Nói chậm.", by=town.lan)
    counts = actions.erase_person([tu.pk], actions.identity_of([tu.pk]))
    tu.refresh_from_db()
    assert counts["conversations.contactnote"] == 1 and not ContactNote.objects.exists() and tu.language == ""
