"""A mailbox on a real IMAP server (Debian's dovecot) is read once and whole, whatever breaks.

Proves: E-mail: IMAP IDLE, cuts, server killed and restarted, UIDVALIDITY, 1,000 mails once each; SMTP; threads by
id **and** sender; ugly mails; Microsoft 365 tokens"""

import time

import pytest

from caunoi.channels.mail import imap, mailbox
from caunoi.channels.mail.connection import incoming
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.raw import content
from tests.channels.dovecot import PASSWORD
from tests.channels.letterbox import HTTP, kept, mail, read, texts, trouble

pytestmark = pytest.mark.usefixtures("quick")


def test_mails_are_read_in_order_and_left_as_they_were(box, dovecot):
    for number in range(3):
        dovecot.deliver(mail(number))
    read(box, kept(4), lambda: dovecot.deliver(mail(3)))
    assert texts() == ["0", "1", "2", "3"]
    assert not [path for path in (dovecot.mailbox / "cur").iterdir() if not path.name.endswith(":2,")], (
        "nothing is marked"
    )


def test_what_lay_in_the_mailbox_before_it_was_connected_is_left_alone_unless_asked_for(dovecot, set_up):
    dovecot.deliver(mail("old"), at=time.time() - 9 * 86400)
    dovecot.deliver(mail("recent"))
    box = set_up()
    read(box, kept(1), lambda: dovecot.deliver(mail("new")))
    assert texts() == ["new"]
    Receipt.objects.all().delete()
    Inbox.objects.update(cursor={})
    box = set_up(since=time.strftime("%Y-%m-%d", time.localtime(time.time() - 3 * 86400)))
    read(box, kept(2))
    assert texts() == ["recent", "new"]


def test_what_comes_after_it_was_set_up_and_before_it_is_connected_is_read(dovecot, set_up, town):
    """A worker takes some seconds, a server that is down may take a day."""
    dovecot.deliver(mail("of yesterday"), at=time.time() - 86400)
    dovecot.deliver(mail("of an hour ago"), at=time.time() - 3600)
    box = set_up()
    Inbox.objects.update(cursor={})
    actions.edit_inbox(box, label="Thư", by=town.quan)
    dovecot.deliver(mail("at once"))
    begun = Inbox.objects.get(pk=box.pk).cursor
    actions.edit_inbox(box, secrets={"password": PASSWORD}, by=town.quan)
    assert Inbox.objects.get(pk=box.pk).cursor == begun, "a password that is typed again moves nothing"
    dovecot.deliver(mail("and another"))
    read(box, kept(2))
    assert texts() == ["at once", "and another"]
    before = Inbox.objects.get(pk=box.pk).cursor
    actions.edit_inbox(box, label="Hộp thư", by=town.quan)
    assert Inbox.objects.get(pk=box.pk).cursor == before, "once connected, it goes on from where it was"


@pytest.mark.parametrize("security", ["tls", "starttls"])
def test_the_line_is_encrypted_and_the_servers_certificate_checked(security, set_up, dovecot):
    port = dovecot.tls_port if security == "tls" else dovecot.port
    box = set_up(imap_security=security, imap_port=port)
    read(box, kept(1), lambda: dovecot.deliver(mail(1)))
    box = set_up(imap_security=security, imap_port=port, certificate="")
    read(box, lambda: trouble(box))
    assert "No secure connection" in trouble(box) and "certificate" in trouble(box)


def test_mails_that_come_while_the_poller_is_down_are_read_later(box, dovecot):
    read(box, kept(1), lambda: dovecot.deliver(mail(1)))
    dovecot.deliver(mail(2))
    dovecot.deliver(mail(3))
    read(box, kept(3))
    assert texts() == ["1", "2", "3"]


@pytest.mark.slow
def test_a_thousand_mails_are_read_each_once(box, dovecot):
    for number in range(1000):
        dovecot.deliver(mail(number))
    read(box, kept(1000), seconds=120)
    assert sorted(map(int, texts())) == list(range(1000))
    assert Receipt.objects.values("external_id").distinct().count() == 1000


def test_a_mail_delivered_twice_is_one_and_two_mails_of_one_name_are_two(box, dovecot):
    dovecot.deliver(b"Received: by one\r\n" + mail(1))
    dovecot.deliver(b"Received: by another\r\n" + mail(1))
    dovecot.deliver(mail(1).replace(b"Subject: 1", b"Subject: 2"))
    dovecot.deliver(mail(3))
    read(box, kept(3))
    assert texts() == ["1", "2", "3"]


def test_a_server_without_idle_is_asked_now_and_then(set_up, dovecot, monkeypatch):
    real = imap.connected.__wrapped__

    def without(server):
        for opened in real(server):
            opened.client.capabilities = tuple(set(opened.client.capabilities) - {"IDLE"})
            yield opened

    monkeypatch.setattr(mailbox, "connected", imap.contextmanager(without))
    monkeypatch.setattr(imap, "_idle", None)
    box = set_up(every=0.05)
    read(box, kept(2), lambda: dovecot.deliver(mail(1)), lambda: dovecot.deliver(mail(2)))


def test_mails_that_were_read_are_moved_when_that_is_set_up(set_up, dovecot):
    box = set_up(move_to="Đã đọc")
    with imap.connected(incoming(queries.account(box, HTTP))) as opened:
        opened.folder.create("Đã đọc")
    read(box, kept(2), lambda: dovecot.deliver(mail(1)), lambda: dovecot.deliver(mail(2)), lambda: None)
    assert not list((dovecot.mailbox / "cur").iterdir()) and not list((dovecot.mailbox / "new").iterdir())
    assert len(list(dovecot.mailbox.glob(".*/*/*.*P*"))) == 2


def test_of_a_huge_mail_the_beginning_is_read(box, dovecot, monkeypatch):
    monkeypatch.setattr(mailbox, "WHOLE", 5_000)
    dovecot.deliver(mail(1, size=50_000))
    dovecot.deliver(mail(2))
    read(box, kept(2))
    row = Receipt.objects.order_by("id").first()
    assert row.raw["size"] > 50_000 and len(content(row)) == row.raw["cut"] == 5_000
    said = channel("email").read(row.raw, queries.account(box, HTTP), content(row))[0]
    assert said.extra["cut"] and said.subject == "1"
