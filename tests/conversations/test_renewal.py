"""A refresh token works once: one process renews, saves the pair in one step, and shouts when it is dead."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier
from threading import Event as ThreadEvent

import httpx
import pytest
from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.channels.base import DeliveryError
from caunoi.conversations import actions, queries, tasks
from caunoi.conversations.models import Inbox, Outgoing
from caunoi.events.actor import SYSTEM
from caunoi.events.models import Event


def renewals(zalo):
    return sum(call.path.endswith("access_token") for call in zalo.calls)


@pytest.mark.django_db(transaction=True)
def test_of_many_that_renew_at_once_one_asks(zalo, talk):
    box, ready = talk.inbox("zalo", zalo), Barrier(6)
    used = dict(box.secrets)

    def renew(_):
        mine = Inbox.objects.get(pk=box.pk)
        ready.wait(10)
        try:
            with httpx.Client(timeout=5) as http:
                actions.renew(mine, http, used=used)
            return mine.secrets["access_token"]
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        tokens = set(pool.map(renew, range(6)))
    assert renewals(zalo) == 1 and not zalo.dead
    assert tokens == {zalo.access} == {Inbox.objects.get(name="zalo").secrets["access_token"]}


@pytest.mark.django_db(transaction=True)
def test_two_workers_whose_token_dies_share_the_new_one(zalo, talk):
    zalo.writes("u1")
    thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    for number in range(8):
        actions.say(thread, f"{number}", by=SYSTEM, once=f"{number}")
    zalo.expire()
    ready = Barrier(2)

    def work(_):
        ready.wait(10)
        try:
            with httpx.Client(timeout=5) as http:
                return actions.dispatch(http, limit=4)
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        assert sum(pool.map(work, range(2))) == 8
    assert renewals(zalo) == 1 and not zalo.dead
    assert sorted(m["text"] for m in zalo.sent) == list("01234567") and set(talk.states()) == {"sent"}


@pytest.mark.django_db(transaction=True)
def test_tokens_are_renewed_an_hour_before_they_run_out(zalo, talk):
    box = talk.inbox("zalo", zalo)
    tasks.renew_tokens(0)  # nobody knows until when they live: now we do
    box.refresh_from_db()
    assert renewals(zalo) == 1 and timedelta(hours=24) < box.until - now() <= timedelta(hours=25)
    tasks.renew_tokens(0)
    assert renewals(zalo) == 1
    Inbox.objects.update(until=now() + timedelta(minutes=50))
    tasks.renew_tokens(0)
    assert renewals(zalo) == 2 and Inbox.objects.get(name="zalo").secrets["refresh_token"] == zalo.refresh
    Inbox.objects.update(until=now(), active=False)
    tasks.renew_tokens(0)
    assert renewals(zalo) == 2


@pytest.mark.django_db(transaction=True)
def test_a_dead_refresh_token_is_shouted_about_once_and_nothing_is_lost(zalo, talk, http):
    zalo.writes("u1")
    thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    actions.say(thread, "x", by=SYSTEM, once="1")
    zalo.used.add(zalo.refresh)  # somebody used it elsewhere
    zalo.expire()
    talk.send()
    tasks.renew_tokens(0)
    box = Inbox.objects.get(name="zalo")
    assert "could not be renewed" in box.trouble and box.trouble_since
    assert Event.objects.filter(kind="inbox.trouble").count() == 1 and talk.states() == ["queued"]
    assert not any(secret in box.trouble for secret in box.secrets.values())
    zalo.dead, zalo.access, zalo.refresh, zalo.expires = False, "access-new", "refresh-new", 4e9
    actions.make_inbox("zalo", "zalo", secrets=zalo.secrets(), **zalo.settings())  # an administrator authorises it anew
    talk.due()
    talk.send()
    assert talk.states() == ["sent"] and not Inbox.objects.get(name="zalo").trouble
    assert Event.objects.filter(kind="inbox.well").count() == 1


def test_a_pair_used_twice_is_dead(zalo, talk, http):
    """Why there is a lock: the provider punishes a second use."""
    box = talk.inbox("zalo", zalo)
    old = dict(box.secrets)
    actions.renew(box, http)
    box.secrets = old
    box.save(update_fields=["secrets"])
    with pytest.raises(DeliveryError):
        actions.renew(box, http)
    assert zalo.dead


@pytest.mark.parametrize("fault", ["down", "500", "html", "garbage"])
def test_a_renewal_that_fails_on_the_way_keeps_the_old_pair(fault, zalo, talk, http):
    box = talk.inbox("zalo", zalo)
    zalo.faults.append(fault)
    with pytest.raises(DeliveryError):
        actions.renew(box, http)
    assert Inbox.objects.get(name="zalo").secrets == zalo.secrets()
    actions.renew(box, http)
    assert (
        Inbox.objects.get(name="zalo").secrets["access_token"] == zalo.access
        and not Inbox.objects.get(name="zalo").trouble
    )


@pytest.mark.django_db(transaction=True)
def test_what_a_dead_worker_held_is_found_every_minute(zalo, talk):
    thread = talk.writes(talk.inbox("zalo", zalo), "u1")
    actions.say(thread, "x", by=SYSTEM, once="1")
    long_ago = now() - timedelta(minutes=3)
    Outgoing.objects.update(claimed=long_ago, handed=long_ago)
    tasks.recover(0)
    assert "may have arrived" in queries.undelivered(SYSTEM).get().trouble


@pytest.mark.django_db(transaction=True)
def test_while_a_token_is_renewed_messages_come_in(zalo, talk):
    """A provider wants its answer in two seconds, also when it is slow itself."""
    box, handle, asked, go = talk.inbox("zalo", zalo), zalo.handle, ThreadEvent(), ThreadEvent()

    def slow(call):
        asked.set()
        assert go.wait(10)
        return handle(call)

    def renew():
        try:
            with httpx.Client(timeout=10) as http:
                actions.renew(Inbox.objects.get(name="zalo"), http)
        finally:
            connection.close()

    zalo.handle = slow
    with ThreadPoolExecutor(1) as pool:
        done = pool.submit(renew)
        assert asked.wait(10)
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '1s'")
            assert actions.keep(box, "96d3cd01", {})[1]
        go.set()
        done.result(10)
    assert Inbox.objects.get(name="zalo").secrets["access_token"] == zalo.access
