"""What the centre has handed over comes back: taken back within the time it is held, so that nobody outside has heard
of it, or later, as long as the agency has not accepted it, with what was told.

Proves: a recalled forward is kept in the ledger, its agencies are told and see it no more; an agency that was faster
keeps it; within the hold no notice, no publication and no letter to followers leaves, after an undo none ever does; an
emergency is not held"""

import pytest

from caunoi import moves
from caunoi.followers import tasks as followers
from caunoi.notifications import tasks as notices
from caunoi.notifications.queries import unseen
from caunoi.publication import tasks as publication
from caunoi.publication.models import Publication
from caunoi.routing import actions, queries
from caunoi.routing.models import Handover
from caunoi.tickets import actions as tickets
from caunoi.tickets import undoing
from caunoi.tickets.lifecycle import NotAllowedError, NotPossibleError, Urgency
from caunoi.tickets.models import Participant
from caunoi.tickets.queries import visible_to
from caunoi.tickets.report import Report


def legs(ticket):
    return [(leg.agency.code, leg.role, leg.state) for leg in queries.custody(ticket)]


def told(who):
    return {row.notice for row in unseen(who)}


@pytest.fixture
def accepted(town):
    report = Report(text="Đèn tắt", channel="phone", once="r", category_id=town.lamps.pk, area_id=town.ward.pk)
    ticket = tickets.take(report, by=town.lan)
    tickets.move(ticket, "accept", by=town.lan)
    return ticket


@pytest.fixture
def held(settings):
    settings.HOLD_SECONDS = 10.0
    return settings


def forwarded(ticket, town):
    """The event of a forward to minh's agency."""
    actions.route(ticket, town.works, by=town.lan)
    event = undoing.undoable(ticket, town.lan)
    assert event and event.kind == "ticket.route"
    return event


def later(settings, task, event):
    """The held task as it runs once the time is over."""
    settings.HOLD_SECONDS = 0.0
    task(event.pk)


def test_what_no_agency_has_accepted_comes_back_and_its_agencies_hear_of_it(town, accepted, work):
    actions.route(accepted, town.works, by=town.lan, coordinating=[town.power])
    work()
    moves.perform("recall", [accepted], by=town.lan, move_input={"reason": "Nhầm địa bàn"})
    work()
    assert (accepted.state, accepted.agency) == ("accepted", None)
    assert {state for *_, state in legs(accepted)} == {Handover.State.RECALLED}
    assert not visible_to(town.minh).filter(pk=accepted.pk).exists()
    assert "ticket.recall.agency" in told(town.minh)
    helper = unseen(town.minh).model.objects.filter(notice="handover.recall.agency").get()
    assert helper.agency == town.power


def test_what_was_recalled_counts_as_no_hop(town, accepted):
    for _ in range(4):
        actions.route(accepted, town.works, by=town.lan)
        actions.recall(accepted, by=town.lan)
    assert (queries.hops(accepted), queries.at_limit(accepted)) == (0, False)


def test_an_agency_that_was_faster_keeps_it(town, accepted):
    actions.route(accepted, town.works, by=town.lan)
    assert "recall" in {move.name for move in moves.possible(accepted, town.lan)}
    actions.accept(accepted, by=town.minh)
    assert "recall" not in {move.name for move in moves.possible(accepted, town.lan)}
    with pytest.raises(NotAllowedError):
        moves.perform("recall", [accepted], by=town.lan)
    with pytest.raises(NotPossibleError):
        actions.recall(accepted, by=town.lan)
    with pytest.raises(NotAllowedError):
        moves.perform("recall", [accepted], by=town.minh)
    assert legs(accepted) == [("xncongtrinh", "lead", "accepted")]


def test_who_had_it_before_sees_it_after_a_later_forward_was_undone(town, accepted):
    actions.route(accepted, town.works, by=town.lan)
    actions.pass_on(accepted, town.agencies["ubnd-25195"], by=town.minh)
    actions.give_back(accepted, "Không thuộc địa bàn", by=town.dung)
    actions.route(accepted, town.works, by=town.lan)
    moves.undo(accepted, by=town.lan)
    assert Participant.objects.filter(ticket=accepted, agency=town.works, until=None).exists()


def test_within_the_hold_no_agency_hears_of_it_and_after_an_undo_none_ever_does(town, accepted, work, held):
    work()
    event = forwarded(accepted, town)
    work()
    assert told(town.minh) == set()
    assert moves.undo(accepted, by=town.lan), "nobody was written to"
    later(held, notices.tell_after, event)
    assert told(town.minh) == set()


def test_when_the_hold_is_over_the_agency_hears_of_it_once(town, accepted, work, held):
    event = forwarded(accepted, town)
    work()
    for _ in range(2):
        later(held, notices.tell_after, event)
    assert [row.notice for row in unseen(town.minh)] == ["ticket.route.agency"]


def test_an_emergency_is_not_held(town, accepted, work, held):
    accepted.urgency = Urgency.URGENT
    accepted.save()
    actions.route(accepted, town.works, by=town.lan)
    work()
    assert "ticket.route.agency" in told(town.minh)


def test_an_answer_is_public_only_when_it_can_no_longer_be_taken_back(town, work, held):
    town.lamps.publish = "at_once"
    town.lamps.save()
    ticket = tickets.take(Report(text="Đèn tắt", channel="phone", once="p", category_id=town.lamps.pk), by=town.lan)
    work()
    moves.perform("answer", [ticket], by=town.lan, move_input={"text": "Đã sửa xong.", "category": town.lamps})
    work()
    assert not Publication.objects.filter(ticket=ticket, state=Publication.State.PUBLISHED).exists()
    event = undoing.undoable(ticket, town.lan)
    assert event, "it can be taken back"
    later(held, publication.propose_after, event)
    assert Publication.objects.get(ticket=ticket).answer == "Đã sửa xong."
    assert undoing.undoable(ticket, town.lan) is None


def test_followers_hear_nothing_of_what_was_taken_back(town, accepted, work, held, monkeypatch):
    Publication.objects.update_or_create(ticket=accepted, defaults={"state": Publication.State.PUBLISHED})
    written = []
    monkeypatch.setattr("caunoi.followers.letters.tell", lambda event, row: written.append(event.kind))
    event = forwarded(accepted, town)
    work()
    assert written == []
    later(held, followers.tell_followers_after, event)
    assert written == ["ticket.route"]
    held.HOLD_SECONDS = 10.0
    moves.undo(accepted, by=town.lan)
    later(held, followers.tell_followers_after, event)
    assert written == ["ticket.route"]
