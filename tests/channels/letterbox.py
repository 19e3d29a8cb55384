"""A mailbox on the test's IMAP server: mails delivered into it, the inbox that reads it, and what was kept of them."""

import time

import httpx
import pytest

from caunoi.channels.mail import imap
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.raw import content
from tests.channels.cable import Cable
from tests.channels.dovecot import PASSWORD

HTTP = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
DEMO = "demo@tinh.example"


def mail(number, size=0, sender="ba.tu@dan.example"):
    return (
        f"From: {sender}\r\nTo: {DEMO}\r\nSubject: {number}\r\nMessage-ID: <{number}@dan.example>\r\n\r\n{number}\r\n"
        f"{('x' * 70 + chr(13) + chr(10)) * (size // 72)}"
    ).encode()


@pytest.fixture
def quick(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(imap, "BEAT", 0.02)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def set_up(dovecot, db):
    def make(**config):
        config = {
            "imap_host": "127.0.0.1",
            "imap_port": dovecot.port,
            "imap_security": "plain",
            "timeout": 5,
            "imap_user": dovecot.user,
            "address": DEMO,
            "certificate": dovecot.certificate,
        } | config
        return actions.make_inbox("mail", "email", secrets={"password": config.pop("password", PASSWORD)}, **config)

    return make


@pytest.fixture
def box(set_up):
    box = set_up()
    read(box, lambda: Inbox.objects.get(pk=box.pk).cursor)  # connected once: from now on
    return box


@pytest.fixture
def cable(dovecot):
    cable = Cable(dovecot.port)
    yield cable
    cable.close()


def read(box, ready, *steps, seconds=30):
    """Poll until `ready()`; `steps` are done one after another, each when nothing has happened for some beats, that is
    while the poller waits. The pauses it made are returned."""
    left, naps, quiet, before = list(steps), [], 0, -1
    end = time.monotonic() + seconds

    def stopping():
        nonlocal quiet, before
        count = Receipt.objects.count()
        quiet, before = (quiet + 1 if count == before else 0), count
        if left and quiet > 10:
            quiet = 0
            left.pop(0)()
        assert time.monotonic() < end, f"nothing after {seconds} s: {texts()}"
        return not left and ready()

    actions.poll_inbox(box, HTTP, stopping, sleep=naps.append)
    return naps


def texts():
    """The subjects of what was kept, in the order in which it was kept."""
    return [subject(row) for row in Receipt.objects.order_by("id")]


def subject(row):
    return channel("email").read(row.raw, queries.account(row.inbox, HTTP), content(row))[0].subject


def kept(number):
    return lambda: Receipt.objects.count() >= number


def trouble(box):
    return Inbox.objects.get(pk=box.pk).trouble
