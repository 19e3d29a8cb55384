"""What people say on a channel becomes a ticket, a reply or a remark, and the answer goes back the way they came."""

import pytest
from django.utils.timezone import now

from caunoi.conversations import actions as conversations
from caunoi.conversations.mailbox import client
from caunoi.conversations.models import Conversation, Message, Outgoing
from caunoi.events.models import Event
from caunoi.notifications.models import Notification
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Exchange, Note, Suggestion, Ticket


@pytest.fixture
def chatting(chat, work):
    """As `chat`, with everything that follows done."""

    def write(text, **raw):
        name = chat.write(text, **raw)
        work()
        return name

    def send():
        Outgoing.objects.update(due="2026-01-01T00:00Z")
        conversations.dispatch(client())
        return [o.text for o in chat.said]

    chat.tell, chat.send, chat.work = write, send, work
    return chat


def test_a_report_on_zalo_becomes_a_ticket_and_its_writer_is_told_the_code(chatting, settings):
    chatting.tell("Đèn đường trước chợ hỏng ba hôm nay", name="Tư Demo", at_place=[11.52, 106.9])
    ticket = Ticket.objects.get()
    assert (ticket.channel, ticket.text, ticket.contact.name) == (
        "zalo",
        "Đèn đường trước chợ hỏng ba hôm nay",
        "Tư Demo",
    )
    assert (ticket.latitude, ticket.area.code, ticket.state) == (11.52, "25195", "new")
    assert ticket.conversation == chatting.thread() and not ticket.conversation.loose
    (told,) = chatting.send()
    assert ticket.code in told and f"{settings.PUBLIC_URL}/f/{ticket.follow}" in told and told.startswith("Chúng tôi")
    assert Outgoing.objects.get().message.exchange.ticket == ticket


def test_deciding_again_changes_nothing(chatting):
    chatting.tell("Đèn đường trước chợ hỏng ba hôm nay")
    chatting.tell("Cột bên cạnh cũng nghiêng")
    Event.objects.filter(kind__in=["message.receive", "ticket.create"]).update(pending=True, claimed=None)
    chatting.work()
    assert (Ticket.objects.count(), Note.objects.count(), Outgoing.objects.count()) == (1, 1, 1)


def test_more_words_are_a_remark_and_thanks_are_none(chatting):
    for text in ("Đèn đường trước chợ hỏng", "Cột bên cạnh cũng nghiêng", "cảm ơn"):
        chatting.tell(text)
    assert [n.text for n in Note.objects.all()] == ["Cột bên cạnh cũng nghiêng"]
    assert list(Exchange.objects.filter(message__inbound=True).order_by("message").values_list("sort", flat=True)) == [
        "report",
        "remark",
        "thanks",
    ]
    assert Notification.objects.filter(notice="ticket.remark.centre").count() == 1


def test_a_reply_lets_the_ticket_go_on(chatting, town):
    chatting.tell("Đèn đường hỏng")
    ticket = Ticket.objects.get()
    tickets.move(ticket, "ask", by=town.lan, question="Ở đoạn nào ạ?")
    chatting.work()
    assert "Ở đoạn nào ạ?" in chatting.send()[-1]
    chatting.tell("Trước số nhà 12")
    ticket.refresh_from_db()
    assert ticket.state == "new" and Note.objects.filter(text="Trước số nhà 12").exists()
    assert Notification.objects.filter(notice="ticket.resume.centre").exists()


def test_a_complaint_about_the_answer_is_kept_for_the_operator_and_reopens_nothing(chatting, town):
    chatting.tell("Đèn đường hỏng")
    ticket = Ticket.objects.get()
    tickets.move(ticket, "answer", by=town.lan, category=town.lamps, text="Đã thay bóng")
    chatting.work()
    assert "Đã thay bóng." in chatting.send()[-1]
    chatting.tell("Cảm ơn nhưng vẫn chưa sáng")
    ticket.refresh_from_db()
    assert ticket.state == "answered"
    assert Exchange.objects.get(sort="complaint").ticket == ticket
    assert Note.objects.filter(text="Cảm ơn nhưng vẫn chưa sáng").exists()


def test_a_greeting_opens_nothing_and_is_asked_once_what_it_is_about(chatting):
    chatting.tell("Xin chào")
    chatting.tell("alo")
    assert not Ticket.objects.exists() and chatting.thread().loose
    assert len(chatting.send()) == 1 and "việc gì, ở đâu" in chatting.said[0].text
    chatting.tell("Rác không ai gom ở hẻm 3")
    ticket = Ticket.objects.get()
    assert ticket.text == "Rác không ai gom ở hẻm 3" and not chatting.thread().loose
    assert Exchange.objects.filter(ticket=ticket, message__inbound=True).count() == 3


