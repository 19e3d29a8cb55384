"""What a mail server can do wrong, or be hindered in, loses and doubles no mail and is told in clear words."""

import signal
import time

import pytest
from django.core.files.storage import FileSystemStorage

from caunoi.channels.base import UnreadableError
from caunoi.channels.mail import imap, mailbox
from caunoi.channels.registry import channel
from caunoi.conversations import actions, queries
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.raw import content
from tests.channels.letterbox import HTTP, kept, mail, read, subject, texts, trouble

pytestmark = pytest.mark.usefixtures("quick")


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
    assert all(row.raw["size"] == len(content(row)) > 40_000 for row in Receipt.objects.all())


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


def test_that_mails_cannot_be_moved_keeps_nobody_from_reading(set_up, dovecot):
    box = set_up(move_to="not there")
    read(box, kept(2), lambda: dovecot.deliver(mail(1)), lambda: dovecot.deliver(mail(2)))
    assert texts() == ["1", "2"]


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
    with pytest.raises(UnreadableError, match="does not hand out mail 1"):
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
    save = FileSystemStorage._save

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
