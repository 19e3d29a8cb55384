"""Leave: a deputy sees and does somebody's work for a while, and it is written down as done for them."""

from datetime import timedelta

import pytest
from django.utils.timezone import now

from caunoi.accounts import actions as accounts
from caunoi.accounts import deputies
from caunoi.accounts.models import User
from caunoi.accounts.queries import names
from caunoi.answers import actions as answers
from caunoi.answers.queries import final
from caunoi.directives import actions as directives
from caunoi.events.actor import Actor, Kind, NotAllowed, Role, citizen, kind_of
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


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("lan", Kind.PERSON), ("lan for thu", Kind.PERSON), ("citizen", Kind.CITIZEN), ("citizens", Kind.PERSON),
        ("app:7", Kind.APP), ("link:12", Kind.LINK), ("system", Kind.SYSTEM), ("nobody", Kind.NOBODY),
        ("linker", Kind.PERSON), ("appa", Kind.PERSON),
    ],
)  # fmt: skip
def test_what_acted_is_told_by_its_name_and_no_person_is_called_so(town, name, kind):
    assert kind_of(name) is Actor(name=name).kind is kind
    if kind is not Kind.PERSON:
        with pytest.raises(ValueError, match="username"):
            accounts.add_person(name, "Ai đó", Role.OPERATOR, by=town.quan)


def test_a_deputy_is_the_person_they_are_and_speaks_for_another(town, away):
    by = deputies.acting(town.users["minh"], away.person_id)
    assert by.is_person(town.minh.user_id) and not by.is_person(town.hoa.user_id) and not by.is_person(None)
    assert by.concerns(town.minh.user_id) and by.concerns(town.hoa.user_id) and not by.concerns(town.lan.user_id)


def test_a_request_to_explain_is_taken_back_by_the_person_who_made_it(town, time_machine):
    ticket = tickets.take(Report(text="Đèn tắt", channel=Channel.WEB, once="x"), by=citizen())
    deputies.name(
        town.users["thu"], town.users["tam"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.thu
    )
    by = deputies.acting(town.users["tam"], town.users["thu"].pk)
    row = directives.ask_to_explain(ticket, "Vì sao chậm?", now() + timedelta(days=1), by=by)
    with pytest.raises(NotAllowed):
        directives.withdraw(row, by=town.thu)  # it was not Thu who asked
    directives.withdraw(row, by=town.tam)


def test_a_name_that_history_holds_is_not_free_again(town):
    def add(name):
        return accounts.add_person(name, "Người Mới", Role.OPERATOR, by=town.quan)

    assert accounts.remove_person(add("moi"), by=town.quan)  # nobody ever used it
    stood_in = add("nghi")
    deputies.name(stood_in, town.users["lan"], now() - timedelta(hours=1), now() + timedelta(days=1), by=town.quan)
    ticket = tickets.take(Report(text="Đèn tắt", channel=Channel.WEB, once="y"), by=citizen())
    tickets.move(ticket, "accept", by=deputies.acting(town.users["lan"], stood_in.pk), category=town.lamps)
    assert not accounts.remove_person(stood_in, by=town.quan)
    worked = add("lam")
    tickets.take(Report(text="Đèn tắt", channel=Channel.WEB, once="z"), by=worked.as_actor())
    assert not accounts.remove_person(worked, by=town.quan)
    assert {"nghi", "lam"} <= set(User.objects.values_list("username", flat=True))
