"""Ten lamps and papers of August: some done in time, some late, some open, of two agencies and channels."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from django.test import Client

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report, Reporter

TODAY = datetime.fromisoformat("2026-08-26T09:00:00+07:00")


@pytest.fixture
def at(town: SimpleNamespace) -> Callable[[str], Client]:
    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(town.users[name])
        return client

    return sign_in


@pytest.fixture
def august(town, time_machine):
    """(once, day, category, agency, channel, days until the answer or None); lamps have two days, papers five."""
    rows = (
        ("a", 3, "lamps", "xncongtrinh", "web", 1),
        ("b", 3, "lamps", "xncongtrinh", "phone", 1),
        ("c", 4, "lamps", "xncongtrinh", "phone", 1),
        ("d", 5, "lamps", "xncongtrinh", "phone", 6),
        ("e", 17, "lamps", "xncongtrinh", "phone", None),
        ("f", 25, "lamps", "xncongtrinh", "web", None),
        ("g", 10, "identity", "ubnd-25417", "web", 2),
        ("h", 24, "identity", "ubnd-25417", "phone", None),
        ("i", 25, "identity", "", "phone", None),
        ("j", 25, "", "", "web", None),
    )
    kinds = {"lamps": town.lamps, "identity": town.papers}
    hands = {"xncongtrinh": (town.minh, town.hoa), "ubnd-25417": (town.binh, town.yen)}
    made = {}
    todo = []
    for once, day, category, agency, channel, days in rows:
        came = TODAY.replace(day=day, hour=8)
        todo.append((came, "take", once, category, agency, channel))
        if days is not None:
            todo.append((came + timedelta(days=days), "answer", once, category, agency, channel))
    for moment, what, once, category, agency, channel in sorted(todo):
        time_machine.move_to(moment, tick=False)
        if what == "take":
            report = Report(
                text=f"Việc {once}",
                channel=channel,
                once=once,
                area_id=town.ward.pk if category == "lamps" else town.commune.pk if category else None,
                reporter=Reporter(name="Người Demo Kín", phone="+84900000321"),
            )
            made[once] = ticket = tickets.take(report, by=citizen())
            if category:
                tickets.move(ticket, "accept", by=town.lan, category=kinds[category])
            if agency:
                routing.route(ticket, town.agencies[agency], by=town.lan)
                routing.start(ticket, by=hands[agency][0])
        else:
            answers.submit(made[once], "Xong.", by=hands[agency][0])
            answers.approve(made[once], by=hands[agency][1])
        sla.refresh(made[once])
    time_machine.move_to(TODAY, tick=False)
    return SimpleNamespace(**made)
