"""Calls that became no ticket are drawn, scored and replied to like answers."""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils.timezone import now

from caunoi.calls.models import Call
from caunoi.conversations.queries import inbox
from caunoi.events.actor import SYSTEM
from caunoi.quality import actions, queries
from caunoi.quality.models import Case
from caunoi.tickets.models import Ticket, TicketCall
from tests.quality.conftest import SINCE, UNTIL


@pytest.fixture
def spoken(hotline):
    """Four recorded calls of lan's and two of mai's that became no ticket, and four that are not drawn: one linked to a
    ticket, one without a recording, one nobody took, one going out."""
    box = inbox("phone")

    def call(number, who="lan", **more):
        usual = {"direction": "in", "state": "ended", "outcome": "answered", "sound": "calls/a.wav", "facts": {}}
        return Call.objects.create(
            inbox=box, call_id=f"c{number}", operator=hotline.users[who], began=now(), ended=now(), **(usual | more)
        )

    found = [call(n) for n in range(4)] + [call(n, "mai") for n in range(4, 6)]
    linked = call(6)
    TicketCall.objects.create(ticket=Ticket.objects.first(), call=linked, by="lan")
    call(7, sound=""), call(8, outcome="abandoned"), call(9, direction="out")
    return found


def test_calls_that_became_no_ticket_are_drawn_as_a_channel_of_their_own(hotline, spoken):
    found = [one for one in queries.candidates(SINCE, UNTIL) if isinstance(one.key, str)]
    assert {one.key for one in found} == {f"call-{row.pk}" for row in spoken}
    assert Counter(one.operator for one in found) == {"lan": 4, "mai": 2}
    row = actions.draw(SINCE, UNTIL, size=9, by=hotline.thu, least=2, double=0, seed="demo")
    drawn = [case.call_id for case in row.cases.all() if case.call_id]
    assert row.population == 18 and row.calls and len(drawn) == 3  # a third of what there is, and of what is drawn
    again = actions.draw(SINCE, UNTIL, size=9, by=hotline.thu, least=2, double=0, seed="demo")
    assert [(c.ticket_id, c.call_id) for c in again.cases.order_by("order")] == [
        (c.ticket_id, c.call_id) for c in row.cases.order_by("order")
    ]


def test_what_was_drawn_before_there_were_calls_is_drawn_again_the_same(hotline, sample, spoken):
    again = actions.draw(SINCE, UNTIL, size=6, by=hotline.thu, least=2, double=0, seed="demo", calls=False)
    drawn = [list(row.cases.order_by("order").values_list("ticket_id", flat=True)) for row in (sample, again)]
    assert None in list(sample.cases.values_list("call_id", flat=True)) and drawn[0] == drawn[1] and not again.calls


def test_a_call_is_scored_and_replied_to_like_an_answer(hotline, spoken, points):
    row = actions.draw(SINCE, UNTIL, size=18, by=hotline.thu, least=1, double=0, seed="x")
    case = row.cases.filter(call=spoken[0]).get()
    actions.score(case, points(polite=1), by=hotline.thu, final=True)
    case = queries.case(case.pk)
    assert case.settled and queries.outcomes([case]) == {case.pk: set()}
    assert queries.find(hotline.lan, case.pk) == case and queries.find(hotline.mai, case.pk) is None
    assert queries.calls(case, SYSTEM) == [spoken[0]]
    (standing,) = queries.standings(now() - timedelta(days=1), now() + timedelta(days=1))
    assert (standing.operator, standing.cases) == ("lan", 1)
    actions.reply(case, "Khách đã gác máy.", by=hotline.lan)


def test_a_case_is_of_a_ticket_or_a_call_and_never_of_both(hotline, spoken, sample):
    case = sample.cases.exclude(ticket=None).first()
    for wrong in ({"ticket": None}, {"call": spoken[0]}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Case.objects.filter(pk=case.pk).update(**wrong)
