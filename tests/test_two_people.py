"""Acts that two people are meant for, each tried by one: as themself, as a deputy, as deputies of each other.

Proves: separation of duties by person (K1)"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi import moves
from caunoi.answers import actions as answers
from caunoi.conversations.actions import ask_callback
from caunoi.conversations.models import Callback
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role, citizen
from caunoi.quality import actions as quality
from caunoi.quality import queries
from caunoi.ratings import actions as ratings
from caunoi.ratings.flags import Origin
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets import proofs
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter

WHY = "Lý do viết thành lời"
type Act = Callable[[SimpleNamespace, Actor, Actor], None]
"""The first act by one actor, then the second by another: NotAllowedError where both are one person."""


def reported(channel: str = "web") -> Ticket:
    reporter = Reporter(phone="+84900000001")
    once = f"two{Ticket.objects.count()}"
    return tickets.take(Report(text="Đèn tắt", channel=channel, once=once, reporter=reporter), by=citizen())


def at_work(town: SimpleNamespace, by: Actor) -> Ticket:
    ticket = reported()
    tickets.move(ticket, "accept", by=town.tam, category=town.lamps)
    routing.route(ticket, town.works, by=town.tam)
    routing.start(ticket, by=by)
    return ticket


def handled(town: SimpleNamespace, by: Actor) -> Ticket:
    """A ticket that somebody accepted and answered."""
    ticket = reported()
    tickets.move(ticket, "accept", by=replace(by, roles=frozenset({Role.OPERATOR})), category=town.lamps)
    tickets.move(ticket, "answer", by=town.lan, text="Đã sửa.", category=town.lamps)
    return ticket


def survey(town: SimpleNamespace, first: Actor, second: Actor) -> None:
    ticket = handled(town, first)
    row = ask_callback(phone="+84900000001", reason="survey", by=SYSTEM, about=ticket)
    ratings.survey(Callback.objects.get(pk=row.pk), "satisfied", by=second)


def read_a_code(town: SimpleNamespace, first: Actor, second: Actor) -> None:
    ticket = handled(town, first)
    proofs.ask(ticket.code, "0900000001", "browser", proofs.CALL)
    proofs.read_out(ticket, by=second)


def judge_a_rating(town: SimpleNamespace, first: Actor, second: Actor) -> None:
    ticket = handled(town, first)
    origin = Origin(staff_browser=True)
    rating = ratings.rate(ticket, "satisfied", by=citizen(ticket.pk), origin=origin)
    ratings.judge(rating, "accepted", WHY, by=replace(second, roles=frozenset({Role.REVIEWER})))


def extension(town: SimpleNamespace, first: Actor, second: Actor) -> None:
    officer = replace(first, roles=frozenset({Role.OFFICER}), agency_id=town.works.pk)
    ticket = at_work(town, officer)
    routing.ask_extension(ticket, 3, WHY, by=officer)
    moves.perform("leg_grant_extension", [ticket], by=replace(second, roles=frozenset({Role.SUPERVISOR})))


def score_an_answer(town: SimpleNamespace, first: Actor, second: Actor) -> None:
    handled(town, first)
    sample = quality.draw(now() - timedelta(days=1), now(), size=1, by=town.thu, least=1, double=0, seed="two")
    case, scorer = sample.cases.get(), replace(second, roles=frozenset({Role.REVIEWER}))
    if not queries.open_to(case, scorer):
        with pytest.raises(NotPossibleError):
            quality.score(case, {}, by=scorer, final=False)
        raise NotAllowedError
    quality.score(case, {}, by=scorer, final=False)


PAIRS: dict[str, Act] = {
    "score an answer of one's own": score_an_answer,
    "ask a citizen about a ticket of one's own": survey,
    "read out the code of a ticket of one's own": read_a_code,
    "judge the rating of a ticket of one's own": judge_a_rating,
    "grant the time one asked for": extension,
}
OPERATOR = frozenset({Role.OPERATOR})
LAN = Actor(name="lan", roles=OPERATOR, user_id=101)
MAI = Actor(name="mai", roles=OPERATOR, user_id=102)
MAI_FOR_LAN = replace(MAI, name="mai for lan", behalf_id=101)
LAN_FOR_MAI = replace(LAN, name="lan for mai", behalf_id=102)
ALONE = {
    "the same person": (LAN, LAN),
    "the deputy of who did it": (LAN, MAI_FOR_LAN),
    "the same person as a deputy": (LAN, LAN_FOR_MAI),
    "done as a deputy, then as oneself": (LAN_FOR_MAI, LAN),
}


@pytest.mark.parametrize("who", ALONE)
@pytest.mark.parametrize("what", PAIRS)
def test_one_person_does_not_do_both(town: SimpleNamespace, what: str, who: str) -> None:
    first, second = ALONE[who]
    with pytest.raises(NotAllowedError):
        PAIRS[what](town, first, second)


@pytest.mark.parametrize("what", PAIRS)
def test_two_people_do(town: SimpleNamespace, what: str) -> None:
    PAIRS[what](town, LAN, MAI)


def test_a_deputy_of_the_lead_does_not_approve_what_they_wrote(town: SimpleNamespace) -> None:
    officer = replace(LAN, roles=frozenset({Role.OFFICER}), agency_id=town.works.pk)
    ticket = at_work(town, officer)
    answers.submit(ticket, "Đã thay bóng.", by=officer)
    as_lead = replace(LAN_FOR_MAI, roles=frozenset({Role.LEAD}), agency_id=town.works.pk)
    with pytest.raises(NotAllowedError):
        answers.approve(ticket, by=as_lead)
    answers.approve(ticket, by=replace(MAI, roles=frozenset({Role.LEAD}), agency_id=town.works.pk))
