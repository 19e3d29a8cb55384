"""A person is a row: what acted is a column, and a user name is one person's for ever."""

from argparse import Namespace
from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from django.utils import translation
from django.utils.timezone import now

from caunoi.accounts import actions, deputies, queries
from caunoi.accounts.models import User
from caunoi.accounts.recovery import recoverable
from caunoi.cli import admin
from caunoi.events.actions import record
from caunoi.events.actor import (
    IMPORTER,
    NOBODY,
    SYSTEM,
    Actor,
    Kind,
    NotAllowedError,
    Role,
    app,
    citizen,
    kind_of,
    link,
)
from caunoi.events.models import Event

NAMES = [
    ("lan", Kind.PERSON),
    ("lan for thu", Kind.PERSON),
    ("citizen", Kind.CITIZEN),
    ("citizens", Kind.PERSON),
    ("citizen:7", Kind.PERSON),
    ("app:7", Kind.APP),
    ("app", Kind.PERSON),
    ("link:12", Kind.LINK),
    ("linker", Kind.PERSON),
    ("system", Kind.SYSTEM),
    ("import", Kind.IMPORT),
    ("rehearsal", Kind.REHEARSAL),
    ("nobody", Kind.NOBODY),
    ("person", Kind.PERSON),
]


@pytest.fixture
def add(town):
    def make(username, full_name="Người Mới", role=Role.OPERATOR, **more):
        return actions.add_person(username, full_name, role, by=town.quan, **more)

    return make


@pytest.mark.parametrize(("name", "kind"), NAMES)
def test_no_person_is_called_as_what_is_none(add, name, kind):
    assert kind_of(name) is kind
    assert kind_of(name, 7) is Kind.PERSON  # a row with a person is a person's, whatever the name says
    if kind is not Kind.PERSON:
        with pytest.raises(ValueError, match="username"):
            add(name)


@pytest.mark.parametrize("by", [SYSTEM, NOBODY, IMPORTER, citizen(), citizen(kind=Kind.REHEARSAL), app(7), link(12, 3)])
def test_what_acts_is_the_same_in_the_event_and_by_the_name_of_old_ones(town, by):
    event = record("x.y", town.ward, by=by)
    event.refresh_from_db()
    assert (event.actor_kind, event.by_user, event.behalf_user) == (by.kind, None, None)
    assert Event(by=by.name).actor_kind is by.kind is not Kind.PERSON


def test_an_event_names_the_person_and_whom_they_acted_for_and_neither_is_changed(town):
    deputies.name(town.users["hoa"], town.users["minh"], now(), now() + timedelta(days=1), by=town.hoa)
    by = deputies.acting(town.users["minh"], town.hoa.user_id)
    event = record("x.y", town.ward, by=by)
    assert (event.actor_kind, event.by_user, event.behalf_user) == (Kind.PERSON, town.minh.user_id, town.hoa.user_id)
    for change in ({"by_kind": "system"}, {"behalf_user": None}, {"by_user": 1}):
        with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
            Event.objects.filter(pk=event.pk).update(**change)


def test_who_is_concerned_and_who_would_sign_off_their_own():
    minh, for_hoa = Actor(name="minh", user_id=1), Actor(name="minh for hoa", user_id=1, behalf_id=2)
    assert for_hoa.is_person(1) and not for_hoa.is_person(2) and not for_hoa.is_person(None)
    assert for_hoa.concerns(1) and for_hoa.concerns(2) and not for_hoa.concerns(3) and not for_hoa.concerns(None)
    assert minh.concerns(1) and not minh.concerns(2) and not SYSTEM.concerns(None) and SYSTEM.people == frozenset()
    assert for_hoa.deputises_for_own(1) and not for_hoa.deputises_for_own(2) and not for_hoa.deputises_for_own(None)
    assert not minh.deputises_for_own(1)


@pytest.mark.parametrize("name", ["lan", "Lan", "LAN"])
def test_a_user_name_that_somebody_has_is_not_given_again(add, name):
    with pytest.raises(actions.TakenError):
        add(name)


def test_nor_is_that_of_a_closed_account_or_one_that_was_taken_back(add, town):
    actions.deactivate(town.users["lan"], by=town.quan)
    with pytest.raises(actions.TakenError):
        add("lan")
    gone = add("an", "Nguyễn Văn An", Role.OFFICER, agency=town.works, phone="+84912345678", email="an@demo.example")
    assert actions.remove_person(gone, by=town.quan)
    with pytest.raises(actions.TakenError):
        add("An", "Trần An")
    assert User.objects.filter(username__iexact="an").count() == 1


def test_who_was_taken_back_is_in_no_list_and_opens_nothing_and_nothing_of_them_is_kept(add, town):
    gone = add("an", "Nguyễn Văn An", Role.OFFICER, agency=town.works, phone="+84912345678", email="an@demo.example")
    actions.hand_password(gone, by=town.quan)
    assert actions.remove_person(gone, by=town.quan)
    gone = User.objects.get(username="an")
    assert (gone.agency, gone.phone, gone.email, gone.is_active, gone.one_time) == (None, "", "", False, False)
    assert not gone.has_usable_password()
    assert queries.person("an") is None and gone not in queries.everyone() and gone not in queries.people()
    assert recoverable("an") is None and gone not in deputies.candidates(town.users["minh"])
    with pytest.raises(ValueError, match="deputy"):
        deputies.name(town.users["lan"], gone, now(), now() + timedelta(days=1), by=town.lan)


