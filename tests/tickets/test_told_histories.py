"""Histories written in bulk are the rows that single moves would have left."""

from datetime import UTC, datetime, timedelta

import pytest

from caunoi.answers import actions as answers
from caunoi.answers.models import Answer
from caunoi.events.actor import citizen
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.routing.models import Handover
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import Channel, NotAllowed
from caunoi.tickets.models import Note, Participant, Ticket
from caunoi.tickets.report import Made, Report, Reporter, Told

START = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)
SAME = ("state", "kind", "urgency", "channel", "text", "category_id", "area_id", "agency_id", "answered", "closed",
        "reopened", "asked_from", "operator", "touched", "received", "restricted")  # fmt: skip


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
        ("leg_grant_extension", town.tam, {"days": 3}),
        ("result", town.minh, {"text": "Đã thay bóng."}),
        ("revise", town.hoa, {"reason": "Ghi rõ ngày."}),
        ("result", town.minh, {"text": "Đã thay bóng ngày 3/3."}),
        ("approve", town.hoa, {}),
        ("close", who, {}),
    ]


def report(once):
    return Report(
        text="Đèn đường không sáng",
        channel=Channel.PHONE,
        once=once,
        reporter=Reporter(name="Demo", phone="+84900000001"),
    )


def test_replay_equals_single_moves(town, time_machine):
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
    told = [Made(name=name, at=hour(n), by=by, given=given) for n, (name, by, given) in enumerate(moves, start=1)]
    stories = actions.replay([Told(report=report("bulk"), at=START, by=town.lan, moves=told)])
    routing.replay(stories)
    answers.replay(stories)
    bulk = Ticket.objects.get(pk=stories[0].ticket.pk)
    single.refresh_from_db()
    assert {f: getattr(single, f) for f in SAME} == {f: getattr(bulk, f) for f in SAME}

    def events(ticket):
        return [(e.at, e.kind, e.by, e.data) for e in history(ticket)]

    def legs(ticket):
        fields = ("agency_id", "source_id", "state", "role", "hop", "by", "note", "reason", "sent", "accepted", "ended",
                  "asked_days", "asked_reason", "granted_days")  # fmt: skip
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


def test_replay_refuses_what_a_single_move_would_refuse(town):
    told = Told(report=report("x"), at=START, by=town.lan, moves=[Made(name="approve", at=hour(1), by=town.lan)])
    with pytest.raises(NotAllowed):
        actions.replay([told])
    assert not Ticket.objects.exists()


def test_the_same_report_sent_twice_is_one_ticket(town):
    first = actions.take(report("once"), by=citizen())
    assert actions.take(report("once"), by=citizen()) == first
    assert Ticket.objects.count() == 1


def test_a_history_may_be_merged_into_another_that_is_told_with_it(town):
    first = Told(report=report("first"), at=START, by=town.lan)
    merge = Made(name="merge", at=hour(2), by=town.lan, given={"into": first})
    again = Told(report=report("again"), at=hour(1), by=town.lan, moves=[merge])
    into, merged = (story.ticket for story in actions.replay([first, again]))
    row = Ticket.objects.get(pk=merged.pk)
    assert (row.state, row.merged_into) == ("merged", into)
    assert history(row).last().data["into"] == into.code
    assert (row.pk, row.code) > (into.pk, into.code)
