"""A full disk: what came in waits, what goes out is not said a second time, and all of it goes on once there is
room."""

from datetime import timedelta

import pytest
from django.db import OperationalError, connection
from django.utils.timezone import now

from caunoi.conversations import actions, queries
from caunoi.conversations.mailbox import client
from caunoi.conversations.models import Message, Outgoing, Receipt
from caunoi.events.actor import SYSTEM

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def no_room():
    """`no_room(table, when)`: the database has no room for such rows, until it is called without a table."""

    def change(table="", when="true", event="INSERT"):
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION IF EXISTS no_room CASCADE")
            if table:
                cursor.execute(
                    "CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                    "RAISE EXCEPTION 'No space left on device' USING ERRCODE = 'disk_full'; END $$"
                )
                cursor.execute(
                    f"CREATE TRIGGER no_room BEFORE {event} ON {table} FOR EACH ROW WHEN ({when}) "
                    "EXECUTE FUNCTION no_room()"
                )

    yield change
    change()


def test_what_came_in_waits_and_is_read_once(chat, no_room):
    chat.came(text="Đèn tắt")
    chat.came(text="Ống nước vỡ")
    no_room("conversations_message")
    for _ in range(2):
        with pytest.raises(OperationalError):
            actions.read()
    assert set(Receipt.objects.values_list("state", "trouble")) == {("waiting", "")}, "it is not their fault"
    no_room()
    assert actions.read() == 2 and actions.read() == 0
    assert sorted(Message.objects.values_list("text", flat=True)) == ["Đèn tắt", "Ống nước vỡ"]


def test_what_the_provider_took_is_not_sent_again_when_that_cannot_be_written_down(chat, no_room):
    chat.write("Đèn tắt")
    actions.say(chat.thread(), "Đã sửa xong đèn.", by=SYSTEM, once="1")
    no_room("conversations_outgoing", "NEW.state = 'sent'", "UPDATE")
    with pytest.raises(OperationalError):
        actions.dispatch(client())
    no_room()
    assert actions.dispatch(client()) == 0
    Outgoing.objects.update(claimed=now() - timedelta(minutes=3))
    assert actions.recover() == 1 and actions.dispatch(client()) == 0
    assert [o.text for o in chat.said] == ["Đã sửa xong đèn."], "nobody is told twice"
    assert "may have arrived" in queries.undelivered(SYSTEM).get().trouble


def test_what_cannot_be_claimed_is_not_sent(chat, no_room):
    chat.write("Đèn tắt")
    actions.say(chat.thread(), "Đã sửa xong đèn.", by=SYSTEM, once="1")
    no_room("conversations_outgoing", "NEW.handed IS NOT NULL", "UPDATE")
    with pytest.raises(OperationalError):
        actions.dispatch(client())
    assert not chat.said
    no_room()
    Outgoing.objects.update(claimed=now() - timedelta(minutes=3))
    assert actions.recover() == 1 and actions.dispatch(client()) == 1
    assert len(chat.said) == 1 and not queries.undelivered(SYSTEM).exists()
