"""Being there: said by oneself, kept as a history, told to the queue."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now

from caunoi.accounts.actions import deactivate, edit_person
from caunoi.calls import actions, queries
from caunoi.calls.models import Call, Link, Presence
from caunoi.calls.operators import Operator, steps
from caunoi.calls.pbx import Ami, ami
from caunoi.conversations.models import Inbox
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.telephony.calls import fold
from caunoi.telephony.events import Answered, Device, Direction, Ended, MemberSeen, Rang, Started
from caunoi.telephony.presence import fold as desks

AMI = Ami(host="pbx", username="caunoi", secret="s", queues=("tongdai1022",))


def test_one_speaks_for_oneself_and_a_supervisor_for_others(town: Any) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    actions.set_presence(lan, "break", by=town.tam, reason="meal")
    for other in (town.minh, town.thu, town.quan):
        with pytest.raises(NotAllowedError):
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
    *,
    joined: bool = True,
    paused: bool = False,
    reason: str = "",
    member: str = "lan",
    queue: str = "tongdai1022",
    fixed: bool = False,
) -> MemberSeen:
    return MemberSeen(
        at=now(),
        queue=queue,
        interface="PJSIP/101",
        member=member,
        joined=joined,
        paused=paused,
        reason=reason,
        device=Device.IDLE,
        fixed=fixed,
    )


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


def test_what_is_to_be_done_is_told_as_of_now_whatever_the_exchange_says_meanwhile() -> None:
    there = desks([seen()])
    to_do = steps((), there, AMI)
    there["PJSIP/777"] = there["PJSIP/101"]
    assert [step.action for step in to_do] == ["QueueRemove"]


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


def at_the_desk(user: Any, ago: float = 0) -> None:
    """A page of theirs was last open so many seconds ago."""
    Presence.objects.filter(user=user, until=None).update(seen=now() - timedelta(seconds=ago))


def standing(user: Any) -> tuple[str, str]:
    row = queries.presence(user.pk)
    assert row
    return row.state, row.reason


def test_whose_pages_are_closed_is_away_then_off_and_back_with_the_page(town: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    actions.set_presence(lan, "available", by=town.lan)
    actions.set_presence(tam, "break", by=town.tam, reason="meal")
    for user in (lan, tam):
        at_the_desk(user, 61)
    actions.miss_unattended()
    assert (standing(lan), standing(tam)) == (("break", "away"), ("break", "meal"))
    actions.attend([lan.pk, tam.pk])
    assert (standing(lan), standing(tam)) == (("available", ""), ("break", "meal"))
    actions.miss_unattended()
    assert standing(lan) == ("available", "")
    for user in (lan, tam):
        at_the_desk(user, 16 * 60)
    actions.miss_unattended()
    assert standing(lan)[0] == standing(tam)[0] == "off"
    actions.attend([lan.pk, tam.pk])  # a page alone signs nobody in
    assert standing(lan)[0] == "off"


def test_whom_a_supervisor_puts_on_duty_is_rung_once_a_page_is_open(town: Any) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    yesterday = now() - timedelta(hours=20)
    Presence.objects.create(user=lan, state="off", since=yesterday, seen=yesterday, by="lan")
    actions.set_presence(lan, "available", by=town.tam)
    assert (doing(lan), queries.operators()) == ("away", [])
    actions.miss_unattended()
    assert standing(lan) == ("available", ""), "and what a supervisor has said is not undone"
    actions.attend([lan.pk])
    assert (doing(lan), [one.username for one in queries.operators()]) == ("ready", ["lan"])


def test_who_is_set_while_on_duty_stays_before_their_page(town: Any) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "break", by=town.lan, reason="meal")
    actions.set_presence(lan, "available", by=town.tam)
    assert doing(lan) == "ready"


def test_several_presences_are_locked_in_one_order(town: Any, box: Inbox) -> None:
    people = [town.users["tam"], town.users["lan"]]
    for user in people:
        actions.set_presence(user, "available", by=user.as_actor())
    Link.objects.create(inbox=box)

    def locks(act: Callable[[], None]) -> list[str]:
        with CaptureQueriesContext(connection) as captured:
            act()
        return [one["sql"] for one in captured if 'FROM "calls_presence"' in one["sql"] and "FOR UPDATE" in one["sql"]]

    for act in (
        lambda: actions.note_reach(box, {"lan": False, "tam": False}),
        lambda: actions.attend([user.pk for user in people]),
    ):
        (statement,) = locks(act)
        assert 'ORDER BY "calls_presence"."user_id" ASC' in statement


def test_the_exchange_rings_only_whom_it_may(town: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    for user in (lan, tam):
        user.extension = "101"
        user.save()
    Presence.objects.create(user=lan, state="available", by="lan")  # never seen before a page
    assert queries.operators() == []
    actions.attend([lan.pk])
    assert [one.username for one in queries.operators()] == ["lan"]
    actions.set_presence(tam, "available", by=town.tam)  # the same phone, the next shift
    assert [one.username for one in queries.operators()] == ["tam"]
    tam.is_active = False
    tam.save()
    assert [one.username for one in queries.operators()] == ["lan"]
    lan.role = "reviewer"
    lan.save()
    assert queries.operators() == []


def test_a_closed_account_and_another_role_end_duty_and_a_new_extension_does_not(town: Any, work: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    for user in (lan, tam):
        actions.set_presence(user, "available", by=user.as_actor())
    edit_person(lan, by=SYSTEM, extension="109")
    work()
    assert standing(lan) == ("available", "")
    edit_person(lan, by=SYSTEM, role="reviewer")
    deactivate(tam, by=SYSTEM)
    work()
    assert standing(lan)[0] == standing(tam)[0] == "off"
    assert queries.operators_now() == []


def test_what_an_exchange_of_its_own_says_is_neither_held_nor_ended_by_a_page(town: Any) -> None:
    lan = town.users["lan"]
    actions.echo_presence([seen()])
    actions.attend([lan.pk])
    actions.miss_unattended()
    row = queries.presence(lan.pk)
    assert row and (row.state, row.seen) == ("available", None)


def test_a_phone_that_rang_in_vain_is_a_break_once_and_the_click_back_counts(town: Any) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    for _ in range(2):
        actions.miss_ring("lan", at=now() + timedelta(minutes=1))  # the exchange's clock is ahead
    assert standing(lan) == ("break", "no_answer")
    actions.set_presence(lan, "available", by=town.lan)
    assert standing(lan) == ("available", "")
    actions.miss_ring("lan", at=now() - timedelta(minutes=1))
    assert standing(lan) == ("available", "")
    actions.miss_ring("ai-do", at=now())


def test_whether_the_exchange_reaches_a_phone_is_noted_and_stays_through_a_break(town: Any, box: Inbox) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    actions.note_reach(box, {"lan": False, "ai-do": False})
    actions.set_presence(lan, "break", by=town.lan, reason="meal")
    row = queries.presence(lan.pk)
    assert row and row.unreachable
    actions.note_reach(box, {"lan": True})
    row = queries.presence(lan.pk)
    assert row and row.unreachable is None


def test_signing_off_is_a_word_only_of_who_was_on(town: Any) -> None:
    lan = town.users["lan"]
    actions.sign_off(lan, by=town.lan)
    assert not Presence.objects.exists()
    actions.set_presence(lan, "available", by=town.lan)
    for _ in range(2):
        actions.sign_off(lan, by=town.lan)
    assert [row.state for row in Presence.objects.order_by("id")] == ["available", "off"]


def talk(box: Inbox, user: str, ended: float = 0, call_id: str = "w") -> None:
    """Somebody has talked, until so many seconds ago."""
    end = now() - timedelta(seconds=ended)
    events = [
        Started(call_id=call_id, at=end - timedelta(seconds=60), direction=Direction.IN),
        Answered(call_id=call_id, at=end - timedelta(seconds=50), leg=f"{call_id}-p", member=user),
        Ended(call_id=call_id, at=end),
    ]
    actions.absorb(box, fold(events).values())


def ringing_phone(user: Any) -> list[tuple[str, str]]:
    """What an exchange is told of a phone: state and reason."""
    user.extension = "101"
    user.save()
    return [(one.state, one.reason) for one in queries.operators()]


def doing(user: Any) -> str:
    return queries.operator_now(user).reading.state


def test_after_a_talked_call_nobody_is_rung_until_the_time_is_over(town: Any, box: Inbox) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    talk(box, "lan")
    assert (standing(lan), doing(lan)) == (("break", "wrapup"), "after_call")
    assert ringing_phone(lan) == [("break", "wrapup")]
    Presence.objects.filter(until=None).update(ends=now())  # and nobody was there to end it
    assert (doing(lan), ringing_phone(lan)) == ("ready", [("available", "")])
    ends = queries.presence(lan.pk).ends
    actions.end_after_calls()
    row = queries.presence(lan.pk)
    assert (row.state, row.since, row.by) == ("available", ends, "system")
    assert row.seen


def test_the_time_after_a_call_is_for_who_is_on_duty_and_for_a_call_that_ended_now(town: Any, box: Inbox) -> None:
    lan = town.users["lan"]
    talk(box, "lan", call_id="off")
    assert doing(lan) == "signed_out"
    actions.set_presence(lan, "available", by=town.lan)
    talk(box, "lan", ended=3600, call_id="old")  # told by the exchange's own books
    assert doing(lan) == "ready"
    actions.set_presence(lan, "break", by=town.lan, reason="meal")
    talk(box, "lan", call_id="break")
    assert standing(lan) == ("break", "meal")
    actions.set_presence(lan, "available", by=town.lan)
    set_option("after_call_seconds", 0, by=SYSTEM)
    talk(box, "lan", call_id="none")
    assert standing(lan) == ("available", "")


def test_a_call_told_again_begins_no_second_time_after_it(town: Any, box: Inbox) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    talk(box, "lan")
    actions.set_presence(lan, "available", by=town.lan)
    talk(box, "lan", ended=1)
    assert standing(lan) == ("available", "")


def test_who_writes_up_and_rings_out_has_the_time_anew_and_more_when_asked(town: Any, box: Inbox) -> None:
    lan = town.users["lan"]
    actions.set_presence(lan, "available", by=town.lan)
    talk(box, "lan")
    first = queries.presence(lan.pk)
    Presence.objects.filter(until=None).update(since=now() - timedelta(seconds=9), ends=now() + timedelta(seconds=2))
    talk(box, "lan", call_id="second")
    row = queries.presence(lan.pk)
    assert (row.pk, row.ends > now() + timedelta(seconds=15)) == (first.pk, True)
    assert actions.prolong(lan, by=town.lan)
    assert queries.presence(lan.pk).ends == row.ends + timedelta(seconds=20)
    with pytest.raises(NotAllowedError):
        actions.prolong(lan, by=town.tam)
    actions.set_presence(lan, "available", by=town.lan)
    assert not actions.prolong(lan, by=town.lan)


def test_nobody_takes_a_break_that_only_is_seen(town: Any) -> None:
    lan = town.users["lan"]
    for reason in ("wrapup", "away", "no_answer"):
        with pytest.raises(ValueError, match=reason):
            actions.set_presence(lan, "break", by=town.lan, reason=reason)


def test_what_operators_do_is_read_in_one_place(town: Any, box: Inbox, django_assert_max_num_queries: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    actions.set_presence(lan, "available", by=town.lan)
    began = now()
    actions.absorb(
        box,
        fold(
            [
                Started(call_id="r", at=began, direction=Direction.IN),
                Rang(call_id="r", at=began, leg="p", member="lan"),
                Rang(call_id="r", at=began, leg="q", member="tam"),  # whom the exchange's own files name
            ]
        ).values(),
    )
    with django_assert_max_num_queries(3):
        now_do = {one.user: one.reading for one in queries.operators_now()}
    assert {user.username: reading.state for user, reading in now_do.items()} == {"lan": "ringing", "tam": "ringing"}
    assert now_do[lan].since == began and now_do[lan].call == Call.objects.get().pk
    actions.absorb(box, fold([Answered(call_id="r", at=began, leg="p", member="lan")]).values())
    actions.set_presence(lan, "off", by=town.lan)
    assert (doing(lan), doing(tam)) == ("talking", "signed_out")
    assert [one.user for one in queries.operators_now()] == [lan]
