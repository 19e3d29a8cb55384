"""Leave: a deputy sees and does somebody's work for a while, and it is written down as done for them."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.accounts import deputies
from caunoi.accounts.queries import names
from caunoi.answers import actions as answers
from caunoi.answers.queries import final
from caunoi.events.actor import NotAllowed, Role, citizen
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Channel
from caunoi.tickets.report import Report


@pytest.fixture
def away(town):
    """Hoa, the lead, is away for two days; Minh stands in."""
    hoa, minh = town.users["hoa"], town.users["minh"]
    return deputies.name(hoa, minh, now() - timedelta(hours=1), now() + timedelta(days=2), by=town.hoa)


def test_a_deputy_does_the_work_and_is_written_down_as_doing_it_for_somebody(town, away):
    report = Report(text="Đèn tắt", channel=Channel.WEB, once="d", category_id=town.lamps.pk)
    ticket = tickets.take(report, by=citizen())
    tickets.move(ticket, "accept", by=town.lan)
    routing.route(ticket, town.works, by=town.lan)
    routing.start(ticket, by=town.minh)
    answers.submit(ticket, "Đã thay bóng", by=town.minh)
    with pytest.raises(NotAllowed):
        answers.approve(ticket, by=town.minh)
    by = deputies.acting(town.users["minh"], away.person_id)
    assert (by.name, by.has(Role.LEAD), by.user_id) == ("minh for hoa", True, town.minh.user_id)
    answers.approve(ticket, by=by)
    assert history(ticket).last().by == "minh for hoa" == final(ticket).approved_by
    assert names({"minh for hoa"})["minh for hoa"] in ("Minh for Hoa", "Minh làm thay Hoa")


def test_it_ends_by_itself_by_hand_and_with_the_account(town, away, time_machine):
    minh = town.users["minh"]
    assert [d.person.username for d in deputies.stands_in(minh)] == ["hoa"]
    time_machine.move_to(away.until)
    assert deputies.acting(minh, away.person_id) is None
    time_machine.move_to(away.until - timedelta(minutes=1))
    assert deputies.acting(minh, away.person_id)
    town.users["hoa"].__class__.objects.filter(username="hoa").update(is_active=False)
    assert deputies.acting(minh, away.person_id) is None
    town.users["hoa"].__class__.objects.filter(username="hoa").update(is_active=True)
    deputies.end(away, by=town.hoa)
    assert deputies.acting(minh, away.person_id) is None


def test_it_begins_when_it_begins(town):
    hoa, minh = town.users["hoa"], town.users["minh"]
    deputies.name(hoa, minh, now() + timedelta(days=1), now() + timedelta(days=3), by=town.hoa)
    assert deputies.acting(minh, hoa.pk) is None
    assert deputies.deputies(hoa).count() == 1


@pytest.mark.parametrize(
    ("person", "deputy"),
    [("hoa", "dung"), ("hoa", "lan"), ("lan", "minh"), ("hoa", "hoa"), ("phong", "quan"), ("quan", "tam")],
)
def test_nobody_stands_in_for_strangers_themselves_or_administrators(town, person, deputy):
    by = getattr(town, person)
    with pytest.raises(ValueError, match="deputy"):
        deputies.name(town.users[person], town.users[deputy], now(), now() + timedelta(days=1), by=by)


def test_times_that_are_none_and_two_deputies_at_once_are_refused(town, away):
    hoa, minh = town.users["hoa"], town.users["minh"]
    with pytest.raises(ValueError, match="until"):
        deputies.name(hoa, minh, now(), now() - timedelta(days=1), by=town.hoa)
    with pytest.raises(ValueError, match="taken"):
        deputies.name(hoa, minh, now() + timedelta(days=1), now() + timedelta(days=5), by=town.hoa)
    deputies.name(hoa, minh, away.until, away.until + timedelta(days=5), by=town.quan)  # the administrator may


def test_nobody_names_a_deputy_for_another_or_ends_it(town, away):
    with pytest.raises(NotAllowed):
        deputies.name(town.users["van"], town.users["dung"], now(), now() + timedelta(days=1), by=town.dung)
    with pytest.raises(NotAllowed):
        deputies.end(away, by=town.tam)
    deputies.end(away, by=town.minh)  # the deputy cannot any more


def test_a_deputy_of_a_deputy_has_only_what_was_given(town, away):
    """Standing in is not passed on: Minh at Hoa's work cannot name somebody for Hoa."""
    by = deputies.acting(town.users["minh"], away.person_id)
    with pytest.raises(NotAllowed):
        deputies.name(town.users["hoa"], town.users["minh"], away.until, away.until + timedelta(days=1), by=by)
