"""Answers go out by Zalo within Zalo's own rules, played by a server that keeps them.

Proves: Provider down for an hour; mail server down for an hour; poison kept and listed; the same webhook many times
in parallel"""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from django.utils.timezone import now

from caunoi.conversations import actions, queries
from caunoi.conversations.models import Callback, Inbox, Outgoing
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event

MONDAY = datetime(2026, 8, 3, 2, tzinfo=UTC)
VALUES = {"code": "26-000123-4", "state": "Đã trả lời"}


def say(thread, text="Đã sửa xong.", once="1", **more):
    return actions.say(thread, text, by=SYSTEM, once=once, **more)


@pytest.fixture
def thread(zalo, talk):
    zalo.writes("u1")
    return talk.writes(talk.inbox("zalo", zalo), "u1")


def test_an_answer_arrives_and_quotes_what_it_answers(zalo, talk, thread):
    say(thread)
    assert talk.send() == 1
    assert [(m["to"], m["text"], m["paid"], m["quote"]) for m in zalo.sent] == [
        ("u1", "Đã sửa xong.", False, "96d3cd01")
    ]
    row = Outgoing.objects.get()
    assert (row.state, row.window, row.external_id) == ("sent", "free", zalo.sent[0]["id"])


def test_a_long_answer_arrives_in_parts(zalo, talk, thread):
    text = "Kính gửi anh chị, việc này đã được giao đơn vị. " * 90
    say(thread, text)
    talk.send()
    assert len(zalo.sent) == 3 and " ".join(m["text"] for m in zalo.sent) == text.strip()
    assert Outgoing.objects.get().external_id == zalo.sent[0]["id"]


def test_of_a_text_that_breaks_off_nothing_is_said_twice(zalo, talk, thread):
    say(thread, "Kính gửi anh chị. " * 200)
    zalo.faults.extend(["", "500"])
    talk.send()
    talk.due()
    talk.send()
    assert len(zalo.sent) == 1 and "part 1" in queries.undelivered(SYSTEM).get().trouble


def test_the_ninth_message_is_paid(zalo, talk, thread):
    for number in range(9):
        say(thread, once=f"{number}")
        talk.send()
    assert [m["paid"] for m in zalo.sent] == [False] * 8 + [True]
    assert list(Outgoing.objects.order_by("id").values_list("window", flat=True)) == ["free"] * 8 + ["paid"]


def test_an_inbox_that_does_not_pay_sends_the_ninth_otherwise(zalo, sms, talk, thread):
    talk.inbox("sms", sms)
    actions.make_inbox("zalo", "zalo", **zalo.settings() | {"paid": ""})
    thread.refresh_from_db()
    for number in range(9):
        say(thread, once=f"{number}")
        talk.send()
    assert len(zalo.sent) == 8 and [m["to"] for m in sms.sent] == ["84912000111"]


@pytest.mark.parametrize(
    ("after", "how"),
    [
        (timedelta(hours=47), "free"),
        (timedelta(hours=49), "paid"),
        (timedelta(days=6), "paid"),
        (timedelta(days=8), "template"),
    ],
)
def test_the_window_closes_step_by_step(after, how, zalo, talk):
    with time_machine.travel(MONDAY):
        zalo.writes("u1")
        zalo.expires = 2e9
        thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    with time_machine.travel(MONDAY + after):
        say(thread, template="ticket.answer", values=VALUES)
        talk.send()
        row = Outgoing.objects.get()
    assert (row.state, row.window) == ("sent", how)
    assert zalo.sent[0]["paid"] is (how != "free")
    assert ("template" in zalo.sent[0]) is (how == "template")


def test_after_the_template_comes_the_sms_and_then_the_call(zalo, sms, talk):
    """Template → SMS → call-back: each when the one before is refused."""
    with time_machine.travel(MONDAY):
        thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    talk.inbox("sms", sms)
    say(thread, "Đã sửa xong.", template="ticket.answer", values={"code": "26-000123-4"})  # one value lacks
    talk.send()
    first, second = Outgoing.objects.order_by("id")
    assert first.state == "failed" and "-1122" in first.trouble and first.instead == second
    assert [m["text"] for m in sms.sent] == ["Da sua xong."] and second.state == "sent"
    sms.refused.add("84912000111")
    say(thread, "Nữa.", once="2")
    talk.send()
    call = Callback.objects.get()
    assert (call.phone, call.reason, call.text) == ("+84912000111", "not_delivered", "Nữa.")
    assert not Callback.objects.exclude(pk=call.pk).exists()


def test_a_window_that_zalo_knows_to_be_closed_falls_back_to_the_template(zalo, talk):
    thread = talk.writes(talk.inbox("zalo", zalo), "u1")  # we heard them, Zalo says they are gone
    say(thread, template="ticket.answer", values=VALUES)
    talk.send()
    row = Outgoing.objects.get()
    assert (row.state, row.window, zalo.sent[0]["template"]) == ("sent", "template", VALUES)