def test_the_same_person_added_again_is_the_same_row(add, town):
    gone = add("an", "Nguyễn Văn An")
    actions.remove_person(gone, by=town.quan)
    back = add("an", "NGUYỄN VĂN AN", Role.OFFICER, agency=town.works)
    assert (back.pk, back.is_active, back.removed, back.agency) == (gone.pk, True, None, town.works)
    assert back in queries.everyone() and [
        e.kind for e in Event.objects.filter(subject="user", subject_id=back.pk)
    ] == [
        "person.add",
        "person.remove",
        "person.add",
    ]


def test_an_account_that_somebody_used_is_closed_and_not_taken_back(add, town):
    signed_in, keyed, stood_in, worked = (add(name) for name in ("da-vao", "co-khoa", "thay", "lam"))
    User.objects.filter(pk=signed_in.pk).update(last_login=now())
    actions.issue_key("api", "x", by=SYSTEM, user=keyed)
    deputies.name(town.users["lan"], stood_in, now(), now() + timedelta(days=1), by=town.lan)
    record("x.y", town.ward, by=worked.as_actor())
    for user in (signed_in, keyed, stood_in, worked, town.users["quan"]):
        user.refresh_from_db()
        assert not actions.remove_person(user, by=town.quan)
        assert User.objects.get(pk=user.pk).is_active


def test_a_user_name_is_not_changed(town):
    with pytest.raises(ValueError, match="username"):
        actions.edit_person(town.users["lan"], by=town.quan, username="lan2")


@pytest.mark.parametrize("who", ["lan", "tam", "hoa", "phong"])
def test_only_an_administrator_adds_closes_and_takes_back(town, who):
    by, user = getattr(town, who), town.users["thu"]
    for act in (
        lambda: actions.add_person("moi", "Mới", Role.OPERATOR, by=by),
        lambda: actions.edit_person(user, by=by, full_name="X"),
        lambda: actions.deactivate(user, by=by),
        lambda: actions.activate(user, by=by),
        lambda: actions.remove_person(user, by=by),
        lambda: actions.hand_password(user, by=by),
        lambda: actions.rescue_administrator("thu", by=by),
    ):
        with pytest.raises(NotAllowedError):
            act()


def test_the_command_gives_no_used_name_to_an_administrator(add, town, capsys):
    actions.remove_person(add("an", "Nguyễn Văn An"), by=town.quan)
    typed = Namespace(user="an", name="", email="", json=False)
    assert admin.run(typed) == 1
    assert "never used again" in capsys.readouterr().err
    assert not User.objects.get(username="an").is_active
    typed.name = "Nguyễn Văn An"
    assert admin.run(typed) == 0
    assert User.objects.get(username="an").role == Role.ADMIN


@pytest.mark.parametrize(
    ("who", "change"),
    [("hoa", {"role": "admin", "agency": None}), ("minh", {"agency": "dienluc"}), ("hoa", {"agency": "dienluc"})],
)
def test_a_deputyship_is_over_when_one_of_the_two_has_another_work(town, who, change):
    hoa, minh = town.users["hoa"], town.users["minh"]
    deputies.name(hoa, minh, now() - timedelta(hours=1), now() + timedelta(days=1), by=town.hoa)
    assert deputies.acting(minh, hoa.pk).has(Role.LEAD)
    values = change | ({"agency": town.agencies[change["agency"]]} if change["agency"] else {})
    actions.edit_person(town.users[who], by=town.quan, **values)
    assert deputies.acting(minh, hoa.pk) is None and not deputies.stands_in(minh) and not deputies.away()


def test_the_centres_people_stand_in_for_one_another(town):
    deputies.name(town.users["thu"], town.users["lan"], now(), now() + timedelta(days=1), by=town.thu)
    by = deputies.acting(town.users["lan"], town.thu.user_id)
    assert by.roles == {Role.REVIEWER} and by.people == {town.lan.user_id, town.thu.user_id}


def test_nobody_closes_their_own_account(town):
    quan = town.users["quan"]
    with pytest.raises(NotAllowedError, match="own_account"):
        actions.deactivate(quan, by=town.quan)
    quan.refresh_from_db()
    assert quan.is_active


def test_an_account_of_the_demo_is_let_in_again_in_a_demo_only(add, settings):
    demo = add("an")
    demo.demo = True
    demo.save()
    for is_demo, found in ((True, demo), (False, None)):
        settings.DEMO = is_demo
        assert recoverable("an") == found


def test_of_two_who_add_one_user_name_at_once_the_second_is_told_that_it_is_taken(add, monkeypatch):
    add("an", "Nguyễn An")
    monkeypatch.setattr(User.objects, "select_for_update", lambda *_args, **_more: User.objects.none())  # not seen yet
    with pytest.raises(actions.TakenError):
        add("an", "Trần An")


def test_people_are_called_by_their_names_and_deputies_by_both(town):
    with translation.override("vi"):
        called = queries.names({"lan", "lan for thu", "lan for whom", "import"})
    lan, thu = str(town.users["lan"]), str(town.users["thu"])
    assert called == {"lan": lan, "lan for thu": f"{lan} làm thay {thu}"}
