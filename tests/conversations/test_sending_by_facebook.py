"""Answers go out by Messenger and under comments within Facebook's own rules."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from caunoi.conversations import actions
from caunoi.conversations.models import Callback, Inbox, Outgoing
from caunoi.events.actor import SYSTEM, Actor, Role
from caunoi.events.models import Event

MONDAY = datetime(2026, 8, 3, 2, tzinfo=UTC)


LAN = Actor(name="lan", roles=frozenset({Role.OPERATOR}))


def say(thread, text="Đã sửa xong.", once="1", by=LAN):
    return actions.say(thread, text, by=by, once=once)


@pytest.mark.parametrize(
    ("after", "state", "tag"),
    [
        (timedelta(hours=23), "sent", ""),
        (timedelta(hours=25), "sent", "HUMAN_AGENT"),
        (timedelta(days=6), "sent", "HUMAN_AGENT"),
        (timedelta(days=8), "expired", None),
    ],
)
def test_after_a_day_a_person_answers_and_after_seven_somebody_calls(after, state, tag, facebook, talk):
    with time_machine.travel(MONDAY):
        facebook.says("p1", "Đèn tắt")
        thread = talk.writes(talk.inbox("facebook", facebook), "p1", external_id="m_in1")
    with time_machine.travel(MONDAY + after):
        say(thread)
        talk.send()
    assert talk.states() == [state] and [m["tag"] for m in facebook.sent] == ([] if tag is None else [tag])
    assert Callback.objects.exists() is (tag is None)


def test_an_app_without_the_permission_keeps_to_a_day(facebook, talk):
    with time_machine.travel(MONDAY):
        facebook.says("p1", "Đèn tắt")
        thread = talk.writes(talk.inbox("facebook", facebook), "p1", external_id="m_in1")
    actions.make_inbox("facebook", "facebook", **facebook.settings() | {"human_agent": ""})
    with time_machine.travel(MONDAY + timedelta(hours=25)):
        say(thread)
        talk.send()
    assert talk.states() == ["expired"] and not facebook.calls


def test_a_comment_gets_one_private_reply_and_the_second_goes_another_way(facebook, sms, talk):
    facebook.comments["800_901"] = datetime.now(UTC).timestamp()
    talk.inbox("sms", sms)
    thread = talk.writes(talk.inbox("facebook", facebook), "p2/660001_800", external_id="800_901")
    say(thread)
    talk.send()
    assert [m["private"] for m in facebook.sent] == ["800_901"]
    say(thread, "Thêm một lời.", once="2")
    talk.send()
    assert len(facebook.calls) == 1, "Facebook need not be asked"
    assert [m["text"] for m in sms.sent] == ["Them mot loi."]


def test_a_private_reply_that_somebody_gave_by_hand_is_noticed(facebook, talk):
    facebook.comments["800_901"] = datetime.now(UTC).timestamp()
    facebook.answered.add("800_901")
    thread = talk.writes(talk.inbox("facebook", facebook), "p2/660001_800", external_id="800_901")
    say(thread)
    talk.send()
    assert talk.states() == ["expired"] and Callback.objects.get().text == "Đã sửa xong."


def test_a_page_may_answer_in_the_open(facebook, talk):
    facebook.comments["800_901"] = datetime.now(UTC).timestamp()
    box = actions.make_inbox(
        "facebook", "facebook", secrets=facebook.secrets(), comments="public", **facebook.settings()
    )
    thread = talk.writes(box, "p2/660001_800", external_id="800_901")
    for once in ("1", "2"):
        say(thread, once=once)
    talk.send()
    assert [m["under"] for m in facebook.sent] == ["800_901"] * 2


def test_a_token_that_nobody_can_renew_stops_the_queue_and_is_shouted_about_once(facebook, talk):
    facebook.says("p1", "Đèn tắt")
    thread = talk.writes(talk.inbox("facebook", facebook), "p1", external_id="m_in1")
    for number in range(3):
        say(thread, once=f"{number}")
    facebook.token = "another"
    talk.send()
    assert len(facebook.calls) == 1 and set(talk.states()) == {"queued"}
    assert (
        "190/463" in Inbox.objects.get(name="facebook").trouble
        and Event.objects.filter(kind="inbox.trouble").count() == 1
    )
    box = Inbox.objects.get(name="facebook")
    box.secrets = facebook.secrets()
    box.save(update_fields=["secrets"])
    talk.due()
    talk.send()
    assert set(talk.states()) == {"sent"} and not Inbox.objects.get(name="facebook").trouble


def test_what_facebook_may_have_taken_is_not_sent_again(facebook, talk):
    facebook.says("p1", "Đèn tắt")
    thread = talk.writes(talk.inbox("facebook", facebook), "p1", external_id="m_in1")
    say(thread)
    facebook.faults.append("lost")
    talk.send()
    assert "may have arrived" in Outgoing.objects.get().trouble and len(facebook.sent) == 1


def test_a_notice_is_no_persons_answer(facebook, sms, talk):
    """HUMAN_AGENT is for people: a machine's word after a day goes by SMS."""
    with time_machine.travel(MONDAY):
        facebook.says("p1", "Đèn tắt")
        thread = talk.writes(talk.inbox("facebook", facebook), "p1", external_id="m_in1")
    talk.inbox("sms", sms)
    with time_machine.travel(MONDAY + timedelta(hours=25)):
        say(thread, by=SYSTEM)
        talk.send()
    assert not facebook.sent and [m["text"] for m in sms.sent] == ["Da sua xong."]
