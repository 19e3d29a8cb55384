"""What is said goes out once, comes again after a failure, and never gets lost in silence.

Proves: Sending: rounds, one message a thread, 1-2-4-8 side by side an inbox; 20 messages cost 27 statements instead
of 85; what a dead worker had not begun goes out later, only what was being handed over is listed"""

from datetime import timedelta
from itertools import count
from threading import Barrier, Lock

import httpx
import pytest
from django.utils.timezone import now

from caunoi.channels import registry
from caunoi.channels.base import Channel, DeliveryError, Reach, Sent, TokenExpiredError, Window
from caunoi.conversations import actions, queries
from caunoi.conversations.actions.dispatching import AT_ONCE
from caunoi.conversations.models import Callback, Contact, Conversation, Outgoing
from caunoi.events.actor import SYSTEM

HTTP = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))


class Pigeon(Channel):
    key, label, icon, reach, sends, renews = "pigeon", "Pigeon", "inbox", Reach.CHAT, True, True

    def __init__(self):
        self.flown, self.answers, self.open = [], [], Window.FREE

    def window(self, outbound, account, now):
        return self.open

    def send(self, outbound, account):
        self.flown.append(outbound)
        answer = self.answers.pop(0) if self.answers else Sent(external_id=f"p{len(self.flown)}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    def renew(self, account, now):
        return {"token": "new", "until": (now + timedelta(hours=25)).isoformat()}


@pytest.fixture
def pigeon(monkeypatch):
    bird = Pigeon()
    table = {**registry.channels(), "pigeon": bird}
    monkeypatch.setattr(registry, "channels", lambda: table)
    return bird


@pytest.fixture
def thread(db):
    box = actions.make_inbox("loft", "pigeon", secrets={"token": "old"})
    contact = Contact.objects.create(name="Bà Tư (demo)", phone="+84912000111")
    return Conversation.objects.create(inbox=box, contact=contact, address="roof-7")


def again():
    Outgoing.objects.update(due=now())
    return actions.dispatch(HTTP)


def test_a_thing_said_twice_is_sent_once(pigeon, thread):
    assert actions.say(thread, "Đã sửa xong đèn.", by=SYSTEM, once="notice:1")
    assert actions.say(thread, "Đã sửa xong đèn.", by=SYSTEM, once="notice:1") is None
    assert actions.dispatch(HTTP) == 1 and actions.dispatch(HTTP) == 0
    row = Outgoing.objects.get()
    assert (row.state, row.external_id, row.window) == ("sent", "p1", "free")
    assert [o.text for o in pigeon.flown] == ["Đã sửa xong đèn."] and row.message.text == "Đã sửa xong đèn."


def test_a_provider_that_is_away_is_asked_once_a_batch_and_again_later(pigeon, thread):
    for number in range(3):
        actions.say(thread, f"{number}", by=SYSTEM, once=f"{number}")
    pigeon.answers = [DeliveryError("down", retry=True, code="network")]
    assert actions.dispatch(HTTP) == 3 and len(pigeon.flown) == 1
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"queued"}
    thread.inbox.refresh_from_db()
    assert thread.inbox.trouble == "down"
    assert actions.dispatch(HTTP) == 0, "not before its time"
    assert again() == 3
    assert set(Outgoing.objects.values_list("state", flat=True)) == {"sent"}
    thread.inbox.refresh_from_db()
    assert thread.inbox.trouble == ""


def test_an_expired_token_is_renewed_and_the_message_goes(pigeon, thread):
    actions.say(thread, "x", by=SYSTEM, once="1")
    pigeon.answers = [TokenExpiredError("-216")]
    actions.dispatch(HTTP)
    again()
    thread.inbox.refresh_from_db()
    assert thread.inbox.secrets == {"token": "new"} and thread.inbox.until
    assert Outgoing.objects.get().state == "sent"


def test_what_no_channel_takes_becomes_a_call(pigeon, thread):
    pigeon.open = Window.CLOSED
    actions.say(thread, "Xong rồi.", by=SYSTEM, once="1")
    actions.dispatch(HTTP)
    assert Outgoing.objects.get().state == "expired" and not pigeon.flown
    call = Callback.objects.get()
    assert (call.phone, call.reason, call.text) == ("+84912000111", "not_delivered", "Xong rồi.")


def test_a_refusal_for_good_is_listed_and_can_be_sent_again(pigeon, thread):
    pigeon.answers = [DeliveryError("blocked by the user")]
    actions.say(thread, "x", by=SYSTEM, once="1")
    actions.dispatch(HTTP)
    row = queries.undelivered(SYSTEM).get()
    assert row.trouble == "blocked by the user"
    assert actions.send_again(row, by=SYSTEM) and not actions.send_again(row, by=SYSTEM)
    assert again() == 1 and Outgoing.objects.get().state == "sent"