def test_templates_wait_for_the_morning(zalo, talk):
    zalo.night = True
    with time_machine.travel(MONDAY):
        thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    say(thread, template="ticket.answer", values=VALUES)
    talk.send()
    assert talk.states() == ["queued"] and not Inbox.objects.get(name="zalo").trouble
    zalo.night = False
    talk.due()
    talk.send()
    assert talk.states() == ["sent"]


def test_a_token_that_dies_in_the_middle_of_the_queue_is_renewed_once(zalo, talk, thread):
    for number in range(6):
        say(thread, f"{number}", once=f"{number}")
    handle, seen = zalo.handle, []

    def dies(call):
        seen.append(call)
        if len(seen) == 3:
            zalo.expire()
        return handle(call)

    zalo.handle = dies
    assert talk.send() == 6
    assert [m["text"] for m in zalo.sent] == list("012345") and set(talk.states()) == {"sent"}
    assert sum(call.path.endswith("access_token") for call in zalo.calls) == 1
    box = Inbox.objects.get(name="zalo")
    assert (
        box.secrets["access_token"] == zalo.access and box.secrets["refresh_token"] == zalo.refresh and not box.trouble
    )
    assert not Event.objects.filter(kind="inbox.trouble").exists(), "an ordinary renewal alarms nobody"


def test_a_limit_is_waited_for(zalo, talk, thread):
    for number in range(3):
        say(thread, f"{number}", once=f"{number}")
    zalo.faults.append("429")
    talk.send()
    assert len(zalo.calls) == 1, "the others wait too"
    assert all(100 < (row.due - now()).total_seconds() <= 121 for row in Outgoing.objects.all())
    talk.due()
    talk.send()
    assert len(zalo.sent) == 3 and not Event.objects.filter(kind="inbox.trouble").exists()


@pytest.mark.parametrize("fault", ["timeout", "lost", "cut", "slow", "504", "garbage"])
def test_when_no_answer_comes_a_person_decides(fault, zalo, talk, thread, monkeypatch):
    """It may have arrived: nobody is told twice, and nothing is lost in silence."""
    monkeypatch.setattr("caunoi.channels.http.LONGEST", 0.3)
    say(thread)
    zalo.faults.append(fault)
    talk.send()
    row = queries.undelivered(SYSTEM).get()
    assert "may have arrived" in row.trouble and not Callback.objects.exists()
    assert Inbox.objects.get(name="zalo").trouble
    talk.due()
    assert talk.send() == 0 and len(zalo.sent) == (fault == "lost")
    actions.send_again(row, by=SYSTEM)
    talk.send()
    assert talk.states() == ["sent"] and not Inbox.objects.get(name="zalo").trouble


def test_a_provider_that_is_down_for_an_hour_loses_and_doubles_nothing(zalo, talk, http):
    with time_machine.travel(MONDAY, tick=False) as clock:
        zalo.writes("u1")
        zalo.expires = 2e9
        thread = talk.writes(talk.inbox("zalo", zalo), "u1")
        for number in range(30):
            say(thread, f"{number}", once=f"{number}")
        url_down = zalo.url
        zalo.stop()
        looked = []
        for _ in range(120):
            clock.shift(30)
            if seen := actions.dispatch(http, limit=100):
                looked.append(seen)
        assert set(talk.states()) == {"queued"} and zalo.sent == []
        assert len(looked) <= 40, "it is left alone longer and longer"
        assert "not reached" in Inbox.objects.get(name="zalo").trouble
        assert Event.objects.filter(kind="inbox.trouble").count() == 1
        zalo.start()
        assert zalo.url == url_down
        zalo.writes("u1")
        zalo.free["u1"] = 100
        for _ in range(24):  # minutes are enough
            clock.shift(30)
            actions.dispatch(http, limit=100)
        assert set(talk.states()) == {"sent"} and not Inbox.objects.get(name="zalo").trouble
        assert sorted(int(m["text"]) for m in zalo.sent) == list(range(30))


def test_of_a_queue_in_a_silent_hour_few_are_put_before_a_person(zalo, talk, monkeypatch, http):
    """A provider that takes and never answers: each try may have arrived, so few are made."""
    monkeypatch.setattr("caunoi.channels.http.LONGEST", 5)
    with time_machine.travel(MONDAY, tick=False) as clock:
        zalo.writes("u1")
        zalo.expires = 2e9
        thread = talk.writes(talk.inbox("zalo", zalo), "u1")
        for number in range(60):
            say(thread, f"{number}", once=f"{number}")
        zalo.always = "504"
        for _ in range(60):
            clock.shift(60)
            actions.dispatch(http, limit=100)
        assert 3 <= talk.states().count("failed") <= 20
        assert talk.states().count("queued") >= 40
