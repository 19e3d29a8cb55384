"""Leave: a deputy sees and does somebody's work for a while, and it is written down as done for them.

Proves: deputies during leave"""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi import moves
from caunoi.accounts import actions as accounts
from caunoi.accounts import deputies
from caunoi.accounts.queries import names
from caunoi.answers import actions as answers
from caunoi.answers.queries import final
from caunoi.conversations.actions import make_inbox, say
from caunoi.conversations.models import Contact, Conversation
from caunoi.directives import actions as directives
from caunoi.events.actor import NotAllowedError, Role, citizen
from caunoi.events.queries import history
from caunoi.routing import actions as routing
from caunoi.tickets import actions as tickets
from caunoi.tickets.report import Report
from caunoi.tickets.undoing import undoable, unsay_reply
from tests.providers.sms import Sms


@pytest.fixture
def away(town):
    """Hoa, the lead, is away for two days; Minh stands in."""
    hoa, minh = town.users["hoa"], town.users["minh"]
    return deputies.name(hoa, minh, now() - timedelta(hours=1), now() + timedelta(days=2), by=town.hoa)


@pytest.fixture
def resulted(town):
    """A ticket at the works whose result somebody of theirs has written."""

    def make(who):
        report = Report(text="Đèn tắt", channel="web", once=who.username, category_id=town.lamps.pk)
        ticket = tickets.take(report, by=citizen())
        tickets.move(ticket, "accept", by=town.lan)
        routing.route(ticket, town.works, by=town.lan)
        routing.start(ticket, by=who.as_actor())
        answers.submit(ticket, "Đã thay bóng", by=who.as_actor())
        ticket.refresh_from_db()
        return ticket

    return make


@pytest.fixture
def nam(town):
    """A second officer of the works."""
    return accounts.add_person("nam", "Nam", Role.OFFICER, by=town.quan, agency=town.works)


def may(ticket, by):
    return "approve" in {m.name for m in moves.possible(ticket, by)}


def test_a_deputy_does_the_work_and_is_written_down_as_doing_it_for_somebody(town, away, resulted, nam):
    ticket = resulted(nam)
    with pytest.raises(NotAllowedError):
        answers.approve(ticket, by=town.minh)
    by = deputies.acting(town.users["minh"], away.person_id)
    assert (by.name, by.has(Role.LEAD), by.user_id) == ("minh for hoa", True, town.minh.user_id)
    assert may(ticket, by)
    answers.approve(ticket, by=by)
    assert history(ticket).last().by == "minh for hoa" == final(ticket).approved_by
    assert names({"minh for hoa"})["minh for hoa"] in ("Minh for Hoa", "Minh làm thay Hoa")


def test_a_deputy_does_not_approve_what_they_wrote_themself(town, away, resulted):
    ticket = resulted(town.users["minh"])
    by = deputies.acting(town.users["minh"], away.person_id)
    assert not may(ticket, by)
    with pytest.raises(NotAllowedError):
        moves.perform("approve", [ticket], by=by)
    assert final(ticket) is None
    moves.perform("approve", [ticket], by=town.hoa)
    assert final(ticket).approved_by == "hoa"


def test_the_supervisor_approves_what_nobody_else_of_the_agency_could(town, away, resulted):
    ticket = resulted(town.users["minh"])
    assert may(ticket, town.tam) and not may(ticket, town.lan)
    lead = accounts.add_person("son", "Sơn", Role.LEAD, by=town.quan, agency=town.works)
    assert not may(ticket, town.tam) and may(ticket, lead.as_actor())
    with pytest.raises(NotAllowedError):
        answers.approve(ticket, by=town.tam)
    accounts.deactivate(lead, by=town.quan)
    answers.approve(ticket, by=town.tam)
    assert final(ticket).approved_by == "tam"


