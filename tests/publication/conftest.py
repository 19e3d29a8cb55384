from collections.abc import Callable
from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from caunoi.events.actor import citizen
from caunoi.publication import actions, readings
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report

PLACE = (11.524, 106.901)
_numbers = count(1)


@pytest.fixture
def publish(town: SimpleNamespace) -> Callable[..., Publication]:
    """A lamp that was reported at a place, handed to the works and published."""

    def one(text: str = "Đèn đường trước chợ tắt.", place: tuple[float, float] | None = PLACE) -> Publication:
        latitude, longitude = place or (None, None)
        report = Report(
            text=text,
            channel="web",
            once=f"p{next(_numbers)}",
            latitude=latitude,
            longitude=longitude,
            area_id=town.ward.pk,
        )
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
        routing.route(ticket, town.works, by=town.lan)
        publication = actions.propose(ticket)
        assert publication is not None
        return publication

    return one


@pytest.fixture
def accepted(town: SimpleNamespace) -> Callable[..., Ticket]:
    """A ticket that is accepted; its public side is proposed by the test."""

    def make(text: str = "Đèn tắt", category: str = "lamps", **report: Any) -> Ticket:
        ticket = tickets.take(Report(text=text, channel="web", once=text, ordinary=True, **report), by=citizen())
        tickets.move(ticket, "accept", by=town.lan, category=getattr(town, category))
        ticket.refresh_from_db()
        return ticket

    return make


@pytest.fixture
def waiting_reasons() -> Callable[[Publication], list[str]]:
    """Why a publication waits for a look."""
    return lambda publication: sorted(row.why for row in readings.open_reviews(publication))
