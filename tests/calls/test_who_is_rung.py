"""Who is rung for whom, as it is set and as the exchange is told.

Proves: Skills: set by a supervisor, told to the exchange at once where it has the queues"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from bridged import held, linked, until
from fake_pbx import FakePbx

from caunoi.calls import actions, queries
from caunoi.conversations.actions import serve_earlier
from caunoi.conversations.models import Inbox
from caunoi.conversations.queries import served_earlier
from caunoi.events.actor import NotAllowedError
from caunoi.events.models import Event
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Direction, Queued, Started

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)


@pytest.mark.django_db
def test_a_supervisor_says_who_is_rung_for_what(town: Any) -> None:
    lan = town.users["lan"]
    actions.put_skills(lan, {"sti": True, "dien": False, "": True}, by=town.tam)
    assert queries.skills() == {lan.pk: {"sti": True, "dien": False}} and queries.skill_codes() == ("dien", "sti")
    assert actions.put_skills(lan, {"sti": True, "dien": False}, by=town.tam) is None
    actions.put_skills(lan, {"": False}, by=town.quan)
    assert queries.skills() == {lan.pk: {"": False}} and queries.skill_codes() == ()
    (first, last) = Event.objects.filter(kind="user.skills").order_by("id")
    assert (first.by, last.data["before"]) == ("tam", {"sti": True, "dien": False})
    with pytest.raises(NotAllowedError):
        actions.put_skills(lan, {"km": True}, by=town.lan)
    with pytest.raises(ValueError, match="a b"):
        actions.put_skills(lan, {"a b": True}, by=town.tam)


@pytest.mark.django_db
def test_an_account_that_is_closed_is_rung_for_nothing(town: Any) -> None:
    lan = town.users["lan"]
    actions.put_skills(lan, {"sti": True}, by=town.tam)
    lan.is_active = False
    lan.save()
    assert queries.skill_codes() == ()


@pytest.mark.django_db
def test_who_cannot_wait_is_served_earlier_and_it_is_written_down_by_whom(town: Any) -> None:
    assert serve_earlier("+84912345678", True, by=town.lan) and served_earlier("+84912345678")
    assert not serve_earlier("+84912345678", True, by=town.tam)
    assert serve_earlier("+84912345678", False, by=town.tam) and not served_earlier("+84912345678")
    assert not serve_earlier("+84987654321", False, by=town.tam)
    assert [(one.by, one.data["earlier"]) for one in Event.objects.filter(kind="contact.serve").order_by("id")] == [
        ("lan", True),
        ("tam", False),
    ]
    with pytest.raises(NotAllowedError):
        serve_earlier("+84912345678", True, by=town.users["minh"].as_actor())


@pytest.mark.django_db(transaction=True)
def test_the_exchange_is_told_at_once_where_it_has_the_queues(asterisk: Inbox, town: Any, impatient: None) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    actions.set_presence(lan, "available", by=town.lan)
    actions.put_skills(lan, {"sti": True, "dien": False}, by=town.tam)

    async def day() -> list[tuple[str, str, str]]:
        pbx = FakePbx(members=(), beside=("skill-sti", "own-101"))
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(linked(asterisk))
            async with asyncio.timeout(10):
                while not any(one["Queue"] == "skill-sti" for one in pbx.actions):
                    await asyncio.sleep(0.02)
                actions_of = [one for one in pbx.actions if one["Action"] == "QueueAdd"]
                assert line is not None
        return sorted((one["Queue"], one["Interface"], one["Penalty"]) for one in actions_of)

    assert asyncio.run(day()) == [
        ("own-101", "PJSIP/101", ""),
        ("skill-sti", "PJSIP/101", ""),
        ("tongdai1022", "PJSIP/101", ""),
    ]


@pytest.mark.django_db
def test_a_call_of_the_operator_of_last_time_belongs_to_the_hotlines_queue(asterisk: Inbox, town: Any) -> None:
    for call_id, queue, counted in (("1", "own-101", "tongdai1022"), ("2", "skill-sti", "skill-sti")):
        events = [
            Started(call_id=call_id, at=AT, direction=Direction.IN, caller="0900000001", dialled="1022"),
            Queued(call_id=call_id, at=AT, queue=queue),
            Queued(call_id=call_id, at=AT + timedelta(seconds=12), queue="tongdai1022"),
        ]
        (call,) = actions.absorb(asterisk, fold(events).values())
        assert call.queue == counted
