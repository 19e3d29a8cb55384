"""Leaders are told what is slow: at the set hours of working days, once each, and not when nothing is.

Proves: Digest to each leader at set hours ⚙ of working days, once a slot under six racing workers, by mail with the
PDF, on the board; quiet when nothing
Proves: Digest to each agency's lead of what is late there, at hours of its own ⚙"""

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
from caunoi.routing.models import Handover
from caunoi.tickets.models import Ticket
from caunoi.vault import blind
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
    for minute in (0, 1, 29):
        time_machine.move_to(SLOT + timedelta(minutes=minute), tick=False)
        digests.send()
    row = Digest.objects.get()
    assert (row.user.username, row.slot, row.quiet, row.mailed) == ("phong", SLOT, False, True)
    assert row.figures["overdue"] == 1
    mail = Outgoing.objects.get()
    assert mail.address == "phong@demo.example" and august["e"].code in mail.text
    (file,) = outbound(mail, None, 0).files
    assert file.content.startswith(b"%PDF") and file.name == "1022-2026-09-03-0730.pdf"


def test_the_lead_of_an_agency_is_told_what_is_late_there_and_nothing_else(town, august, mailbox):
    eight = SLOT.replace(hour=8, minute=0)
    User.objects.filter(username="hoa").update(email="hoa@demo.example")
    assert digests.send(at=eight - timedelta(minutes=1)) == 1  # the leader's slot of half past seven
    Digest.objects.all().delete()
    digests.send(at=eight)
    rows = {row.user.username: row for row in Digest.objects.filter(slot=eight)}
    assert rows["hoa"].figures["own"] == "xncongtrinh" and rows["hoa"].figures["overdue"] == 1
    assert rows["hoa"].mailed and all(row.quiet for name, row in rows.items() if name != "hoa")
    mail = Outgoing.objects.get(blind.equal(Outgoing, "address", "hoa@demo.example"))
    assert august["e"].code in mail.text and "/agency/" in mail.text and "/board/" not in mail.text
    assert "Nhiều nhất ở" not in mail.text
    assert digests.send(at=eight + timedelta(minutes=1)) == 0
    set_option("agency_digest_hours", "-", by=town.quan)
    digests.send(at=eight + timedelta(days=1))
    assert not Digest.objects.filter(user__username="hoa", slot__gt=eight).exists()


def test_what_another_holds_is_not_told_to_a_lead_who_only_helps(town, august):
    Ticket.objects.filter(pk=august["e"].pk).update(agency=town.power)
    Handover.objects.filter(ticket=august["e"], role=Handover.Role.LEAD).update(agency=town.power)
    read = digests.reading(town.hoa, SLOT - timedelta(days=1), SLOT, agency="xncongtrinh")
    assert (read["overdue"], read["cases"], read["agencies"]) == (0, [], [])


def test_the_paper_goes_with_the_mail_itself(town, august, mailbox):
    digests.send(at=SLOT)
    said = outbound(Outgoing.objects.get(), None, 0)
    raw = letter.compose(
        message_id="a@demo.example",
        sender=("1022", "1022@demo.example"),
        to=said.to,
        subject=said.subject,
        text=said.text,
        at=SLOT,
        automatic=said.automatic,
        files=said.files,
    )
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
