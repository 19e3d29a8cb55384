"""Threads at the desk: with a ticket beside it, without one in a list, and what did not arrive."""

import pytest
from django.test import Client
from django.utils.timezone import now

from caunoi.channels.base import DeliveryError, Window
from caunoi.conversations import actions
from caunoi.conversations.mailbox import client as http
from caunoi.conversations.models import Callback, Outgoing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Exchange, Suggestion, Ticket


@pytest.fixture
def desk(town):
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["lan"])
    return client


@pytest.fixture
def tell(chat, work):
    def write(text, **raw):
        name = chat.write(text, **raw)
        work()
        return name

    return write


def html(response):
    return response.content.decode()


def send():
    Outgoing.objects.update(due=now())
    actions.dispatch(http())


def test_both_sides_stand_beside_the_ticket_with_what_became_of_ours(desk, chat, tell):
    tell("Đèn đường trước chợ hỏng", name="Tư Demo")
    ticket = Ticket.objects.get()
    send()
    page = html(desk.get(f"/desk/{ticket.code}/"))
    assert page.count("Đèn đường trước chợ hỏng") >= 2 and "Chúng tôi đã nhận phản ánh" in page and "sent out" in page
    tell("", does="read", refers="out-1")
    assert " read" in html(desk.get(f"/desk/{ticket.code}/"))


def test_a_reply_goes_into_the_thread_once(desk, chat, tell):
    tell("Đèn đường trước chợ hỏng")
    ticket = Ticket.objects.get()
    for _ in range(2):
        desk.post(f"/desk/{ticket.code}/say", {"say": "Anh cho biết số nhà ạ?", "once": "abc"})
    send()
    assert [o.text for o in chat.said][1:] == ["Anh cho biết số nhà ạ?"]
    assert Outgoing.objects.get(once="reply:abc").message.exchange.ticket == ticket
    empty = desk.post(f"/desk/{ticket.code}/say", {"say": " ", "once": "x"})
    assert empty.status_code == 422 and "Please write something first." in html(empty)
    long = desk.post(f"/desk/{ticket.code}/say", {"say": "a" * 4001, "once": "x"})
    assert long.status_code == 422 and "a" * 4001 in html(long)


def test_the_reply_box_says_what_happens_when_the_window_is_closed(desk, chat, tell, monkeypatch):
    tell("Đèn đường trước chợ hỏng", phone="+84912000111")
    address = f"/desk/{Ticket.objects.get().code}/"
    assert "You can write to them freely now." in html(desk.get(address))
    monkeypatch.setattr(chat.channel, "window", lambda *args: Window.CLOSED, raising=False)
    assert "becomes a task to call 0912 000 111" in html(desk.get(address))


def test_a_changed_and_a_removed_message_are_shown_as_such(desk, tell):
    first = tell("Đèn đường trước chợ hỏng")
    tell("Đèn đường trước trường hỏng", does="edit", refers=first)
    second = tell("Quá bực mình các anh ơi")
    tell("", does="remove", refers=second)
    page = html(desk.get(f"/desk/{Ticket.objects.get().code}/"))
    assert "changed" in page and "<del>Đèn đường trước chợ hỏng</del>" in page
    assert "taken back" in page and "<del>Quá bực mình các anh ơi</del>" in page


def test_a_complaint_offers_to_reopen(desk, town, tell):
    tell("Đèn đường trước chợ hỏng")
    ticket = Ticket.objects.get()
    tickets.move(ticket, "answer", by=town.lan, category=town.lamps, text="Đã thay")
    tell("Vẫn chưa sáng")
    page = html(desk.get(f"/desk/{ticket.code}/"))
    assert "The citizen is not satisfied with the answer" in page and "/move/reopen" in page


def test_a_message_about_something_else_gets_a_ticket_of_its_own(desk, tell):
    tell("Đèn đường trước chợ hỏng")
    tell("Hẻm 3 rác không ai gom")
    first = Ticket.objects.get()
    message = Exchange.objects.get(sort="remark").message
    desk.post(f"/desk/{first.code}/split/{message.pk}")
    second = Ticket.objects.exclude(pk=first.pk).get()
    assert second.text == "Hẻm 3 rác không ai gom" and second.conversation == first.conversation
    assert Suggestion.objects.get(ticket=second).other == first
    assert "shortly before" in html(desk.get(f"/desk/{second.code}/"))
    assert desk.post(f"/desk/{first.code}/split/{message.pk}").status_code == 302
    assert Ticket.objects.count() == 2


def test_threads_without_a_ticket_stand_in_a_list_unread_first(desk, chat, tell):
    for who in ("tu", "nam", "sau"):
        tell("Xin chào", name=f"Anh {who}", **{"from": who})
    desk.get(f"/desk/conversations/{chat.thread('sau').pk}/")
    names = [line.name for line in desk.get("/desk/conversations/").context["rows"]]
    assert names == ["Anh nam", "Anh tu", "Anh sau"]
    found = desk.get("/desk/conversations/", {"q": "anh tu"}).context["rows"]
    assert [line.name for line in found] == ["Anh tu"]
    assert not desk.get("/desk/conversations/", {"q": "không có"}).context["rows"]


