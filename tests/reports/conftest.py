"""Lamps and papers of August, as a report counts them: three in time, one late, two open, one of these overdue."""

from datetime import datetime, timedelta

import pytest

from caunoi.answers import actions as answers
from caunoi.events.actor import citizen
from caunoi.routing import actions as routing
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report

TODAY = datetime.fromisoformat("2026-09-01T09:00:00+07:00")


@pytest.fixture
def august(town, time_machine, settings, tmp_path):
    """Once → ticket; (day it came, days until the answer); lamps have two working days."""
    settings.MEDIA_ROOT = tmp_path
    todo, made = [], {}
    for once, day, days in (("a", 3, 1), ("b", 4, 1), ("c", 5, 1), ("d", 6, 7), ("e", 10, None), ("f", 31, None)):
        came = TODAY.replace(month=8, day=day, hour=8)
        todo.append((came, "take", once))
        if days:
            todo.append((came + timedelta(days=days), "answer", once))
    for moment, what, once in sorted(todo):
        time_machine.move_to(moment, tick=False)
        if what == "take":
            report = Report(text=f"Việc {once}", channel="web", once=once, area_id=town.ward.pk)
            made[once] = ticket = tickets.take(report, by=citizen())
            tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
            routing.route(ticket, town.works, by=town.lan)
            routing.start(ticket, by=town.minh)
        else:
            answers.submit(made[once], "Xong.", by=town.minh)
            answers.approve(made[once], by=town.hoa)
        sla.refresh(made[once])
    time_machine.move_to(TODAY, tick=False)
    return made
