"""A poller that is killed at the worst moment has neither lost nor doubled a mail."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from django.db import connection

from caunoi.conversations import actions
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.raw import content
from tests.channels.dovecot import PASSWORD

ROOT = Path(__file__).parents[2]
POLLER = """
import os, signal, sys
import django
django.setup()
from django.conf import settings
settings.MEDIA_ROOT = sys.argv[2]
import httpx
from caunoi.conversations import actions
from caunoi.conversations.actions import blobs, polling
from caunoi.conversations.models import Inbox

def dies(): os.kill(os.getpid(), signal.SIGKILL)

store, keep, count = blobs.store, polling.keep_parcel, []
if sys.argv[1] == "before the file":
    blobs.store = lambda name, data, key: dies()
elif sys.argv[1] == "half of the file":
    def half(name, data, key):
        store(name, data[: len(data) // 2], key)
        dies()
    blobs.store = half
elif sys.argv[1] == "before the cursor":
    def whole(name, data, key):
        store(name, data, key)
        dies()
    blobs.store = whole
elif sys.argv[1] == "after keeping":
    def kept(box, parcel):
        new = keep(box, parcel)
        if new: dies()
        return new
    polling.keep_parcel = kept
actions.poll_inbox(Inbox.objects.get(channel="email"), httpx.Client(), lambda: False)
"""


def mail(number):
    return f"From: ba.tu@dan.example\r\nSubject: {number}\r\nMessage-ID: <{number}@x>\r\n\r\n{'x' * 5000}\r\n".encode()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["before the file", "half of the file", "before the cursor", "after keeping"])
def test_a_poller_killed_between_keeping_and_moving_on(when, dovecot, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    box = actions.make_inbox(
        "mail",
        "email",
        secrets={"password": PASSWORD},
        imap_host="127.0.0.1",
        imap_port=dovecot.port,
        imap_security="plain",
        imap_user=dovecot.user,
        since="2020-01-01",
    )
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(2))
    given = connection.settings_dict
    where = (
        f"postgresql://{given['USER']}:{given['PASSWORD']}@/{given['NAME']}?host={given['HOST']}&port={given['PORT']}"
    )
    poller = subprocess.run(
        [sys.executable, "-c", POLLER, when, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": where},
        capture_output=True,
        timeout=60,
    )
    assert poller.returncode == -signal.SIGKILL, poller.stderr.decode()[-2000:]
    assert (
        Receipt.objects.count() == Inbox.objects.get(channel="email").cursor.get("uid", 0) == (when == "after keeping")
    )
    actions.poll_inbox(box, None, lambda: Receipt.objects.count() == 2)
    rows = list(Receipt.objects.order_by("id"))
    assert [row.raw["uid"] for row in rows] == [1, 2]
    assert [content(row) for row in rows] == [mail(1), mail(2)]
    assert len([path for path in tmp_path.rglob("*") if path.is_file()]) == 2, "no files are left over"
