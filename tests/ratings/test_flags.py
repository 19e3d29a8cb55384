"""A rating that looks like the staff's own counts nowhere until a colleague has looked at it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.events.actor import Actor, NotAllowedError, Role, citizen
from caunoi.events.models import Event
from caunoi.ratings import actions, flags, queries
from caunoi.ratings.flags import Origin
from caunoi.ratings.models import Rating
from caunoi.statistics.figures import content, replies
from caunoi.statistics.scope import Scope
from caunoi.tickets import actions as tickets
from caunoi.tickets import traces
from caunoi.tickets.lifecycle import MissingDataError, NotPossibleError
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

HOME = Origin(address="203.0.113.7")
REASON = "Gửi từ máy của bàn trực số ba"


@pytest.fixture
def answered(town) -> Callable[[], Ticket]:
    def make() -> Ticket:
        once = f"f{Ticket.objects.count()}"
        ticket = tickets.take(Report(text="Đèn tắt", channel="web", once=once), by=citizen())
        tickets.move(ticket, "answer", by=town.lan, text="Đã sửa.", category=town.lamps)
        Event.objects.filter(kind="ticket.answer", subject_id=ticket.pk)
        return ticket

    return make


def rate(ticket: Ticket, origin: Origin | None = HOME, **more: str) -> Rating:
    return actions.rate(ticket, "satisfied", by=citizen(ticket.pk), origin=origin, **more)


def whole() -> Scope:
    return Scope(since=now() - timedelta(days=1), until=now() + timedelta(days=1), at=now())


def test_from_home_it_counts_and_says_how_it_was_proved(answered) -> None:
    rating = rate(answered(), proof=Rating.Proof.CODE)
    assert rating.counted and rating.flags == [] and rating.proof == "code"
    Rating.objects.create(ticket=answered(), grade="satisfied", how="phone")  # of before
    assert queries.proofs(now() - timedelta(days=1), now() + timedelta(days=1)) == {"code": 1, "phone": 1}


def test_staffs_address_browser_or_just_opened_page_is_flagged(answered) -> None:
    flags.staff_at("198.51.100.4")
    assert rate(answered(), Origin(address="198.51.100.4")).flags == ["address"]
    assert rate(answered(), Origin(address="198.51.100.5")).flags == []
    assert rate(answered(), Origin(address="203.0.113.7", staff_browser=True)).flags == ["browser"]
    opened = answered()
    flags.staff_opened(opened)
    assert rate(opened).flags == ["opened"]
    flags.staff_at("127.0.0.1")
    assert rate(answered(), Origin(address="127.0.0.1")).flags == [], "there everybody has the same address"


def test_after_five_an_hour_from_one_address_the_others_wait(answered) -> None:
    raised = [rate(answered()).flags for _ in range(7)]
    assert raised == [[]] * 5 + [["burst"]] * 2
    assert traces.times(flags.RATING, traces.place("203.0.113.7"), timedelta(hours=1)) == 7


def test_it_is_in_no_figure_until_it_was_accepted(town, answered) -> None:
    for _ in range(4):
        rate(answered(), None)
    waiting = rate(answered(), Origin(staff_browser=True))
    asked = answered()
    actions.invite(asked)
    rate(asked, Origin(staff_browser=True))
    assert content(whole()) is None and queries.totals(now() - timedelta(days=1), now() + timedelta(days=1)) is None
    assert queries.waiting() == 2 and waiting.batch_id is None
    assert sum(row["replied"] for row in replies(whole())) == 0
    assert actions.judge(waiting, "accepted", REASON, by=town.thu)
    figures = content(whole())
    assert figures is not None and figures.grades["satisfied"] == 5
    assert not actions.judge(waiting, "refused", REASON, by=town.thu), "once"


def test_refused_it_never_counts_and_the_citizen_may_rate(town, answered) -> None:
    ticket = answered()
    forged = rate(ticket, Origin(staff_browser=True))
    with pytest.raises(NotPossibleError):
        rate(ticket, None)
    with pytest.raises(MissingDataError):
        actions.judge(forged, "refused", "không", by=town.thu)
    assert actions.judge(forged, "refused", REASON, by=town.thu)
    assert queries.current_rating(ticket) is None and rate(ticket, None).counted
    kinds = Event.objects.filter(subject="rating").order_by("id").values_list("kind", flat=True)
    assert list(kinds) == ["rating.flag", "rating.refuse"]


def test_who_handled_it_judges_no_rating_of_it(town, answered) -> None:
    forged = rate(answered(), Origin(staff_browser=True))
    tam = town.tam
    Event.objects.create(kind="ticket.accept", subject="ticket", subject_id=forged.ticket_id, **tam.signature)
    deputy = Actor(
        name="thu for tam", roles=frozenset({Role.SUPERVISOR}), user_id=town.thu.user_id, behalf_id=tam.user_id
    )
    for own in (tam, deputy, town.lan, town.minh):
        with pytest.raises(NotAllowedError):
            actions.judge(forged, "accepted", REASON, by=own)
    assert actions.judge(forged, "accepted", REASON, by=town.thu)
