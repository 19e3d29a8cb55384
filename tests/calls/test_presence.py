"""Being there: said by oneself, kept as a history, told to the queue."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils.timezone import now

from caunoi.calls import actions, queries
from caunoi.calls.models import Call, Presence
from caunoi.calls.operators import Operator, steps
from caunoi.calls.pbx import Ami, ami
from caunoi.conversations.models import Inbox
from caunoi.events.actor import NotAllowed
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Device, Direction, MemberSeen, Started
from caunoi.telephony.presence import fold as desks

AMI = Ami(host="pbx", username="caunoi", secret="s", queues=("tongdai1022",))


def test_one_speaks_for_oneself_and_a_supervisor_for_others(town: Any) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    actions.set_presence(lan, "break", by=town.tam, reason="meal")
    for other in (town.minh, town.thu, town.quan):
        with pytest.raises(NotAllowed):
            actions.set_presence(lan, "off", by=other)
    rows = list(Presence.objects.order_by("id"))
    assert [(row.state, row.reason, row.by) for row in rows] == [("available", "", "lan"), ("break", "meal", "tam")]
    assert rows[0].until == rows[1].since
    assert list(queries.history(lan.pk, now() - timedelta(hours=1))) == rows[::-1]


def test_what_comes_too_late_changes_nothing(town: Any) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    actions.set_presence(lan, "off", by=town.lan, at=now() - timedelta(minutes=5))
    assert queries.presence(lan.pk).state == "available"


def seen(
    *, joined: bool = True, paused: bool = False, reason: str = "", member: str = "lan", queue: str = "tongdai1022",
    fixed: bool = False,
) -> MemberSeen:  # fmt: skip
    return MemberSeen(
        at=now(), queue=queue, interface="PJSIP/101", member=member, joined=joined, paused=paused, reason=reason,
        device=Device.IDLE, fixed=fixed,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("state", "reason", "there", "said"),
    [
        ("available", "", None, ["QueueAdd"]),
        ("available", "", seen(), []),
        ("available", "", seen(joined=False), ["QueueAdd"]),
        ("available", "", seen(paused=True, reason="meal"), ["QueuePause"]),
        ("break", "meal", None, ["QueueAdd", "QueuePause"]),
        ("break", "meal", seen(), ["QueuePause"]),
        ("break", "meal", seen(paused=True, reason="rest"), ["QueuePause"]),
        ("break", "meal", seen(paused=True, reason="meal"), []),
        ("available", "", seen(member="tam"), ["QueueRemove", "QueueAdd"]),
        ("break", "no_answer", seen(paused=True, reason="Auto-Pause"), ["QueuePause"]),
        ("available", "", seen(paused=True, reason="Auto-Pause"), ["QueuePause"]),
    ],
)
def test_the_queue_is_told_only_what_it_has_otherwise(
    state: str, reason: str, there: MemberSeen | None, said: list[str]
) -> None:
    operator = Operator(username="lan", extension="101", state=state, reason=reason)
    told = list(steps([operator], desks([there] if there else []), AMI))
    assert [step.action for step in told] == said
    assert all(step.fields["Interface"] == "PJSIP/101" for step in told)


def told(there: MemberSeen, *operators: Operator, former: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    found = steps(operators, desks([there]), AMI, former=former)
    return [(step.action, step.fields["Queue"]) for step in found]


def test_who_is_not_wanted_is_signed_out_of_our_queues_and_of_no_other() -> None:
    assert told(seen()) == [("QueueRemove", "tongdai1022")]
    assert told(seen(joined=False)) == told(seen(fixed=True)) == told(seen(queue="khac")) == []
    moved = Operator(username="lan", extension="109", state="available")
    assert told(seen(), moved) == [("QueueRemove", "tongdai1022"), ("QueueAdd", "tongdai1022")]
    assert told(seen(queue="cu"), former=("cu", "tongdai1022")) == [("QueueRemove", "cu")]


def test_an_inbox_without_an_address_has_no_asterisk_and_one_that_makes_no_sense_says_so() -> None:
    assert ami({}) is None
    given = ami({"host": "pbx", "port": "5039", "queues": "a, b c", "context": "from-internal"})
    assert given and (given.port, given.queues, given.phone("7")) == (5039, ("a", "b", "c"), "PJSIP/7")
    with pytest.raises(ValueError, match="many"):
        ami({"host": "pbx", "port": "many"})


def test_a_call_whose_end_nobody_told_ends_unseen_after_half_a_day(box: Inbox) -> None:
    for call_id, hours in (("old", 13), ("new", 1)):
        began = Started(call_id=call_id, at=now() - timedelta(hours=hours), direction=Direction.IN)
        actions.absorb(box, fold([began]).values())
    assert actions.lose_forgotten() == 1
    assert dict(Call.objects.values_list("call_id", "state")) == {"old": "ended", "new": "waiting"}
