"""Who reports is told: by SMS to a mobile number, by mail to an address, in the thread they wrote in; once by each way,
and where there is none somebody of the staff sees it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi import moves
from caunoi.conversations import actions as conversations
from caunoi.conversations import queries
from caunoi.conversations.models import Outgoing
from caunoi.conversations.queries.ways import NO_GATEWAY, NO_MOBILE, NOTHING_KNOWN
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.lib.messages.segments import count
from caunoi.notifications import actions
from caunoi.notifications.queries import untold
from caunoi.sla.queries import handle
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Act, History, Report, Reporter


@pytest.fixture
def gateways(town):
    conversations.make_inbox("texts", "sms", url="https://sms.example/send")
    conversations.make_inbox("mails", "email", address="1022@demo.example", smtp_host="mail.example")


@pytest.fixture
def reported(town, work):
    def report(once="a", **who):
        found = Report(text="Mất nước ở hẻm 3", channel="web", once=once, reporter=Reporter(**who))
        ticket = tickets.take(found, by=citizen())
        work()
        return ticket

    return report


def ways(ticket):
    rows = Outgoing.objects.filter(message__exchange__ticket=ticket).order_by("id")
    return [(row.inbox.channel, row.address, row.state) for row in rows]


@pytest.mark.usefixtures("gateways")
def test_a_number_and_an_address_are_each_written_to_once(reported, work):
    ticket = reported(phone="+84912345678", email="an@example.vn")
    assert ways(ticket) == [("sms", "+84912345678", "queued"), ("email", "an@example.vn", "queued")]
    event = Event.objects.get(kind="ticket.create", subject_id=ticket.pk)
    actions.tell([(ticket, event, None)])
    assert len(ways(ticket)) == 2, "told again, nobody is told twice"
    sms = Outgoing.objects.get(inbox__channel="sms")
    assert ticket.code in sms.text and sms.text.endswith(f"/f/{ticket.follow}") and count(sms.text) <= 2


@pytest.mark.usefixtures("gateways")
def test_an_answer_goes_with_its_words_by_mail_and_with_the_link_by_sms(reported, town, work):
    ticket = reported(phone="+84912345678", email="an@example.vn")
    tickets.move(ticket, "answer", by=town.lan, text="Đã có nước.", category=town.lamps)
    work()
    rows = Outgoing.objects.filter(template="ticket.answer").select_related("inbox")
    texts = {row.inbox.channel: row.text for row in rows}
    assert "Đã có nước." in texts["email"] and "Đã có nước." not in texts["sms"] and "/f/" in texts["sms"]
    assert untold(ticket) == ""


@pytest.mark.parametrize(
    ("who", "why"),
    [
        ({"phone": "+84912345678"}, NO_GATEWAY),
        ({"phone": "+842513822022"}, NO_MOBILE),
        ({}, NOTHING_KNOWN),
    ],
)
def test_an_answer_that_nobody_can_be_told_is_seen(reported, town, work, who, why):
    ticket = reported(**who)
    assert ways(ticket) == [], "that it was received stands on the page: nobody need see to it"
    tickets.move(ticket, "answer", by=town.lan, text="Đã có nước.", category=town.lamps)
    work()
    assert untold(ticket) == why
    assert [row.trouble for row in queries.undelivered(SYSTEM)] == ([why] if who else [])
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["lan"], backend="django.contrib.auth.backends.ModelBackend")
    assert "The citizen has not been notified" in client.get(f"/desk/{ticket.code}/").content.decode()
    if who:
        conversations.call_instead(queries.undelivered(SYSTEM).get(), who["phone"], by=town.lan)
        assert untold(ticket) == "" and queries.callbacks(SYSTEM).get().contact == ticket.contact


@pytest.mark.usefixtures("gateways")
def test_a_failed_sms_is_no_task_while_a_mail_is_on_its_way(reported):
    ticket = reported(phone="+84912345678", email="an@example.vn")
    conversations.bounce(Outgoing.objects.get(inbox__channel="sms"), "no such number")
    assert not queries.undelivered(SYSTEM).exists() and not queries.callbacks(SYSTEM).exists()
    conversations.bounce(Outgoing.objects.get(inbox__channel="email"), "no such mailbox")
    assert queries.callbacks(SYSTEM).get().phone == ticket.contact.phone


@pytest.mark.usefixtures("gateways")
def test_histories_written_in_bulk_tell_nobody(town, work):
    report = Report(text="Đèn tắt", channel="phone", once="old", reporter=Reporter(phone="+84912345678"))
    answered = Act(name="answer", at=now(), by=town.lan, move_input={"text": "Xong.", "category": town.lamps})
    moves.write([History(report=report, at=now() - timedelta(days=1), by=town.lan, acts=[answered])])
    work()
    assert not Outgoing.objects.exists()


def test_a_ticket_opened_again_has_a_new_promise_and_keeps_its_first_due(town, work):
    begun = now() - timedelta(days=40)
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="a"), by=citizen(), at=begun)
    work()
    first = handle(ticket)
    assert first and first.promised == first.due and first.again is None
    answered = {"text": "Xong.", "category": town.lamps}
    tickets.move(ticket, "answer", by=town.lan, at=begun + timedelta(hours=1), **answered)
    work()
    due = handle(ticket).due
    tickets.move(ticket, "reopen", by=citizen(ticket.pk), reason="Chưa xong")
    work()
    again = handle(ticket)
    assert again.due == due < now(), "the figures keep the first"
    assert again.promised == again.promise > now() and again.again >= begun + timedelta(days=39)
    page = Client(headers={"accept-language": "en"}).get(f"/f/{ticket.follow}").content.decode()
    assert "New answer due" in page and "does not count as the result" in page


@pytest.mark.usefixtures("gateways")
def test_an_emergency_that_is_refused_begins_with_the_number_to_call(reported, town, work):
    ticket = reported(phone="+84912345678", email="an@example.vn")
    moves.perform("refuse", [ticket], by=town.lan, move_input={"reason": "emergency", "text": "Đừng chờ."})
    work()
    sms = Outgoing.objects.get(inbox__channel="sms", once__contains=f"{Event.objects.get(kind='ticket.refuse').pk}:")
    mail = Outgoing.objects.get(inbox__channel="email", once__startswith=sms.once.split("/")[0])
    for text in (sms.text, mail.text):
        assert text.lower().startswith(("anh/chị gọi ngay: 113", "anh/chi goi ngay: 113"))
        assert "không tiếp nhận" not in text and "khong tiep nhan" not in text
    assert "Đừng chờ." in mail.text and ticket.code in mail.text
    assert "Anh/chị gọi ngay số khẩn cấp" in Client().get(f"/f/{ticket.follow}", follow=True).content.decode()
