"""With ⚙four_eyes_answers nobody approves or publishes the answer that they wrote, under whatever name they act.

Proves: separation of duties by person (K1): an answer names its writer by a key; older rows are filled"""

from dataclasses import replace
from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client

from caunoi.answers import actions as answers
from caunoi.answers import queries
from caunoi.answers.models import Answer
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, Actor, NotAllowedError, Role, citizen
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.models import Ticket
from caunoi.tickets.report import Report


def at_work(town: SimpleNamespace) -> Ticket:
    report = Report(text="Đèn tắt", channel="web", once=f"e{Ticket.objects.count()}", area_id=town.ward.pk)
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    return ticket


def switched_on() -> None:
    set_option("four_eyes_answers", True, by=SYSTEM)


def deputy(of: Actor, by: Actor) -> Actor:
    return replace(of, name=f"{by.name} for {of.name}", user_id=by.user_id, behalf_id=of.user_id)


def test_a_lead_alone_approves_their_own_words_unless_the_province_wants_four_eyes(town: SimpleNamespace) -> None:
    ticket = at_work(town)
    made = answers.submit(ticket, "Đã thay", by=town.hoa)
    assert made.by_user == town.users["hoa"].pk == town.hoa.user_id
    assert answers.approve(ticket, by=town.hoa).state == "approved", "off: a hotline with one person goes on"
    switched_on()
    ticket = at_work(town)
    answers.submit(ticket, "Đã thay", by=town.hoa)
    with pytest.raises(NotAllowedError):
        answers.approve(ticket, by=town.hoa)
    with pytest.raises(NotAllowedError):  # who stands in for the writer is the writer's hand
        answers.approve(ticket, by=deputy(town.hoa, town.minh))
    assert answers.approve(ticket, by=town.tam).state == "approved", "where there is no other lead, the supervisor does"


def test_nobody_publishes_the_answer_that_they_wrote(town: SimpleNamespace) -> None:
    tam, thu = town.tam, town.thu
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="p", area_id=town.ward.pk), by=citizen())
    tickets.move(ticket, "accept", by=town.lan, category=town.lamps)
    answers.answer(ticket, "Đã bật lại ở trạm.", by=tam)
    publication.propose(ticket)
    row = Publication.objects.get(ticket=ticket)
    assert queries.final(ticket).by_user == tam.user_id
    assert not queries.publishes_own(ticket, tam), "off"
    switched_on()
    for one in (tam, deputy(thu, tam), deputy(tam, thu)):
        with pytest.raises(publication.OwnAnswerError):
            publication.publish(row, by=one, title="Đèn tắt", note="Sửa", sure=True)
    client = Client(headers={"accept-language": "en"})
    client.force_login(town.users["tam"])
    said = client.post(f"/desk/publish/{ticket.code}/", {"do": "publish", "sure": "on", "note": "x"})
    assert "somebody else publishes it" in said.content.decode() and "These can:" in said.content.decode()
    assert publication.publish(row, by=thu, title="Đèn tắt", note="Sửa", sure=True).state == "published"


def test_older_rows_learn_their_writer_where_one_account_alone_can_be_it(town: SimpleNamespace) -> None:
    ticket = at_work(town)
    rows = {}
    for name in ("minh", "minh for hoa", "link:3", "nobody there"):
        made = answers.submit(ticket, name, by=town.minh) if not rows else None
        row = made or Answer(ticket=ticket, text=name, at=rows["minh"].at)
        row.by, row.by_user = name, None
        row.save()
        rows[name] = row
    early = Answer.objects.create(
        ticket=ticket, text="x", by="minh", at=town.users["minh"].date_joined.replace(year=2001)
    )
    import_module("caunoi.answers.migrations.0003_by_user").fill(None, SimpleNamespace(connection=connection))
    found = {name: Answer.objects.get(pk=row.pk).by_user for name, row in rows.items()}
    minh = town.users["minh"].pk
    assert found == {"minh": minh, "minh for hoa": minh, "link:3": None, "nobody there": None}
    early.refresh_from_db()
    assert early.by_user is None, "somebody before had that name"


def test_who_else_can_is_named(town: SimpleNamespace) -> None:
    others = queries.others(town.tam, Role.REVIEWER, Role.SUPERVISOR)
    assert others and town.users["tam"].full_name not in others
