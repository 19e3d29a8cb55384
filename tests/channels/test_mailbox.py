"""A mailbox on a real IMAP server (Debian's dovecot) is read once and whole, whatever breaks."""

import signal
import time

import httpx
import pytest
from django.core.files.storage import default_storage

from caunoi.channels.base import Unreadable
from caunoi.channels.mail import imap, mailbox
from caunoi.channels.mail.connection import incoming
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Inbox, Receipt
from tests.channels.cable import Cable
from tests.channels.dovecot import PASSWORD

HTTP = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
DEMO = "demo@tinh.example"


def mail(number, size=0, sender="ba.tu@dan.example"):
    return (
        f"From: {sender}\r\nTo: {DEMO}\r\nSubject: {number}\r\nMessage-ID: <{number}@dan.example>\r\n\r\n{number}\r\n"
        f"{('x' * 70 + chr(13) + chr(10)) * (size // 72)}"
    ).encode()


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings, tmp_path):
    monkeypatch.setattr(imap, "BEAT", 0.02)
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def set_up(dovecot, db):
    def make(**config):
        config = {"imap_host": "127.0.0.1", "imap_port": dovecot.port, "imap_security": "plain", "timeout": 5,
                  "imap_user": dovecot.user, "address": DEMO, "certificate": dovecot.certificate} | config  # fmt: skip
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
    with default_storage.open(row.blob) as file:
        return channel("email").read(row.raw, queries.account(row.inbox, HTTP), file.read())[0].subject


def kept(number):
    return lambda: Receipt.objects.count() >= number


def trouble(box):
    return Inbox.objects.get(pk=box.pk).trouble


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


def test_a_restart_of_the_server_while_we_wait_is_survived(box, dovecot):
    def restart():
        dovecot.stop()
        dovecot.deliver(mail(2))
        dovecot.start()

    naps = read(box, kept(3), lambda: dovecot.deliver(mail(1)), restart, lambda: dovecot.deliver(mail(3)))
    assert texts() == ["1", "2", "3"]
    assert naps and not trouble(box), "it was in trouble for a while, and is well again"


def test_a_server_that_is_killed_and_stays_away_is_trouble_and_asked_ever_more_seldom(box, dovecot):
    dovecot.stop(signal.SIGKILL)
    naps = []
    calls = iter(range(200))
    actions.poll_inbox(box, HTTP, lambda: next(calls, None) is None, sleep=naps.append)
    assert "cannot be reached" in trouble(box) and sum(naps) > 60
    dovecot.start()
    dovecot.deliver(mail(1))
    read(box, kept(1))
    assert not trouble(box)


def test_a_cut_in_the_middle_of_a_mail_loses_and_doubles_nothing(box, dovecot, set_up, cable):
    for number in range(4):
        dovecot.deliver(mail(number, size=40_000))
    box = set_up(imap_port=cable.port)
    cable.cut = 70_000  # in the second mail
    read(box, kept(4))
    assert texts() == ["0", "1", "2", "3"] and cable.connections == 2
    assert all(
        row.raw["size"] > 40_000 == (default_storage.size(row.blob) > 40_000) * 40_000 for row in Receipt.objects.all()
    )


def test_a_line_that_goes_dead_without_a_word_is_noticed(set_up, dovecot, cable):
    box = set_up(imap_port=cable.port, timeout=1, idle=1)

    def forget():
        cable.silence()
        dovecot.deliver(mail(2))

    read(box, kept(2), lambda: dovecot.deliver(mail(1)), forget)
    assert texts() == ["1", "2"] and cable.connections == 2


def test_after_a_new_uidvalidity_nothing_is_lost_and_nothing_doubled(box, dovecot):
    read(box, kept(2), lambda: dovecot.deliver(mail(1)), lambda: dovecot.deliver(mail(2)))
    before = Inbox.objects.get(pk=box.pk).cursor["validity"]
    dovecot.stop()
    time.sleep(1.1)  # dovecot takes the second as UIDVALIDITY
    dovecot.new_validity()
    dovecot.deliver(mail("old"), at=time.time() - 9 * 86400)
    dovecot.deliver(mail(3))
    dovecot.start()
    read(box, kept(3), lambda: dovecot.deliver(mail(4)))
    read(box, kept(4))
    assert texts() == ["1", "2", "3", "4"]
    assert Inbox.objects.get(pk=box.pk).cursor["validity"] != before


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


