"""Leaders are told what is slow: at the set hours of working days, once each, and not when nothing is."""

import email
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from email import policy

import pytest
from django.db import connections
from django.test import Client

from caunoi.accounts.models import User
from caunoi.channels.mail import letter
from caunoi.conversations.actions.outgoing import outbound
from caunoi.conversations.models import Inbox, Outgoing
from caunoi.directives import actions as directives
from caunoi.directory.actions import set_day, set_option
from caunoi.directory.options import OPTIONS
from caunoi.events.actor import SYSTEM
from caunoi.reports import digests
from caunoi.reports.models import Digest
from tests.reports.conftest import TODAY

SLOT = TODAY.replace(day=3, hour=7, minute=30)  # a Thursday; 1 and 2 September are off


@pytest.fixture
def mailbox(town):
    box = Inbox.objects.get(name="email")
    Inbox.objects.filter(pk=box.pk).update(config={"address": "1022@demo.example", "smtp_host": "mail.demo.example"})
    User.objects.filter(username="phong").update(email="phong@demo.example")
    return box


def test_a_leader_is_told_once_a_slot_by_mail_with_the_paper(town, august, mailbox, time_machine):
    time_machine.move_to(SLOT - timedelta(minutes=1), tick=False)
    assert digests.send() == 0
    for minute in (0, 1, 30):
        time_machine.move_to(SLOT + timedelta(minutes=minute), tick=False)
        digests.send()
    row = Digest.objects.get()
    assert (row.user.username, row.slot, row.quiet, row.mailed) == ("phong", SLOT, False, True)
    assert row.figures["overdue"] == 1
    mail = Outgoing.objects.get()
    assert mail.address == "phong@demo.example" and august["e"].code in mail.text
    (file,) = outbound(mail, None, 0).files
    assert file.content.startswith(b"%PDF") and file.name == "1022-2026-09-03-0730.pdf"


def test_the_paper_goes_with_the_mail_itself(town, august, mailbox):
    digests.send(at=SLOT)
    said = outbound(Outgoing.objects.get(), None, 0)
    raw = letter.compose(
        message_id="a@demo.example", sender=("1022", "1022@demo.example"), to=said.to, subject=said.subject,
        text=said.text, at=SLOT, automatic=said.automatic, files=said.files,
    )  # fmt: skip
    mail = email.message_from_bytes(raw, policy=policy.default)
    (part,) = mail.iter_attachments()
    assert part.get_content_type() == "application/pdf" and part.get_content().startswith(b"%PDF")


def test_nothing_slow_is_not_told(town, mailbox, time_machine):
    time_machine.move_to(SLOT, tick=False)
    assert digests.send() == 1
    assert Digest.objects.get().quiet and not Outgoing.objects.exists()
    assert digests.send() == 0


def test_without_a_mailbox_it_stands_on_the_board_alone(town, august):
    digests.send(at=SLOT)
    assert not Digest.objects.get().mailed
    client = Client(headers={"accept-language": "vi"})
    client.force_login(town.users["phong"], backend="django.contrib.auth.backends.ModelBackend")
    assert "Có 1 phiếu quá hạn" in client.get("/board/overdue").content.decode()


def test_a_day_off_is_not_told(town, august, time_machine):
    sunday = datetime.fromisoformat("2026-08-30T07:30:00+07:00")
    assert digests.due(sunday) is None
    assert digests.due(SLOT) == SLOT
    set_day(SLOT.date(), False, by=SYSTEM, note="Nghỉ")
    assert digests.due(SLOT) is None


def test_the_hours_are_the_provinces(town, august):
    set_option("digest_hours", "6:15", by=town.quan)
    assert digests.due(SLOT) == SLOT.replace(hour=6, minute=15)
    set_option("digest_hours", "-", by=town.quan)
    assert digests.due(SLOT) is None
    for wrong in ("25:00", "sáng", "", "7:30;8"):
        with pytest.raises(ValueError):
            OPTIONS["digest_hours"].check(wrong)


def test_overdue_explanations_and_orders_are_told_too(town, mailbox, time_machine):
    time_machine.move_to(SLOT - timedelta(days=3), tick=False)
    directives.give("Rà soát đèn", SLOT - timedelta(days=1), by=town.phong, agency=town.works)
    time_machine.move_to(SLOT, tick=False)
    digests.send()
    assert "Có 1 chỉ đạo quá hạn" in Outgoing.objects.get().text


@pytest.mark.django_db(transaction=True)
def test_however_many_workers_ask_each_leader_is_told_once(town, august, mailbox):
    def ask(_):
        try:
            return digests.send(at=SLOT + timedelta(seconds=_))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(6) as pool:
        told = list(pool.map(ask, range(6)))
    assert sum(told) == 1 == Digest.objects.count() == Outgoing.objects.count()
