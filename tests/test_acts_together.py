"""Histories written in bulk are the rows that single moves would have left.

Proves: one act and a thousand are the same code: any history written at once is the rows of its single acts (ADR
25)"""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

import caunoi.moves
from caunoi.answers import actions as answers
from caunoi.answers.models import Answer
from caunoi.events.actor import Actor, Role, citizen
from caunoi.events.models import Event
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.routing.models import Handover
from caunoi.sla.actions import refresh_all
from caunoi.sla.models import Deadline
from caunoi.tickets import actions, lifecycle
from caunoi.tickets.lifecycle import NotAllowedError, RefusedError
from caunoi.tickets.models import Note, Participant, Ticket
from caunoi.tickets.report import Act, History, Report, Reporter

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SAME = (
    "state",
    "kind",
    "urgency",
    "channel",
    "text",
    "category_id",
    "area_id",
    "agency_id",
    "answered",
    "closed",
    "reopened",
    "asked_from",
    "operator",
    "touched",
    "received",
    "restricted",
)


def hour(n):
    return START + timedelta(hours=n)


def story(town):
    """Everything that can happen: asked, answered, returned, handed over again, revised, approved, reopened, closed."""
    who = citizen()
    return [
        ("accept", town.lan, {"category": town.lamps, "area": town.ward}),
        ("ask", town.lan, {"question": "Đèn số mấy?"}),
        ("resume", town.lan, {}),
        ("route", town.lan, {"agency": town.power}),
        ("route-back", None, {}),
        ("route", town.tam, {"agency": town.works, "note": "Đúng việc của đơn vị"}),
        ("start", town.minh, {}),
        ("leg_ask_extension", town.minh, {"days": 3, "reason": "Chờ vật tư."}),
        ("leg_grant_extension", town.tam, {}),
        ("result", town.minh, {"text": "Đã thay bóng."}),
        ("revise", town.hoa, {"reason": "Ghi rõ ngày."}),
        ("result", town.minh, {"text": "Đã thay bóng ngày 3/3."}),
        ("approve", town.hoa, {}),
        ("close", who, {}),
    ]


def report(once):
    return Report(
        text="Đèn đường không sáng",
        channel="phone",
        once=once,
        reporter=Reporter(name="Demo", phone="+84900000001"),
    )


def test_a_history_equals_single_moves(town, time_machine):
    by_power = town.minh.__class__(name="dien", roles=town.minh.roles, agency_id=town.power.pk)
    moves = [
        ("leg_return", by_power, {"reason": "Không phải lưới điện"}) if m[0] == "route-back" else m for m in story(town)
    ]
    time_machine.move_to(START, tick=False)
    single = actions.take(report("single"), by=town.lan)
    for n, (name, by, given) in enumerate(moves, start=1):
        time_machine.move_to(hour(n), tick=False)
        by = citizen(single.pk) if "citizen" in by.roles else by
        match name:
            case "route":
                routing.route(single, by=by, **given)
            case "leg_return":
                routing.give_back(single, by=by, **given)
            case "start":
                routing.start(single, by=by)
            case "leg_ask_extension":
                routing.ask_extension(single, by=by, **given)
            case "leg_grant_extension":
                routing.grant_extension(single, by=by)
            case "result":
                answers.submit(single, by=by, **given)
            case "revise":
                answers.revise(single, by=by, **given)
            case "approve":
                answers.approve(single, by=by)
                routing.finish(single, at=hour(n))
            case _:
                actions.move(single, name, by=by, **given)
    acts = [Act(name=name, at=hour(n), by=by, move_input=given) for n, (name, by, given) in enumerate(moves, start=1)]
    ((written, _),) = caunoi.moves.write([History(report=report("bulk"), at=START, by=town.lan, acts=acts)])
    bulk = Ticket.objects.get(pk=written.pk)
    single.refresh_from_db()
    assert {f: getattr(single, f) for f in SAME} == {f: getattr(bulk, f) for f in SAME}

    def events(ticket):
        return [(e.at, e.kind, e.by, e.data) for e in history(ticket)]

    def legs(ticket):
        fields = (
            "agency_id",
            "source_id",
            "state",
            "role",
            "hop",
            "by",
            "note",
            "reason",
            "sent",
            "accepted",
            "ended",
            "asked_days",
            "asked_reason",
            "granted_days",
        )
        return list(Handover.objects.filter(ticket=ticket).order_by("id").values_list(*fields))

    def written(ticket):
        return list(
            Answer.objects.filter(ticket=ticket).order_by("id").values_list("text", "state", "by", "at", "approved")
        )

    def said(ticket):
        return list(Note.objects.filter(ticket=ticket).order_by("id").values_list("kind", "text", "internal"))

    def sharers(ticket):
        return list(
            Participant.objects.filter(ticket=ticket).order_by("since").values_list("agency_id", "since", "until")
        )

    for rows in (events, legs, written, said, sharers):
        assert rows(single) == rows(bulk)
    assert single.code != bulk.code


