from collections.abc import Callable
from itertools import count
from types import SimpleNamespace

import pytest
from django.core.cache import cache

from caunoi.conversations.actions import make_inbox
from caunoi.events.actor import citizen
from caunoi.publication import actions
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

_numbers = count(1)


@pytest.fixture
def publish(town: SimpleNamespace) -> Callable[..., Publication]:
    cache.clear()

    def one(text: str = "Đèn đường trước chợ tắt.") -> Publication:
        report = Report(
            text=text,
            channel="web",
            once=f"f{next(_numbers)}",
            latitude=11.524,
            longitude=106.901,
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
def mailing(town: SimpleNamespace) -> None:
    """The hotline can send mails."""
    make_inbox("thu", "email", secrets={"password": "x"}, address="1022@tinh.example", smtp_host="smtp.example")