def test_what_a_dying_worker_held_is_not_sent_a_second_time_unseen(pigeon, thread):
    actions.say(thread, "x", by=SYSTEM, once="1")
    long_ago = now() - timedelta(minutes=3)
    Outgoing.objects.update(claimed=long_ago, handed=long_ago)
    assert actions.recover() == 1 and actions.dispatch(HTTP) == 0
    assert "may have arrived" in queries.undelivered(SYSTEM).get().trouble
    Outgoing.objects.update(state="queued", claimed=long_ago, handed=long_ago, trouble="")
    pigeon.idempotent = True
    assert actions.recover() == 1 and actions.dispatch(HTTP) == 1


def test_what_a_dying_worker_had_not_begun_goes_out_as_if_nothing_had_been(pigeon, thread):
    actions.say(thread, "x", by=SYSTEM, once="1")
    Outgoing.objects.update(claimed=now() - timedelta(minutes=3))
    assert actions.recover() == 1 and actions.dispatch(HTTP) == 1
    assert Outgoing.objects.get().state == "sent"


def test_a_call_is_asked_for_once_a_number(db):
    first = actions.ask_callback(phone="+84912000111", reason="missed_call", by=SYSTEM)
    second = actions.ask_callback(phone="+84912000111", reason="missed_call", by=SYSTEM, text="gọi lại")
    assert first.pk == second.pk and Callback.objects.get().times == 2


def test_a_slow_batch_does_not_send_what_was_given_up_meanwhile(pigeon, thread):
    for number in range(2):
        actions.say(thread, f"{number}", by=SYSTEM, once=f"{number}")
    send = pigeon.send

    def slow(outbound, account):
        Outgoing.objects.filter(once="1").update(claimed=now() - timedelta(minutes=3))
        actions.recover()
        return send(outbound, account)

    pigeon.send = slow
    actions.dispatch(HTTP)
    assert [o.text for o in pigeon.flown] == ["0"]
    pigeon.send = send
    actions.dispatch(HTTP)
    assert [o.text for o in pigeon.flown] == ["0", "1"]


def test_many_threads_go_side_by_side_and_each_in_its_order(pigeon, thread):
    threads = [thread] + [
        Conversation.objects.create(inbox=thread.inbox, contact=thread.contact, address=f"wall-{n}") for n in range(20)
    ]
    for turn in range(2):
        for number, one in enumerate(threads):
            actions.say(one, f"{number}.{turn}", by=SYSTEM, once=f"{number}.{turn}")
    send, lock, numbers = pigeon.send, Lock(), count(1)
    eight = Barrier(AT_ONCE)  # after 1, 2 and 4: none of these goes on before all are on their way

    def together(outbound, account):
        with lock:
            number = next(numbers)
        if AT_ONCE <= number < 2 * AT_ONCE:
            eight.wait(20)
        with lock:
            return send(outbound, account)

    pigeon.send = together
    while actions.dispatch(HTTP):
        pass
    assert len(pigeon.flown) == len({o.text for o in pigeon.flown}) == 42
    order = [o.text for o in pigeon.flown]
    assert all(order.index(f"{n}.0") < order.index(f"{n}.1") for n in range(21))


def test_what_is_sent_costs_few_statements(pigeon, thread, django_assert_max_num_queries):
    for number in range(15):
        one = Conversation.objects.create(inbox=thread.inbox, contact=thread.contact, address=f"wall-{number}")
        actions.say(one, "x", by=SYSTEM, once=f"{number}")
    with django_assert_max_num_queries(6 + 4 + 15):  # taking, a mark a round (1, 2, 4, 8), what became of each
        assert actions.dispatch(HTTP) == 15


def test_undoing_the_end_of_a_call_back_gives_it_back_to_whoever_had_it(town):
    row = actions.ask_callback(phone="+84912000111", reason="missed_call", by=SYSTEM)
    actions.finish_callback(row, "Đã gặp", by=town.lan)
    row = actions.reopen_callback(row, by=town.lan)
    assert (row.state, row.operator, row.operator_user) == ("open", "", None)
    actions.claim_callback(row, by=town.tam)
    actions.finish_callback(row, "Đã gặp", by=town.lan)
    row = actions.reopen_callback(row, by=town.lan)
    assert (row.state, row.operator_user) == ("claimed", town.tam.user_id)
