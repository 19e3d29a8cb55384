"""A town with somebody who has reported something that is over."""

import pytest

from caunoi.events.actor import citizen
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report, Reporter


@pytest.fixture
def report(town):
    """Make a ticket of somebody with this number; closed unless said otherwise."""

    def make(number: str = "+84987612345", once: str = "once", state: str = "closed", **more: object) -> Ticket:
        reporter = Reporter(name="Võ Thị Nga", phone=number, email=f"{once}@example.vn")
        ticket = tickets.take(
            Report(text="Đèn hỏng", channel="web", once=once, reporter=reporter, consent=1, **more), by=citizen()
        )
        Ticket.objects.filter(pk=ticket.pk).update(state=state)
        ticket.refresh_from_db()
        return ticket

    return make