def test_who_says_it_in_the_next_breath_is_not_asked(chatting):
    chatting.tell("Xin chào")
    chatting.tell("Rác không ai gom ở hẻm 3")
    (told,) = chatting.send()
    assert "việc gì, ở đâu" not in told


def test_who_says_it_in_the_same_breath_neither(chatting, chat, work):
    chat.came(text="Xin chào")
    chat.came(text="Rác không ai gom ở hẻm 3")
    assert conversations.read() == 2
    work()
    (told,) = chatting.send()
    assert "việc gì, ở đâu" not in told and not chatting.thread().loose


def test_nobody_is_asked_in_public_and_nothing_private_is_said_there(chatting):
    chatting.tell("chào ad", thread="post", public=True)
    assert not Outgoing.objects.exists()
    chatting.tell("Rác không ai gom ở hẻm 3", thread="post", public=True)
    (told,) = chatting.send()
    assert Ticket.objects.get().code in told and "/f/" not in told


def test_pictures_before_and_after_the_words_come_to_the_ticket(chatting, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    chatting.channel.pictures |= {"a": jpeg, "b": jpeg}
    chatting.tell("", media=[("image", "a")])
    for row in conversations.claim_enclosures():
        conversations.fetch(row, client())
    chatting.tell("Rác không ai gom ở hẻm 3")
    ticket = Ticket.objects.get()
    assert ticket.photos.count() == 1
    chatting.tell("", media=[("image", "b")])
    for row in conversations.claim_enclosures():
        conversations.fetch(row, client())
    chatting.work()
    assert ticket.photos.count() == 2


def test_a_stranger_quoting_a_code_has_a_ticket_of_their_own_with_a_hint(chatting):
    chatting.tell("Đèn đường trước chợ hỏng")
    first = Ticket.objects.get()
    chatting.tell(f"Phiếu {first.code} nhà tôi cũng bị tối", **{"from": "nam"})
    second = Ticket.objects.exclude(pk=first.pk).get()
    hint = Suggestion.objects.get()
    assert (hint.ticket, hint.other, hint.why) == (second, first, "quoted")
    assert not Note.objects.filter(ticket=first).exists()


def test_two_people_in_one_batch_have_two_tickets_and_each_their_messages(chatting):
    at = now().isoformat()  # to the second, as providers say it
    for who in ("tu", "nam", "sau"):
        for text in ("Rác không ai gom ở hẻm của tôi", "Hai tuần nay rồi, hôi lắm"):
            chatting.came(text=f"{text} {who}", at=at, **{"from": who})
    conversations.read()
    chatting.work()
    assert Ticket.objects.count() == 3 and Note.objects.count() == 3
    for ticket in Ticket.objects.all():
        assert {e.message.conversation_id for e in ticket.exchanges.all()} == {ticket.conversation_id}


def test_a_changed_report_is_told_to_whoever_works_on_it(chatting):
    first = chatting.tell("Đèn đường trước chợ hỏng")
    chatting.tell("Đèn đường trước trường học hỏng", does="edit", refers=first)
    ticket = Ticket.objects.get()
    assert ticket.text == "Đèn đường trước chợ hỏng"
    assert [n.text for n in ticket.notes.all()] == ["Đèn đường trước trường học hỏng"]


def test_every_step_that_matters_is_written_to_the_citizen_once(chatting, town):
    chatting.tell("Đèn đường trước chợ hỏng")
    ticket = Ticket.objects.get()
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    chatting.work()
    Event.objects.filter(subject="ticket").update(pending=True, claimed=None)
    chatting.work()
    said = chatting.send()
    assert len(said) == 2 and "Xí nghiệp Công trình công cộng" in said[1]
    assert Message.objects.filter(inbound=False).count() == 2


def test_a_ticket_from_the_web_is_told_only_on_its_page(chatting, town):
    ticket = tickets.take(tickets.Report(text="Đèn tắt", channel="web", once="w1"), by=town.lan)
    tickets.move(ticket, "answer", by=town.lan, category=town.lamps, text="Xong")
    chatting.work()
    assert not Outgoing.objects.exists()
    assert Notification.objects.filter(notice="ticket.answer.citizen").exists()
    assert not Conversation.objects.filter(loose=True).exists()
