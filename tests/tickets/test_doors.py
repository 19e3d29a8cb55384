"""What of a person's threads, messages, calls and call-backs one of the centre's staff sees beside a denunciation: all
of it that is about something else, and nothing that is about that."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pytest
from django.db.models import Model
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback, Contact, Conversation, Enclosure, Message, Outgoing
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.visibility import visible
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Exchange, Ticket
from caunoi.tickets.report import Report, Reporter

MODELS: tuple[type[Model], ...] = (Conversation, Message, Enclosure, Outgoing, Contact, Call, Callback)


@pytest.fixture
def said(town: SimpleNamespace) -> dict[str, list[Model]]:
    """Who reported a lamp (`open`), who denounced somebody (`closed`), and who did both in one thread: of that the
    words about the lamp and the person are `open`, the rest is `closed`."""
    rows: dict[str, list[Model]] = {"open": [], "closed": []}
    numbers = iter(range(100))
    box, phone = make_inbox("zalo", "zalo"), make_inbox("phone", "phone")

    def ticket(name: str, *, restricted: bool) -> Ticket:
        reporter = Reporter(name=name, phone=f"+8490000{next(numbers):04}")
        report = Report(text=name, channel="zalo", once=name, area_id=town.ward.pk, reporter=reporter)
        made = tickets.take(report, by=citizen())
        Ticket.objects.filter(pk=made.pk).update(restricted=restricted)
        return made

    def words(where: Conversation, about: Ticket | None, see: str) -> None:
        message = Message.objects.create(conversation=where, inbound=True, text="Chào")
        if about:
            Exchange.objects.create(message=message, ticket=about, sort="report")
        enclosure = Enclosure.objects.create(message=message, kind="image")
        sent = [
            Outgoing.objects.create(
                once=f"o{next(numbers)}", inbox=box, conversation=where, message=on, address="z", text="Đáp"
            )
            for on in ([message] if about else [message, None])
        ]
        rows[see] += [message, enclosure, *sent, *(back(see, about=row) for row in sent)]

    def call(see: str, *about: Ticket) -> Call:
        made = Call.objects.create(
            inbox=phone, call_id=f"c{next(numbers)}", facts={}, direction="in", phone="+84900000000", began=now()
        )
        for each in about:
            tickets.link_call(each, made, by=town.tam)
        rows[see] += [made, back(see, about=made)]
        return made

    def back(see: str, *, about: Model | None = None, of: Contact | None = None) -> Callback:
        made = Callback.objects.create(
            phone="+84900000000",
            reason=f"r{next(numbers)}",
            contact=of,
            subject=about._meta.model_name if about else "",
            subject_id=about.pk if about else None,
        )
        rows[see] += [made]
        return made

    lamp, bribe = ticket("Đèn tắt", restricted=False), ticket("Nhận tiền", restricted=True)
    both = [ticket("Đèn mờ", restricted=False), ticket("Nhận quà", restricted=True)]
    for one, see in ((lamp, "open"), (bribe, "closed")):
        words(one.conversation, one, see)
        words(one.conversation, None, see)
        rows[see] += [one.conversation, one.contact]
        call(see, one)
        back(see, about=one)
        back(see, of=one.contact)
    shared, (apart, nobody) = both[0].conversation, (both[1].conversation, both[1].contact)
    Ticket.objects.filter(pk=both[1].pk).update(contact=both[0].contact, conversation=shared)
    apart.delete()
    nobody.delete()
    words(shared, both[0], "open")
    words(shared, both[1], "closed")
    words(shared, None, "closed")
    rows["closed"] += [shared]
    rows["open"] += [both[0].contact]
    call("closed", *both)
    call("open")
    back("open", about=both[0], of=both[0].contact)
    back("closed", about=both[1], of=both[0].contact)
    back("open")
    return rows


def seen(by: Any) -> set[tuple[str, int]]:
    return {(model.__name__, row.pk) for model in MODELS for row in visible(model._default_manager.all(), by)}


def keys(rows: list[Model]) -> set[tuple[str, int]]:
    return {(type(row).__name__, row.pk) for row in rows}


def test_an_operator_sees_all_that_is_about_something_else_and_nothing_that_is_about_a_denunciation(town, said):
    saw = seen(town.lan)
    assert keys(said["open"]) - saw == set()
    assert keys(said["closed"]) & saw == set()


def test_supervisors_and_reviewers_see_all_of_it(town, said):
    for by in (town.tam, town.thu, SYSTEM):
        assert keys(said["open"]) | keys(said["closed"]) <= seen(by)


def test_an_administrator_sees_who_wrote_last_and_not_what(town, said):
    saw = seen(town.quan)
    assert {name for name, _ in saw} == {"Conversation"}
    assert saw & keys(said["open"]) and not saw & keys(said["closed"])


def test_agencies_leaders_and_citizens_see_nothing_before_tickets(town, said):
    for by in (town.minh, town.hoa, town.phong, citizen(), citizen(1)):
        assert seen(by) == set()


def test_where_nothing_is_closed_everybody_of_the_centre_sees_the_same(town, said):
    Ticket.objects.update(restricted=False)
    assert seen(town.lan) == seen(town.tam)


@pytest.mark.parametrize("who", ["lan", "tam"])
def test_staff_of_one_commune_see_what_is_about_it_alone(town, said, who):
    Ticket.objects.filter(restricted=True).update(restricted=False, area=town.commune)
    by = replace(getattr(town, who), area_id=town.ward.pk)
    saw = seen(by)
    assert keys(said["open"]) - saw == set() and keys(said["closed"]) & saw == set()
    Ticket.objects.filter(area=town.commune).update(area=None)
    assert seen(by) == saw, "what is in no commune is nobody's of one"
