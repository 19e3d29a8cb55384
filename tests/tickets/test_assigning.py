"""Whose a ticket is at the centre: one's at a time, told in its history, and no right."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi import moves
from caunoi.accounts.models import User
from caunoi.conversations.models import Conversation
from caunoi.events.actor import SYSTEM, NotAllowedError, citizen
from caunoi.events.models import Event
from caunoi.tickets import actions, assigning, queries
from caunoi.tickets.models import Assignment
from caunoi.tickets.queries import Filters
from caunoi.tickets.report import Report


@pytest.fixture
def new(town):
    return report("a")


@pytest.fixture
def two(town):
    return [report("b"), report("c")]


def report(once):
    return actions.take(Report(text="Đèn đường tắt", channel="web", once=once), by=citizen())


def whose(ticket):
    row = Assignment.objects.filter(ticket=ticket).first()
    return (row.assignee.username, row.snoozed is not None) if row else None


def told(ticket):
    kinds = ["ticket.assign", "ticket.release", "ticket.snooze", "ticket.wake"]
    rows = Event.objects.filter(subject_id=ticket.pk, kind__in=kinds).order_by("id")
    return [(row.kind.removeprefix("ticket."), row.data.get("assignee", "")) for row in rows]


def codes(by, **filters):
    return {ticket.code for ticket in queries.listed(by, Filters(**filters))}


def test_who_takes_it_second_is_told_who_has_it(town, new):
    lan, mai = town.users["lan"], User.objects.create(username="mai", full_name="Mai", role="operator")
    assigning.assign(new, lan, by=town.lan, seen=None)
    with pytest.raises(assigning.TakenError) as taken:
        assigning.assign(new, mai, by=town.lan, seen=None)
    assert taken.value.assignee == lan and whose(new) == ("lan", False)
    assigning.assign(new, mai, by=town.lan, seen=lan.pk)
    assigning.assign(new, mai, by=town.lan, seen=mai.pk)  # it is already
    assigning.assign(new, None, by=town.lan, seen=mai.pk)
    assert whose(new) is None
    assert told(new) == [("assign", "lan"), ("assign", "mai"), ("release", "mai")]


def test_others_than_the_centre_change_nothing(town, new):
    for by in (town.minh, citizen(new.pk)):
        with pytest.raises(NotAllowedError):
            assigning.assign(new, town.users["minh"], by=by, seen=None)
        with pytest.raises(NotAllowedError):
            assigning.snooze(new, now() + timedelta(hours=1), by=by)
    assert whose(new) is None


def test_what_is_put_off_is_not_among_the_work_until_its_time(town, new):
    assigning.snooze(new, now() + timedelta(hours=1), by=town.lan)
    assert whose(new) == ("lan", True)
    assert new.code not in codes(town.lan, states=frozenset({"new"}), awake=True)
    assert codes(town.lan, whose="snoozed") == codes(town.lan, whose="mine") == {new.code}
    assert queries.workload() == {town.users["lan"].pk: (1, 1)}
    Assignment.objects.update(snoozed=now() - timedelta(seconds=1))
    assert new.code in codes(town.lan, states=frozenset({"new"}), awake=True)
    assigning.snooze(new, None, by=town.lan)
    assert told(new) == [("snooze", ""), ("wake", "")] and queries.workload() == {town.users["lan"].pk: (1, 0)}


def test_a_citizen_who_writes_wakes_what_is_put_off(town, new):
    assigning.snooze(new, now() + timedelta(hours=1), by=town.lan)
    Conversation.objects.filter(pk=new.conversation_id).update(unread=False)
    assert new.code not in codes(town.lan, awake=True)
    Conversation.objects.filter(pk=new.conversation_id).update(unread=True)
    assert new.code in codes(town.lan, awake=True)


@pytest.mark.parametrize("until", [timedelta(0), timedelta(hours=-1), timedelta(days=31)])
def test_nothing_is_put_off_into_the_past_or_for_ever(town, new, until):
    with pytest.raises(assigning.BadTimeError):
        assigning.snooze(new, now() + until, by=town.lan)
    assert whose(new) is None


def test_whoever_begins_with_it_has_it_and_keeps_what_a_colleague_has(town, new):
    moves.perform("accept", [new], by=town.lan, move_input={"category": town.lamps})
    assert whose(new) == ("lan", False) and told(new) == []
    moves.perform("ask", [new], by=town.tam, move_input={"question": "Cột số mấy?"})
    assert whose(new) == ("lan", False)


def test_the_product_itself_has_nothing(town, new):
    moves.perform("accept", [new], by=SYSTEM, move_input={"category": town.lamps})
    assert whose(new) is None


def test_all_of_ones_go_to_another_at_the_shifts_end(town, new, two):
    for ticket in (new, *two):
        assigning.assign(ticket, town.users["lan"], by=town.lan, seen=None)
    assert assigning.hand_on(town.users["lan"], town.users["tam"], by=town.tam) == 3
    assert {whose(ticket) for ticket in (new, *two)} == {("tam", False)}
    assert codes(town.lan, whose="mine") == set() and codes(town.lan, whose="nobody") == set()


def test_what_a_colleague_takes_while_all_of_ones_are_given_on_stays_theirs(town, new, two, monkeypatch):
    lan, tam = town.users["lan"], town.users["tam"]
    for ticket in (new, *two):
        assigning.assign(ticket, lan, by=town.lan, seen=None)
    locked = assigning._locked

    def meanwhile(ticket):
        if ticket == new:
            Assignment.objects.filter(ticket=two[0]).update(assignee=town.users["thu"])
        return locked(ticket)

    monkeypatch.setattr(assigning, "_locked", meanwhile)
    assert assigning.hand_on(lan, tam, by=town.tam) == 2
    assert [whose(ticket)[0] for ticket in (new, *two)] == ["tam", "thu", "tam"]
