"""Following a published ticket, and joining it instead of reporting it again.

Proves: Follow by page (secret link), by e-mail (confirmed by a button, forgotten when unconfirmed a week or left),
by chat on Zalo/Facebook/SMS ("THEO DÕI", "TÔI CŨNG GẶP", "THÔI" + code)"""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from django.test import Client
from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.conversations.models import Outgoing
from caunoi.events.models import Event
from caunoi.followers import actions, queries
from caunoi.followers.models import Follower
from caunoi.followers.tasks import tell_followers
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.tickets.models import Ticket

type Publish = Callable[..., Publication]


def told(row: Publication, kind: str) -> list[str]:
    event = Event.objects.filter(subject="ticket", subject_id=row.ticket_id, kind=kind).latest("id")
    tell_followers(event)
    tell_followers(event)  # twice tells nobody twice
    return [o.text for o in Outgoing.objects.filter(once__startswith=f"{event.pk}:follower:")]


def proof(row: Follower) -> str:
    row.refresh_from_db()
    return row.proof


def test_people_join_are_counted_and_take_it_back(publish: Publish) -> None:
    row, browser = publish(), Client()
    path = f"/p/{row.ticket.code}"
    page = browser.post(f"{path}/join", {"affected": "1"})["Location"]
    assert browser.post(f"{path}/join", {"affected": "1"})["Location"].split("?")[0] == page.split("?")[0]
    Client().post(f"{path}/join", {"affected": "1"})
    Client().post(f"{path}/join")  # only follows
    assert queries.joined(row) == 2
    assert "2 người" in browser.get(page).content.decode()
    token = page.split("/")[2].split("?")[0]
    browser.post(f"/j/{token}/leave")
    assert queries.joined(row) == 1
    browser.post(f"/j/{token}/leave", {"again": "1"})
    assert queries.joined(row) == 2


def test_the_ticket_says_how_many_have_the_same_trouble(publish: Publish) -> None:
    row = publish()
    actions.follow(row, affected=True)
    assert "1 người cũng gặp việc này" in Client().get(f"/p/{row.ticket.code}").content.decode()


def test_an_address_is_written_to_only_after_it_confirmed(
    publish: Publish, mailing: None, town: SimpleNamespace
) -> None:
    row = publish()
    follower = actions.follow(row)
    answer = Client().post(f"/j/{follower.token}/mail", {"email": "Ba@Dan.example"})
    assert answer["Location"].endswith("done=mail")
    (mail,) = Outgoing.objects.all()
    assert mail.address == "ba@dan.example" and proof(follower) in mail.text
    routing.start(row.ticket, by=town.minh)
    assert told(row, "ticket.start") == []
    link = f"/j/{follower.token}/confirm/{follower.proof}"
    assert Client().get(link).status_code == 200 and told(row, "ticket.start") == []  # mail servers open links too
    assert Client().post(f"/j/{follower.token}/confirm/wrong")["Location"].endswith("done=old")
    assert Client().post(link)["Location"].endswith("done=confirmed")
    (text,) = told(row, "ticket.start")
    assert row.ticket.code in text and f"/j/{follower.token}" in text


def test_followers_read_the_public_answer_and_never_the_raw_one(
    publish: Publish, mailing: None, town: SimpleNamespace
) -> None:
    row = publish()
    follower = actions.follow(row)
    Follower.objects.filter(pk=follower.pk).update(email="ba@dan.example", confirmed=row.published)
    ticket = Ticket.objects.get(pk=row.ticket_id)
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bóng, gọi anh Demo 0900 000 001 để nghiệm thu.", by=town.minh)
    answers.approve(ticket, by=town.hoa)
    publication.propose(Ticket.objects.get(pk=ticket.pk))
    (text,) = told(row, "ticket.approve")
    assert "Đã thay bóng" in text and "0900" not in text and ticket.follow not in text


def test_a_withdrawal_is_told_and_ends_it(publish: Publish, mailing: None, town: SimpleNamespace) -> None:
    row = publish()
    follower = actions.follow(row)
    Follower.objects.filter(pk=follower.pk).update(email="ba@dan.example", confirmed=row.published)
    publication.withdraw(row, "Có tên người", by=town.thu)
    (text,) = told(row, "publication.withdraw")
    assert "Có tên người" in text and "Đèn đường" not in text
    follower.refresh_from_db()
    assert follower.ended and not follower.email
    page = Client().get(f"/j/{follower.token}").content.decode()
    assert "Đèn đường" not in page


def test_in_a_chat_one_word_and_the_code_are_enough(publish: Publish, chat: Any, work: Callable[[], None]) -> None:
    row = publish()
    before = Ticket.objects.count()
    chat.write(f"Tôi cũng gặp {row.ticket.code}")
    work()
    assert queries.joined(row) == 1 and Ticket.objects.count() == before
    assert any("đang theo dõi" in o.text for o in Outgoing.objects.all())
    chat.write(f"THÔI {row.ticket.code}")
    work()
    assert queries.joined(row) == 0 and Ticket.objects.count() == before
    chat.write("theo dõi 26-999999-0")
    work()
    assert queries.now_of([row.pk]).count() == 0


def test_an_address_nobody_confirmed_is_forgotten(publish: Publish, mailing: None, time_machine: Any) -> None:
    follower = actions.follow(publish())
    actions.add_email(follower, "ba@dan.example")
    time_machine.move_to(now() + timedelta(days=8))
    assert actions.forget_unconfirmed() == 1
    follower.refresh_from_db()
    assert not follower.email and follower.ended is None


def test_nobodys_mailbox_can_be_filled(publish: Publish, mailing: None) -> None:
    for number in range(8):
        actions.add_email(actions.follow(publish(f"Đèn số {number} tắt.")), "ba@dan.example")
    assert Outgoing.objects.count() == 5


def test_whether_an_address_follows_is_told_to_nobody(publish: Publish, mailing: None) -> None:
    row = publish()
    first, second = actions.follow(row), actions.follow(row)
    actions.add_email(first, "ba@dan.example")
    same = Client().post(f"/j/{second.token}/mail", {"email": "ba@dan.example"})
    assert same["Location"].endswith("done=mail") and Outgoing.objects.count() == 1
