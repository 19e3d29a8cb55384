"""A reply that is confidential goes aside, before anybody of the staff can read it, and comes back as a false alarm.

Proves: a reply with words of denunciation, children or violence on an ordinary ticket is a case of its own; the ticket
mentions that there was one; what comes by chat is never seen by whoever has the thread open"""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.test import Client
from django.utils.timezone import now

from caunoi.confidential import actions
from caunoi.confidential.models import Case
from caunoi.conversations.models import Message
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Exchange, Note, Ticket

CANARY = "Chimyếnphụng"
SECRET = f"Tôi muốn tố cáo ông {CANARY} nhận tiền"


def page(town: SimpleNamespace, name: str, path: str) -> str:
    client = Client()
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client.get(path).content.decode()


def lamp(chat: Any, work: Any) -> Ticket:
    chat.write("Đèn đường trước chợ hỏng ba hôm nay", name="Tư Demo")
    work()
    return Ticket.objects.get()


def test_a_reply_goes_aside_before_the_worker_and_the_ticket_mentions_it(
    chat: Any, work: Any, town: SimpleNamespace, time_machine: Any
) -> None:
    ticket = lamp(chat, work)
    tickets.move(ticket, "ask", by=town.lan, question="Ở đoạn nào ạ?")
    work()
    chat.write(SECRET)  # read, and nothing of the worker's done yet
    aside = Ticket.objects.exclude(pk=ticket.pk).get()
    assert aside.restricted and Exchange.objects.get(message__text=SECRET).ticket == aside
    (note,) = Note.objects.filter(ticket=ticket, internal=True)
    assert note.text == "Có nội dung được gửi kín." and CANARY not in note.text
    for name, path in (
        ("lan", f"/desk/{ticket.code}"),
        ("lan", f"/desk/conversations/{chat.thread().pk}/"),
        ("lan", "/desk/conversations/"),
        ("lan", f"/desk/?q={CANARY}"),
    ):
        assert CANARY not in page(town, name, path).replace(f"q={CANARY}", "").replace(f'value="{CANARY}"', ""), path
    work()
    ticket.refresh_from_db()
    assert ticket.state == "waiting" and not ticket.restricted, "the question is still open"
    assert Ticket.objects.count() == 2 and Note.objects.filter(internal=True).count() == 1, "decided once"
    time_machine.move_to(now() + timedelta(minutes=6))
    actions.take_in_all()
    row = Case.objects.get()
    assert row.words["text"] == SECRET and row.words["of"] == ticket.code
    assert not Message.objects.filter(text__contains=CANARY).exists()
    chat.write("Trước số nhà 12")
    work()
    ticket.refresh_from_db()
    assert ticket.state == "new", "the thread goes on as before"


def test_a_false_alarm_comes_back_to_the_ticket_it_was_a_reply_to(
    chat: Any, work: Any, town: SimpleNamespace, time_machine: Any
) -> None:
    ticket = lamp(chat, work)
    chat.write(SECRET)
    work()
    time_machine.move_to(now() + timedelta(minutes=6))
    actions.take_in_all()
    row = Case.objects.get()
    actions.step(row, "take", by=town.thu)
    actions.step(Case.objects.get(), "ordinary", "Nói đùa về cái đèn", by=town.thu)
    assert Note.objects.filter(ticket=ticket, text=SECRET, internal=False).exists()
    assert Ticket.objects.count() == 2, "and no ticket more"


def test_what_was_written_with_it_is_where_it_belongs(chat: Any, work: Any) -> None:
    chat.write("Đèn đường trước chợ hỏng ba hôm nay", name="Tư Demo")  # nobody has decided about it yet
    chat.write(SECRET)
    work()
    texts = {t.text: t.restricted for t in Ticket.objects.all()}
    assert texts[SECRET] is True
    assert CANARY not in "".join(text for text, restricted in texts.items() if not restricted)


def test_where_it_fails_the_worker_does_it(chat: Any, work: Any, settings: Any, caplog: Any) -> None:
    works, settings.CONFIDE = django_settings.CONFIDE, "caunoi.confidential.tasks.nothing"
    chat.write(SECRET)
    assert Message.objects.filter(text=SECRET).exists() and "at once" in caplog.text
    settings.CONFIDE = works
    work()
    assert Ticket.objects.get().restricted


@pytest.mark.parametrize("text", ["cảm ơn", "Cột bên cạnh cũng nghiêng"])
def test_ordinary_words_stay_with_the_ticket(chat: Any, work: Any, text: str) -> None:
    lamp(chat, work)
    chat.write(text)
    assert Exchange.objects.filter(message__inbound=True).count() == 1, "the worker decides, as before"
    work()
    assert Ticket.objects.count() == 1