def test_the_list_is_paged_by_what_was_seen_last(desk, chat, tell, monkeypatch):
    monkeypatch.setattr("caunoi.web.desk.conversations.PAGE", 2)
    for who in "abcde":
        tell("Xin chào", **{"from": who})
    desk.get(f"/desk/conversations/{chat.thread('e').pk}/")
    seen, page = [], desk.get("/desk/conversations/")
    while True:
        seen += [line.row.address for line in page.context["rows"]]
        if not page.context["older"]:
            break
        page = desk.get("/desk/conversations/" + page.context["older"])
    assert seen == ["d", "c", "b", "a", "e"]
    assert desk.get("/desk/conversations/?after=rubbish").status_code == 200


def test_a_ticket_is_made_of_a_thread(desk, chat, tell, town):
    tell("Ngập!", name="Tư Demo")
    pk = chat.thread().pk
    assert desk.post(f"/desk/conversations/{pk}/make", {"words": ""}).status_code == 422
    response = desk.post(f"/desk/conversations/{pk}/make", {"words": "Đường ngập ở ngã tư"}, follow=True)
    ticket = Ticket.objects.get()
    assert ticket.code in html(response) and ticket.text == "Đường ngập ở ngã tư" and ticket.operator == "lan"
    assert ticket.exchanges.count() == 1 and not chat.thread().loose
    assert desk.post(f"/desk/conversations/{pk}/make", {"words": "Lần nữa"}).status_code == 302
    assert Ticket.objects.count() == 1


def test_a_thread_is_linked_to_a_ticket_let_go_and_taken_back(desk, chat, tell):
    tell("Đèn đường trước chợ hỏng")
    ticket = Ticket.objects.get()
    tell("Chào", **{"from": "nam"})
    pk = chat.thread("nam").pk
    wrong = desk.post(f"/desk/conversations/{pk}/link", {"code": "26-999999-9"})
    assert wrong.status_code == 422 and "26-999999-9" in html(wrong)
    other = desk.post(f"/desk/conversations/{pk}/link", {"code": ticket.code})
    assert other.status_code == 422 and 'name="sure"' in html(other), "who is another person as far as we know"
    assert not ticket.exchanges.filter(message__conversation=pk).exists()
    desk.post(f"/desk/conversations/{pk}/link", {"code": ticket.code, "sure": "1"})
    assert ticket.exchanges.filter(message__conversation=pk).count() == 1
    tell("Chào", **{"from": "sau"})
    pk = chat.thread("sau").pk
    response = desk.post(f"/desk/conversations/{pk}/dismiss", follow=True)
    assert not response.context["rows"]
    undo = [m.extra_tags for m in response.context["messages"] if "undo:" in m.extra_tags][-1]
    desk.post(undo.split("undo:")[1])
    assert chat.thread("sau").loose


def test_pictures_of_a_thread_are_for_the_centre_only(desk, chat, tell, town, jpeg, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    chat.channel.pictures["u"] = jpeg
    tell("", media=[("image", "u")])
    for row in actions.claim_enclosures():
        actions.fetch(row, http())
    address = desk.get(f"/desk/conversations/{chat.thread().pk}/").context["talk"][0].photos[0].url
    response = desk.get(address)
    assert response.status_code == 200
    response.close()
    officer = Client()
    officer.force_login(town.users["minh"])
    assert officer.get(address).status_code == 404 and Client().get(address).status_code == 404


def test_what_did_not_arrive_is_sent_again_called_or_given_up(desk, chat, tell):
    for who in ("tu", "nam", "sau"):
        tell("Xin chào", phone="+84912000111" if who == "nam" else "", **{"from": who})
    chat.channel.refuse = [DeliveryError("blocked by the user")] * 3
    actions.ask_what([])  # nothing more
    send()
    Callback.objects.all().delete()
    rows = {line.row.address: line.row for line in desk.get("/desk/undelivered/").context["rows"]}
    assert "blocked by the user" in html(desk.get("/desk/undelivered/"))
    desk.post("/desk/undelivered/decide", {"do": "again", "id": [rows["tu"].pk]})
    desk.post("/desk/undelivered/decide", {"do": "call", "id": [rows["nam"].pk, rows["sau"].pk]})
    assert Callback.objects.get().phone == "+84912000111"
    desk.post("/desk/undelivered/decide", {"do": "drop", "id": [rows["sau"].pk]})
    assert not desk.get("/desk/undelivered/").context["rows"]
    send()
    assert [o.to for o in chat.said] == ["tu"]
    assert desk.post("/desk/undelivered/decide", {"do": "again"}).status_code == 302


def test_how_the_channels_are_is_said_with_what_to_do(desk, chat, tell):
    tell("Xin chào")
    chat.channel.refuse = [DeliveryError("-216 token", retry=True, code="token")]
    send()
    page = html(desk.get("/desk/channels/"))
    assert "-216 token" in page and "does not work" in page and "sends a test" in page


def test_what_an_operator_typed_by_hand_is_written_to_nobody(desk, chat, tell, town, work):
    report = tickets.Report(text="Đèn tắt", channel="zalo", once="by-hand", inbox="chat")
    ticket = tickets.take(report, by=town.lan)
    work()
    assert not Outgoing.objects.exists()
    assert "did not write themselves" in html(desk.get(f"/desk/{ticket.code}/"))
