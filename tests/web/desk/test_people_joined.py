"""One person over several channels: on proof, or because an operator says so; never guessed; undone without loss.

Proves: Contacts joined by proof, un-joined without loss"""

import pytest
from django.test import Client

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Contact, Joining
from caunoi.events.actor import SYSTEM, NotAllowedError
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
