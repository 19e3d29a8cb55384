"""A denunciation is read by whom its ticket is open to and by nobody else: no page, list, search, count, picture,
thread, person, call or file of any role shows a word of it."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations.actions import ask_callback, make_inbox
from caunoi.conversations.models import Contact, Conversation, Enclosure, Message, Outgoing
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.visibility import visible
from caunoi.files.models import Attachment
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries
from caunoi.tickets.models import Exchange, Ticket
from caunoi.tickets.report import Report, Reporter
from caunoi.web.access import PUBLIC, TOKEN, allowed
from tests.web.test_access import ALL, PEOPLE, SAMPLES

CANARY = "Chimhoàngyến"
NAME, NUMBER = "Bạch Yến Canari", "+84900765432"
SHOWN = ("0900 765 432", "0900765432", NUMBER, NAME, CANARY)
OPEN_TO = {"tam", "thu"}  # custodians


@pytest.fixture
def denounced(town: SimpleNamespace, photo: Any) -> SimpleNamespace:
    """A denunciation that came by Zalo and was called about, with a picture, a call-back and a lost message."""
    report = Report(
        text=f"{CANARY}: ông ấy nhận tiền của tôi.",
        channel="zalo",
        once="z1",
        area_id=town.ward.pk,
        category_id=town.noise.pk,
        reporter=Reporter(name=NAME, phone=NUMBER),
        photos=[photo("red")],
    )
    ticket = tickets.take(report, by=citizen())
    thread = ticket.conversation
    Conversation.objects.filter(pk=thread.pk).update(latest=now(), loose=True, unread=True)
    first = thread.messages.get()
    Exchange.objects.create(message=first, ticket=ticket, sort="report")
    later = Message.objects.create(conversation=thread, inbound=True, text=f"{CANARY} nữa, gặp {NAME}")
    picture = Attachment.objects.get(pk=photo("gold"))
    Enclosure.objects.create(message=later, kind="image", attachment=picture, state="kept")
    box = make_inbox("phone", "phone")
    call = Call.objects.create(
        inbox=box,
        call_id="c1",
        facts={},
        direction="in",
        caller=NUMBER,
        dialled="1022",
        phone=NUMBER,
        began=now(),
        ended=now(),
        state="ended",
        outcome="answered",
        operator=town.users["lan"],
        sound="calls/c1.mp3",
    )
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    routing.give_back(ticket, "Không phải việc của chúng tôi", by=town.minh)
    tickets.link_call(ticket, call, by=town.lan)
    lost = Outgoing.objects.create(
        once="lost", inbox=thread.inbox, conversation=thread, address="z1", text=f"{CANARY} trả lời", state="failed"
    )
    back = ask_callback(
        phone=NUMBER, reason="not_delivered", by=SYSTEM, contact=ticket.contact, about=lost, text=f"{CANARY} trả lời"
    )
    tickets.move(ticket, "refuse", by=town.tam, reason="denunciation")
    ticket.refresh_from_db()
    assert ticket.restricted
    return SimpleNamespace(
        ticket=ticket,
        thread=thread,
        call=call,
        lost=lost,
        back=back,
        picture=picture,
        message=later,
        contact=ticket.contact,
    )


def test_agencies_and_operators_never_see_a_restricted_ticket(
    town: SimpleNamespace, denounced: SimpleNamespace
) -> None:
    tickets.share(denounced.ticket, town.works)  # still taking part
    for by in (town.minh, town.hoa, town.lan):
        assert not queries.visible_to(by).exists()
        assert queries.find(by, denounced.ticket.code) is None
        assert queries.listed(by, queries.Filters(text=CANARY)) == []
        assert sum(queries.counts(by).values()) == 0
    for by in (town.tam, town.thu):
        assert queries.find(by, denounced.ticket.code) == denounced.ticket


def test_what_lies_before_tickets_asks_the_same_door(town: SimpleNamespace, denounced: SimpleNamespace) -> None:
    rows = (
        Conversation.objects.all(),
        Message.objects.all(),
        Enclosure.objects.all(),
        Outgoing.objects.all(),
        Contact.objects.all(),
        Call.objects.all(),
        type(denounced.back).objects.all(),
    )
    for found in rows:
        assert visible(found, town.tam).exists() and visible(found, SYSTEM).exists(), found.model
        for by in (town.lan, town.minh, town.hoa, town.phong, town.quan, citizen(), citizen(denounced.ticket.pk)):
            assert not visible(found, by).exists(), (found.model, by.name)


def test_staff_of_another_commune_see_no_thread_person_or_call_of_it(
    town: SimpleNamespace, denounced: SimpleNamespace
) -> None:
    Ticket.objects.update(restricted=False)
    for user, area in ((town.users["lan"], town.commune), (town.users["tam"], town.commune)):
        user.area = area
        by = user.as_actor()
        for model in (Conversation, Contact, Call, Message, Enclosure, Outgoing, type(denounced.back)):
            assert not visible(model.objects.all(), by).exists(), model
        user.area = town.ward
        for model in (Conversation, Contact, Call, Message, Enclosure, Outgoing, type(denounced.back)):
            assert visible(model.objects.all(), user.as_actor()).exists(), model


def test_the_rest_of_a_thread_is_read_with_the_ticket_it_belongs_to(
    town: SimpleNamespace, denounced: SimpleNamespace
) -> None:
    """The same person also reports a lamp in the same thread: the operator reads that, and nothing of the rest."""
    message = Message.objects.create(conversation=denounced.thread, inbound=True, text="Đèn tắt")
    lamp = tickets.take(Report(text="Đèn tắt", channel="web", once="l", area_id=town.ward.pk), by=citizen())
    Ticket.objects.filter(pk=lamp.pk).update(channel="zalo", conversation=denounced.thread, contact=denounced.contact)
    Exchange.objects.create(message=message, ticket=lamp, sort="report")
    lan = signed_in(town, "lan")
    page = lan.get(reverse("desk:ticket", args=[lamp.code])).content.decode()
    assert "Đèn tắt" in page and CANARY not in page and denounced.ticket.code not in page
    assert lan.get(reverse("desk:conversation", args=[denounced.thread.pk])).status_code == 404
    assert lan.get(reverse("desk:contact", args=[denounced.contact.pk])).status_code == 200  # known by the lamp
    tam = signed_in(town, "tam").get(reverse("desk:ticket", args=[lamp.code])).content.decode()
    assert CANARY in tam


def signed_in(town: SimpleNamespace, name: str) -> Client:
    client = Client(raise_request_exception=True)
    client.force_login(town.users[name], backend="django.contrib.auth.backends.ModelBackend")
    return client


def _paths(town: SimpleNamespace, who: str, samples: dict[str, Any], pks: dict[str, int]) -> list[tuple[str, str]]:
    """(view, path) of what a role may come into; what is public as a stranger and as an operator sees it."""
    result = []
    for view, parameters in ALL:
        may = allowed(view)
        public = may in (PUBLIC, TOKEN)
        if (public and who not in ("", "lan")) or not (public or (who and town.users[who].as_actor().has(*may))):
            continue
        name = view.rpartition(":")[2]
        pk = next((pk for start, pk in pks.items() if name.startswith(start)), pks["ticket"])
        values = {key: samples[key] for key in parameters} | ({"pk": pk} if "pk" in parameters else {})
        result.append((view, reverse(view, kwargs=values)))
    return result


@pytest.mark.slow
def test_a_canary_sings_to_nobody_else(town: SimpleNamespace, denounced: SimpleNamespace) -> None:
    """Every address that can be read, as everybody, searched for the words, the name and the number."""
    tickets.share(denounced.ticket, town.works)
    d = denounced
    samples = {**SAMPLES, "code": d.ticket.code, "token": "nothing", "follow": "nothing", "call": d.call.pk}
    pks = {
        "conversation": d.thread.pk,
        "contact": d.contact.pk,
        "callback": d.back.pk,
        "survey": d.back.pk,
        "call": d.call.pk,
        "recording": d.call.pk,
        "ticket": d.ticket.pk,
    }
    photos = [p.attachment.name for p in d.ticket.photos.select_related("attachment")] + [d.picture.name]
    searches = ("queue", "find", "conversations", "calls", "list", "tickets", "callbacks")
    for who in (*PEOPLE, ""):
        client = signed_in(town, who) if who else Client()
        for view, path in _paths(town, who, samples, pks) if who not in OPEN_TO else ():
            asked = (CANARY, "0900765432") if view.rpartition(":")[2] in searches else ()
            for query in ("", *asked):
                answer = client.get(path, {"q": query, "number": query} if query else {})
                body = b"".join(answer) if answer.streaming else answer.content
                text = body.decode("utf-8", "replace")
                # what was asked for stands in its field and in links again
                sung = [word for word in SHOWN if word in text and word != query]
                assert not sung, (who, path, query, sung)
        for name in photos:
            answer = client.get(f"/files/{name}.webp")
            assert (b"".join(answer) if answer.streaming else answer.content) is not None  # read, so that it is closed
            assert answer.status_code == (200 if who in OPEN_TO else 404), who
    tam = signed_in(town, "tam")
    for view, pk in (
        ("conversation", d.thread.pk),
        ("contact", d.contact.pk),
        ("call", d.call.pk),
        ("callback", d.back.pk),
    ):
        page = tam.get(reverse(f"desk:{view}", args=[pk]))
        assert page.status_code == 200 and any(word in page.content.decode() for word in SHOWN), view


def test_nobody_writes_to_or_for_whom_they_may_not_see(town: SimpleNamespace, denounced: SimpleNamespace) -> None:
    lan, d = signed_in(town, "lan"), denounced
    for view, pk in (
        ("conversation-say", d.thread.pk),
        ("conversation-make", d.thread.pk),
        ("conversation-link", d.thread.pk),
        ("conversation-dismiss", d.thread.pk),
        ("contact-join", d.contact.pk),
        ("contact-correct", d.contact.pk),
        ("contact-note", d.contact.pk),
        ("call-link", d.call.pk),
    ):
        assert (
            lan.post(reverse(f"desk:{view}", args=[pk]), {"say": "Chào", "words": "x", "with": "1"}).status_code == 404
        )
    assert lan.post(reverse("desk:callback-act", args=[d.back.pk, "claim"])).status_code == 404
    lan.post(reverse("desk:undelivered-decide"), {"do": "drop", "id": [d.lost.pk]})
    d.lost.refresh_from_db()
    assert d.lost.dropped is None
