"""Every inbox that must be asked is asked, by one process, whatever the others do."""

import threading
import time
from contextlib import contextmanager

import pytest
from django.core.files.storage import default_storage
from django.db import OperationalError, connection

from caunoi.channels import registry
from caunoi.channels.base import Channel, Parcel, PollingError, Reach
from caunoi.conversations import actions
from caunoi.conversations.actions import polling
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.raw import content
from caunoi.events.models import Event
from caunoi.jobs import direct, leases
from caunoi.jobs.leases import Claim
from caunoi.lib import locks

CHANNELS = registry.channels()
BOTH = pytest.mark.django_db(transaction=True)


class Well(Channel):
    """Gives what lies in `water`, by the key of the inbox's name; an exception is raised."""

    key, label, icon, reach, polls = "well", "Well", "inbox", Reach.MAIL, True

    def __init__(self):
        self.water, self.asked, self.accounts = [], 0, []

    def poll(self, cursor, account, stopping):
        self.asked += 1
        self.accounts.append(account)
        while not stopping():
            while self.water:
                drop = self.water.pop(0)
                if isinstance(drop, Exception):
                    raise drop
                yield drop
            time.sleep(0.005)
            yield None


@pytest.fixture
def source(monkeypatch, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    well = Well()
    monkeypatch.setattr(registry, "channels", lambda: {**CHANNELS, "well": well})
    return well


def drop(number, blob=None):
    return Parcel(external_id=f"d{number}", raw={"n": number}, blob=blob, cursor={"at": number})


def poll(box, *, calls=50):
    left, naps = iter(range(calls)), []
    actions.poll_inbox(box, None, lambda: next(left, None) is None, sleep=naps.append)
    return naps


def test_a_parcel_is_kept_once_with_its_file_and_where_to_go_on(db, source):
    box = actions.make_inbox("well", "well", depth=3)
    assert actions.keep_parcel(box, drop(1, b"whole\0file")) and not actions.keep_parcel(box, drop(1, b"whole\0file"))
    row = Receipt.objects.get()
    assert (row.external_id, row.raw, row.state, row.inbox) == ("d1", {"n": 1}, "waiting", box)
    with default_storage.open(row.blob) as file:
        assert b"whole" not in file.read()
    assert content(row) == b"whole\0file"
    assert Inbox.objects.get(name="well").cursor == box.cursor == {"at": 1}
    actions.keep_parcel(box, Parcel(external_id="", cursor={"at": 9}))
    assert Receipt.objects.count() == 1 and Inbox.objects.get(name="well").cursor == {"at": 9}


def test_what_cannot_be_stored_leaves_neither_receipt_nor_file_nor_cursor(db, source, monkeypatch, tmp_path):
    box = actions.make_inbox("well", "well", depth=3)

    def half(self, name, content):
        (tmp_path / "receipts").mkdir(exist_ok=True)
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as full:
        full.setattr("django.core.files.storage.FileSystemStorage._save", half)
        with pytest.raises(OSError, match="No space"):
            actions.keep_parcel(box, drop(1, b"x"))
    assert not Receipt.objects.exists() and Inbox.objects.get(name="well").cursor == {}
    assert actions.keep_parcel(box, drop(1, b"x"))


def test_trouble_is_told_once_and_so_is_that_it_is_over(db, source):
    box = actions.make_inbox("well", "well", depth=3)
    source.water = [PollingError("the bucket leaks"), ConnectionError("dry"), drop(1)]
    naps = poll(box)
    assert Receipt.objects.count() == 1 and not Inbox.objects.get(name="well").trouble and source.asked == 3
    assert [event.kind for event in Event.objects.order_by("id")] == ["inbox.trouble", "inbox.well"]
    assert sum(naps) == pytest.approx(5 + 10)


def test_a_provider_that_says_when_to_come_again_is_left_alone_until_then(db, source):
    box = actions.make_inbox("well", "well", depth=3)
    source.water = [PollingError("locked out", wait=900)]
    assert sum(poll(box, calls=100)) > 45 and source.asked == 1
    assert Inbox.objects.get(name="well").trouble == "locked out"


def test_a_changed_password_is_used_at_once(db, source, monkeypatch):
    monkeypatch.setattr(polling, "RECHECK", 0.0)
    box = actions.make_inbox("well", "well", depth=3, secrets={"password": "old"})
    source.water = [PollingError("wrong password", wait=900)]

    def change(seconds):
        actions.make_inbox("well", "well", depth=3, secrets={"password": "new"})
        source.water = [drop(1)]

    actions.poll_inbox(box, None, lambda: Receipt.objects.exists(), sleep=change)
    assert [account.secrets["password"] for account in source.accounts] == ["old", "new"]


def test_an_inbox_that_is_switched_off_is_no_longer_asked(db, source, monkeypatch):
    monkeypatch.setattr(polling, "RECHECK", 0.0)
    box = actions.make_inbox("well", "well", depth=3)
    source.water = [drop(1)]
    seen = []

    def stopping():
        seen.append(Inbox.objects.filter(name="well").update(active=False) if Receipt.objects.exists() else 0)
        assert len(seen) < 100
        return False

    actions.poll_inbox(box, None, stopping)
    assert source.asked == 1


def test_a_database_that_goes_away_is_the_callers_business(db, source):
    source.water = [OperationalError("gone")]
    with pytest.raises(OperationalError):
        poll(actions.make_inbox("well", "well", depth=3))


@contextmanager
def polling_all(kept=lambda: None):
    ending = threading.Event()
    thread = threading.Thread(target=actions.poll_all, args=(None, ending), kwargs={"on_receipt": kept})
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join(10)
        assert not thread.is_alive()


def wait_for(what, seconds=10):
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end
        time.sleep(0.01)


@BOTH
def test_inboxes_made_later_join_in_and_all_ends_when_told(source, monkeypatch):
    monkeypatch.setattr(polling, "STANDBY", 0.02)
    called = []
    with polling_all(lambda: called.append(1)):
        actions.make_inbox("well", "well", depth=3)
        source.water.append(drop(1))
        wait_for(lambda: Receipt.objects.count() == 1)
        Inbox.objects.filter(name="well").update(cursor={"at": 5})
    assert source.asked == 1 and called == [1]


@BOTH
def test_only_one_process_polls_and_another_takes_over(source, monkeypatch):
    monkeypatch.setattr(polling, "STANDBY", 0.02)
    monkeypatch.setattr(leases, "RENEWED", 0.05)
    actions.make_inbox("well", "well", depth=3)
    other, looks, take = Claim("polls", holder="another host"), [], Claim.take
    assert other.take()
    monkeypatch.setattr(Claim, "take", lambda claim: looks.append(claim) or take(claim))
    with polling_all():
        wait_for(lambda: len(looks) > 3)
        assert source.asked == 0
        other.release()
        wait_for(lambda: source.asked == 1)


@BOTH
def test_who_stood_still_keeps_nothing_and_lets_go(source, monkeypatch):
    """The lease ran out while a message came, and another process has it."""
    monkeypatch.setattr(polling, "STANDBY", 0.02)
    actions.make_inbox("well", "well", depth=3)
    other = Claim("polls", holder="another host")

    class Frozen(list):
        def pop(self, place):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE jobs_lease SET until = clock_timestamp() - interval '1 s'")
            assert other.take()
            for claim in claims:
                claim.until = 0.0
            return super().pop(place)

    claims, begin = [], Claim.__init__
    monkeypatch.setattr(Claim, "__init__", lambda claim, *a, **k: claims.append(claim) or begin(claim, *a, **k))
    source.water = Frozen([drop(1)])
    with polling_all():
        wait_for(lambda: source.asked)
        time.sleep(0.2)
    assert not Receipt.objects.exists() and leases.holder("polls") == other.values["host"]


@BOTH
def test_a_process_of_the_release_before_is_left_in_peace_and_a_dead_one_of_ours_is_not(source, monkeypatch):
    monkeypatch.setattr(polling, "STANDBY", 0.02)
    box = actions.make_inbox("well", "well", depth=3)
    tries, real = [], polling._is_free
    monkeypatch.setattr(polling, "_is_free", lambda lock, box: tries.append(real(lock, box)) or tries[-1])
    with direct.session() as older:
        older.execute("SELECT pg_advisory_lock(%s, %s)", [locks.POLLS, box.pk])
        with polling_all():
            wait_for(lambda: len(tries) > 2)
            assert source.asked == 0 and not any(tries)
    with direct.session(polling.OURS) as ours:
        ours.execute("SELECT pg_advisory_lock(%s, %s)", [locks.POLLS, box.pk])
        with polling_all():
            wait_for(lambda: source.asked == 1)


@BOTH
def test_a_poller_whose_database_went_away_comes_back(source, monkeypatch):
    monkeypatch.setattr(polling, "STANDBY", 0.02)
    actions.make_inbox("well", "well", depth=3)
    source.water = [OperationalError("gone"), drop(1)]
    with polling_all():
        wait_for(lambda: Receipt.objects.count() == 1)
    assert source.asked == 2