def test_a_wrong_password_is_trouble_in_clear_words_and_no_hammering(set_up, dovecot):
    box = set_up(password="wrong")
    failed, naps = dovecot.said("auth failed"), []
    calls = iter(range(100))
    actions.poll_inbox(box, HTTP, lambda: next(calls, None) is None, sleep=naps.append)
    assert trouble(box).startswith("The mail server refuses the user name or password")
    assert sum(naps) < imap.REFUSED and dovecot.said("auth failed", at_least=failed + 1) == failed + 1


def test_a_folder_that_is_not_there_is_named(set_up):
    box = set_up(folder="Phản ánh")
    read(box, lambda: trouble(box))
    assert trouble(box).startswith("The folder Phản ánh cannot be opened")


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


def test_that_mails_cannot_be_moved_keeps_nobody_from_reading(set_up, dovecot):
    box = set_up(move_to="not there")
    read(box, kept(2), lambda: dovecot.deliver(mail(1)), lambda: dovecot.deliver(mail(2)))
    assert texts() == ["1", "2"]


def test_of_a_huge_mail_the_beginning_is_read(box, dovecot, monkeypatch):
    monkeypatch.setattr(mailbox, "WHOLE", 5_000)
    dovecot.deliver(mail(1, size=50_000))
    dovecot.deliver(mail(2))
    read(box, kept(2))
    row = Receipt.objects.order_by("id").first()
    assert row.raw["size"] > 50_000 and default_storage.size(row.blob) == row.raw["cut"] == 5_000
    with default_storage.open(row.blob) as file:
        said = channel("email").read(row.raw, queries.account(box, HTTP), file.read())[0]
    assert said.extra["cut"] and said.subject == "1"


@pytest.fixture
def refuses(monkeypatch):
    """The server answers so to some commands for mail 1; for `times` times."""
    rules = []
    real = mailbox.connected.__wrapped__

    def refusing(server):
        for opened in real(server):
            ask = opened.client.uid

            def uid(command, *args, ask=ask):
                for rule in rules:
                    if args[0] == "1" and rule[0] in args[1] and rule[2]:
                        rule[2] -= 1
                        return "NO", [rule[1]]
                return ask(command, *args)

            opened.client.uid = uid
            yield opened

    monkeypatch.setattr(mailbox, "connected", imap.contextmanager(refusing))
    return lambda what, words, times=99: rules.append([what, words, times])


def test_a_mail_that_the_server_cannot_hand_out_holds_up_no_other(box, dovecot, refuses):
    refuses("BODY.PEEK", b"[SERVERBUG] Internal error")
    dovecot.deliver(mail(1))
    dovecot.deliver(mail(2))
    read(box, kept(2))
    bad, good = Receipt.objects.order_by("id")
    with pytest.raises(Unreadable, match="does not hand out mail 1"):
        channel("email").read(bad.raw, queries.account(box, HTTP), None)
    assert subject(good) == "2"


def test_of_a_mail_whose_body_is_not_handed_out_the_headers_are_read(box, dovecot, refuses):
    refuses("BODY.PEEK[]", b"[SERVERBUG] Internal error")
    dovecot.deliver(mail(1))
    read(box, kept(1))
    assert texts() == ["1"] and Receipt.objects.get().raw["cut"] == 0


def test_a_server_that_is_busy_is_asked_again(box, dovecot, refuses):
    refuses("BODY.PEEK[]", b"[INUSE] Mailbox is locked", 2)
    dovecot.deliver(mail(1))
    naps = read(box, kept(1))
    assert naps and texts() == ["1"] and "cut" not in Receipt.objects.get().raw


def test_clocks_that_disagree_change_nothing(box, dovecot):
    dovecot.deliver(mail("from 2019"), at=time.time() - 7 * 365 * 86400)
    dovecot.deliver(mail("from tomorrow"), at=time.time() + 86400)
    read(box, kept(2))
    assert texts() == ["from 2019", "from tomorrow"]


def test_a_full_disk_is_trouble_and_nothing_is_lost(box, dovecot, monkeypatch):
    full = [True]
    save = type(default_storage._wrapped if hasattr(default_storage, "_wrapped") else default_storage)._save

    def fails(self, name, content):
        if full:
            raise OSError(28, "No space left on device")
        return save(self, name, content)

    monkeypatch.setattr("django.core.files.storage.FileSystemStorage._save", fails)
    dovecot.deliver(mail(1))
    read(box, lambda: trouble(box))
    assert "No space left" in trouble(box) and not Receipt.objects.exists()
    full.clear()
    read(box, kept(1))
    assert texts() == ["1"] and not trouble(box)