def test_a_lead_stands_for_what_they_wrote_and_a_deputy_for_what_the_lead_wrote(town, away, resulted):
    ticket = resulted(town.users["hoa"])
    assert may(ticket, town.hoa) and not may(ticket, town.tam)
    by = deputies.acting(town.users["minh"], away.person_id)
    answers.approve(ticket, by=by)
    assert final(ticket).approved_by == "minh for hoa"


def test_a_move_is_undone_by_the_person_who_made_it_under_either_name(town):
    deputies.name(
        town.users["tam"], town.users["lan"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.tam
    )
    by = deputies.acting(town.users["lan"], town.tam.user_id)
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="u"), by=citizen())
    tickets.move(ticket, "refuse", by=by, reason="unclear", text="Chưa rõ")
    assert undoable(ticket, town.lan) and undoable(ticket, by)
    assert not undoable(ticket, town.tam)  # in her name, but not by her
    assert not undoable(ticket, replace(town.thu, name="lan for tam"))  # a name is nobody
    moves.undo(ticket, by=town.lan)


def test_an_order_is_not_carried_out_by_who_gave_it(town):
    deputies.name(
        town.users["phong"], town.users["tam"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.phong
    )
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="o"), by=citizen())
    by = deputies.acting(town.users["tam"], town.phong.user_id)
    row = directives.give("Làm ngay", now() + timedelta(days=1), by=by, ticket=ticket)
    with pytest.raises(NotAllowedError):
        directives.acknowledge(row, by=town.tam)
    with pytest.raises(NotAllowedError):
        directives.complete(row, "Xong", by=town.tam)
    other = accounts.add_person("ha", "Hà", Role.SUPERVISOR, by=town.quan)
    assert directives.complete(row, "Xong", by=other.as_actor()).done_by == "ha"


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
    with pytest.raises(NotAllowedError):
        deputies.name(town.users["van"], town.users["dung"], now(), now() + timedelta(days=1), by=town.dung)
    with pytest.raises(NotAllowedError):
        deputies.end(away, by=town.tam)
    deputies.end(away, by=town.minh)  # the deputy cannot any more


def test_a_deputy_of_a_deputy_has_only_what_was_given(town, away):
    """Standing in is not passed on: Minh at Hoa's work cannot name somebody for Hoa."""
    by = deputies.acting(town.users["minh"], away.person_id)
    with pytest.raises(NotAllowedError):
        deputies.name(town.users["hoa"], town.users["minh"], away.until, away.until + timedelta(days=1), by=by)


def test_a_request_to_explain_is_taken_back_by_the_person_who_made_it(town, time_machine):
    ticket = tickets.take(Report(text="Đèn tắt", channel="web", once="x"), by=citizen())
    deputies.name(
        town.users["thu"], town.users["tam"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.thu
    )
    by = deputies.acting(town.users["tam"], town.users["thu"].pk)
    row = directives.ask_to_explain(ticket, "Vì sao chậm?", now() + timedelta(days=1), by=by)
    with pytest.raises(NotAllowedError):
        directives.withdraw(row, by=town.thu)  # it was not Thu who asked
    directives.withdraw(row, by=town.tam)


def test_what_was_written_to_a_citizen_is_taken_back_by_the_person_who_wrote_it(town):
    gateway = Sms()
    box = make_inbox("texts", "sms", secrets=gateway.secrets(), **gateway.settings())
    contact = Contact.objects.create(phone="+84912000111")
    thread = Conversation.objects.create(contact=contact, inbox=box, address="84912000111")
    deputies.name(
        town.users["tam"], town.users["lan"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.tam
    )
    by = deputies.acting(town.users["lan"], town.tam.user_id)
    assert say(thread, "Chào anh", by=by, once="reply:a", wait=10)
    assert unsay_reply("a", by=town.tam) is None  # in her name, but not by her
    assert unsay_reply("a", by=replace(town.thu, name="lan for tam")) is None
    assert unsay_reply("a", by=town.lan) == (f"thread-{thread.pk}", "Chào anh")
