"""One-time links for agencies without accounts: what they open, and what they do not."""

import threading
from datetime import timedelta

import pytest
from django.core import signing
from django.db import connections
from django.utils.timezone import now

from caunoi import moves
from caunoi.answers.models import Answer
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.routing import actions, links, queries
from caunoi.routing.queries import LinkClosedError
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import NotAllowedError, NotPossibleError
from caunoi.tickets.report import Report


@pytest.fixture
def routed(town):
    def make(once="k", helping=()):
        report = Report(text="Mất điện", channel="web", once=once, category_id=town.lamps.pk, area_id=town.ward.pk)
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan)
        actions.route(ticket, town.power, by=town.lan, coordinating=helping)
        return ticket

    return make


def closed(word, **more):
    with pytest.raises(LinkClosedError) as why:
        queries.link(word, **more)
    return why.value.code


def test_a_link_opens_its_leg_and_says_who_made_it(town, routed):
    ticket = routed()
    link = links.make(queries.lead(ticket), by=town.lan)
    assert queries.link(queries.token(link)).leg.ticket == ticket
    (said,) = [e for e in history(ticket) if e.kind == "handover.link"]
    assert (said.by, said.data["link"], said.data["agency"]) == ("lan", link.pk, "dienluc")
    assert link.nonce not in str(said.data)  # the log opens nothing


@pytest.mark.parametrize("who", ["minh", "hoa", "phong", "thu", "quan"])
def test_only_the_desk_makes_links(town, routed, who):
    with pytest.raises(NotAllowedError):
        links.make(queries.lead(routed()), by=getattr(town, who))


def test_forged_and_foreign_words_open_nothing(town, routed, settings):
    one, two = (links.make(queries.lead(routed(f"k{n}")), by=town.lan) for n in range(2))
    word = queries.token(one)
    body, signature = word.rsplit(":", 1)
    other = queries.token(two).rsplit(":", 1)[1]
    for forged in (
        "",
        "x",
        body,
        f"{body}:{signature[:-1]}",
        f"{body}:{other}",
        f"{two.pk}.{one.nonce}:{signature}",
        f"{one.pk}.{two.nonce}:{signature}",
        "1.2:3",
        "ü",
        word + "a",
        word.upper(),
    ):
        assert closed(forged) == "forged"
    mixed = queries.signer.sign(f"{two.pk}.{one.nonce}")  # well signed, and yet no such pair
    assert closed(mixed) == "forged"
    assert closed(queries.signer.sign("abc")) == "forged"
    foreign = signing.Signer(salt="routing.link", key="another").sign(f"{one.pk}.{one.nonce}")
    assert closed(foreign) == "forged"


def test_a_link_ends_by_time_by_hand_by_a_newer_one_and_with_its_leg(town, routed):
    ticket = routed()
    leg = queries.lead(ticket)
    first = links.make(leg, by=town.lan, days=2)
    assert closed(queries.token(first), at=now() + timedelta(days=2, seconds=1)) == "expired"
    second = links.make(leg, by=town.lan)
    assert closed(queries.token(first)) == "revoked"
    links.revoke(second, by=town.tam)
    links.revoke(second, by=town.tam)
    assert closed(queries.token(second)) == "revoked"
    assert len([e for e in history(ticket) if e.data.get("revoked")]) == 1
    third = links.make(leg, by=town.lan)
    tickets.move(ticket, "merge", by=town.lan, into=routed("other"))
    actions.finish(ticket)
    assert closed(queries.token(third)) == "over"
    with pytest.raises(NotPossibleError):
        links.make(leg, by=town.lan)


def test_an_answer_by_link_waits_for_the_supervisor(town, routed):
    ticket = routed()
    word = queries.token(links.make(queries.lead(ticket), by=town.lan))
    moves.reply(word, text="Đã đóng điện lại lúc 10 giờ.")
    ticket.refresh_from_db()
    assert ticket.state == "resulted"
    assert closed(word) == "used"
    with pytest.raises(LinkClosedError):
        moves.reply(word, text="Lần hai")
    assert Answer.objects.filter(ticket=ticket).count() == 1
    assert "approve" in {m.name for m in moves.possible(ticket, town.tam)}
    assert "approve" not in {m.name for m in moves.possible(ticket, town.lan)}
    moves.perform("approve", [ticket], by=town.tam)
    assert ticket.state == "answered"


def test_a_supervisor_approves_nothing_that_an_agencys_lead_must(town, routed):
    ticket = routed()
    officer = town.minh.__class__(name="dl", roles=town.minh.roles, agency_id=town.power.pk)
    actions.start(ticket, by=officer)
    moves.perform("result", [ticket], by=officer, move_input={"text": "Xong"})
    assert "approve" not in {m.name for m in moves.possible(ticket, town.tam)}
    with pytest.raises(NotAllowedError):
        moves.perform("approve", [ticket], by=town.tam)


def test_one_that_helps_sends_its_part_by_link_and_one_may_say_it_is_not_theirs(town, routed):
    ticket = routed(helping=[town.works])
    lead, helper = queries.custody(ticket)
    moves.reply(queries.token(links.make(helper, by=town.lan)), text="Đã tỉa cành.")
    assert queries.helping(ticket)[0].answer == "Đã tỉa cành."
    moves.reply(queries.token(links.make(lead, by=town.lan)), reason="Đường dây của khách hàng")
    ticket.refresh_from_db()
    assert (ticket.state, queries.custody(ticket)[0].state) == ("accepted", "returned")


def test_an_answer_that_cannot_be_taken_does_not_use_the_link_up(town, routed):
    ticket = routed()
    word = queries.token(links.make(queries.lead(ticket), by=town.lan))
    tickets.move(ticket, "leg_accept", by=queries.by_link(queries.lead(ticket), 0))
    with pytest.raises(Exception, match="text"):
        moves.reply(word, text="  ")
    assert queries.link(word).used is None


@pytest.mark.django_db(transaction=True)
def test_of_two_answers_at_once_one_counts(town, routed):
    ticket = routed()
    word = queries.token(links.make(queries.lead(ticket), by=town.lan))
    got = []

    def answer(n):
        try:
            moves.reply(word, text=f"Câu trả lời {n}")
            got.append("taken")
        except LinkClosedError as why:
            got.append(why.code)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=answer, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == ["taken", "used", "used", "used"]
    assert Answer.objects.filter(ticket=ticket).count() == 1