def test_a_history_refuses_what_a_single_move_would_refuse(town):
    history = History(report=report("x"), at=START, by=town.lan, acts=[Act(name="approve", at=hour(1), by=town.lan)])
    with pytest.raises(NotAllowedError):
        caunoi.moves.write([history])
    assert not Ticket.objects.exists()


def test_the_same_report_sent_twice_is_one_ticket(town):
    first = actions.take(report("once"), by=citizen())
    assert actions.take(report("once"), by=citizen()) == first
    assert Ticket.objects.count() == 1


def test_a_history_may_be_merged_into_another_that_is_told_with_it(town):
    first = History(report=report("first"), at=START, by=town.lan)
    merge = Act(name="merge", at=hour(2), by=town.lan, move_input={"into": first})
    again = History(report=report("again"), at=hour(1), by=town.lan, acts=[merge])
    into, merged = (ticket for ticket, _ in caunoi.moves.write([first, again]))
    row = Ticket.objects.get(pk=merged.pk)
    assert (row.state, row.merged_into) == ("merged", into)
    assert history(row).last().data["into"] == into.code
    assert (row.pk, row.code) > (into.pk, into.code)


def officer(agency):
    return Actor(name=agency.code, roles=frozenset({Role.OFFICER, Role.LEAD}), agency_id=agency.pk)


def tried(dice, town):
    """Something that somebody may try to do with a ticket, whether it can be done or not."""
    agencies = [town.power, town.works, town.agencies["ubnd-25195"]]
    by = dice.choice([town.lan, town.tam, *map(officer, agencies)])
    name = dice.choice(sorted(lifecycle.MOVES.keys() - {"merge"}))
    words = f"Lời {dice.randrange(1000)}"
    values = {
        "category": dice.choice([town.lamps, town.noise]),
        "area": town.ward,
        "agency": dice.choice(agencies),
        "coordinating": dice.sample(agencies, dice.randrange(3)),
        "days": dice.randrange(1, 9),
        "without": dice.choice(["", True]),
        "reason": "other" if name == "refuse" else words,
        **dict.fromkeys(("text", "question", "note", "summary"), words),
    }
    row = lifecycle.MOVES[name]
    taken = [*row.needs, *dice.sample(row.may, dice.randrange(len(row.may) + 1))]
    return name, by, {each.name: values[each.name] for each in taken if each.name in values}


def lived(town, dice, steps, time_machine):
    """A ticket that `steps` acts were made on, one by one; and the acts."""
    time_machine.move_to(START, tick=False)
    ticket, acts = actions.take(report(f"one-{dice.random()}"), by=town.lan), []
    for n in range(1, 40 * steps):
        if len(acts) == steps:
            break
        name, by, given = tried(dice, town)
        time_machine.move_to(hour(n), tick=False)
        try:
            with transaction.atomic():
                routing.receive(ticket, by=by)
                caunoi.moves.perform(name, [ticket], by=by, move_input=given)
        except RefusedError:
            continue
        if "finish" in lifecycle.MOVES[name].reactions:
            routing.finish(ticket)
        acts.append(Act(name=name, at=hour(n), by=by, move_input=given))
    return ticket, acts


def everything(ticket):
    """All that the stages keep of a ticket, but for keys and its code."""

    def unnamed(value):
        if not isinstance(value, dict):
            return value
        return {key: "its own" if one == ticket.code else one for key, one in value.items()}

    result = {name: getattr(ticket, name) for name in SAME}
    kinds = {
        Event: Event.objects.filter(subject="ticket", subject_id=ticket.pk).order_by("id"),
        **{
            kind: kind.objects.filter(ticket=ticket).order_by("id")
            for kind in (Handover, Answer, Note, Participant, Deadline)
        },
    }
    for kind, rows in kinds.items():
        own = {"id", "ticket", "subject_id", "recorded", "pending", "event", "leg"}
        names = [field.attname for field in kind._meta.concrete_fields if field.name not in own]
        result[kind.__name__] = [tuple(map(unnamed, row)) for row in rows.values_list(*names)]
    return result


@pytest.mark.parametrize("seed", range(6))
def test_any_history_written_at_once_is_the_rows_of_its_single_acts(town, time_machine, seed):
    dice = random.Random(seed)
    lives = [lived(town, dice, steps, time_machine) for steps in (3, 9, 14)]
    time_machine.move_to(hour(2000), tick=False)
    histories = [
        History(report=report(f"bulk-{seed}-{n}"), at=START, by=town.lan, acts=acts)
        for n, (_, acts) in enumerate(lives)
    ]
    written = caunoi.moves.write(histories)
    for (single, acts), (bulk, last) in zip(lives, written, strict=True):
        Deadline.objects.filter(ticket=single).delete()
        refresh_all([single], past=True)
        assert everything(Ticket.objects.get(pk=single.pk)) == everything(Ticket.objects.get(pk=bulk.pk)), acts
        assert last.pk == Event.objects.filter(subject="ticket", subject_id=bulk.pk).last().pk
    assert sum(len(acts) for _, acts in lives) > 20
