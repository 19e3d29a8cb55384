"""What an administrator does with accounts and keys, what opens, who is in which list: each rule by itself."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.contrib.auth.hashers import make_password
from django.core import signing
from django.core.management import call_command
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import actions, attempts, deputies, invitations, queries, recovery, service_accounts
from caunoi.accounts.models import Deputy, Key, Recovery, User, WrongPassword
from caunoi.accounts.queries import digest
from caunoi.events.actions import record
from caunoi.events.actor import CENTRE, SYSTEM, Actor, NotAllowedError, Role, administrators_only, app, citizen, link
from caunoi.events.models import Event


@pytest.fixture(autouse=True)
def quick(settings: Settings) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(autouse=True)
def unremembered() -> None:
    for each in (queries.apps, queries.exchanges, queries.phones):
        each.drop()


def person(name: str) -> User:
    return User.objects.get(username=name)


def last(kind: str) -> Event:
    return Event.objects.filter(kind=kind).latest("id")


# --- people ----------------------------------------------------------------------------------------------------------


def test_an_account_is_made_as_it_was_asked_for(town: SimpleNamespace) -> None:
    made = actions.add_person(
        "an",
        "Nguyễn Văn An",
        Role.OFFICER,
        by=town.quan,
        agency=town.works,
        phone="+84912345678",
        extension="107",
        email="an@demo.example",
    )
    made.refresh_from_db()
    assert (made.full_name, made.role, made.agency, made.phone) == (
        "Nguyễn Văn An",
        "officer",
        town.works,
        "+84912345678",
    )
    assert (made.extension, made.email, made.is_active, made.has_usable_password()) == (
        "107",
        "an@demo.example",
        True,
        False,
    )
    event = last("person.add")
    assert (event.by, event.subject_id, event.data) == (
        "quan",
        made.pk,
        {"username": "an", "role": "officer", "agency": town.works.pk},
    )


@pytest.mark.parametrize("role", Role)
def test_those_of_an_agency_have_one_and_nobody_else_does(town: SimpleNamespace, role: Role) -> None:
    agency = None if role in (Role.OFFICER, Role.LEAD) else town.works
    with pytest.raises(ValueError, match="agency"):
        actions.add_person("an", "An", role, by=town.quan, agency=agency)
    with pytest.raises(ValueError, match="agency"):
        actions.edit_person(person("thu"), by=town.quan, role=role, agency=agency)


def test_a_name_that_reads_as_a_deputys_is_nobodys(town: SimpleNamespace) -> None:
    with pytest.raises(ValueError, match="username"):
        actions.add_person("an for lan", "An", Role.OPERATOR, by=town.quan)


def test_a_change_says_what_was_and_of_personal_data_only_that_it_changed(town: SimpleNamespace) -> None:
    lan = person("lan")
    actions.edit_person(lan, by=town.quan, role=Role.LEAD, agency=town.works, phone="+84912345678", full_name="Lân")
    lan.refresh_from_db()
    assert (lan.role, lan.agency, lan.phone, lan.full_name) == ("lead", town.works, "+84912345678", "Lân")
    data = last("person.edit").data
    assert (data["username"], data["before"], data["after"]) == (
        "lan",
        {"role": "operator", "agency": None},
        {"role": "lead", "agency": town.works.pk},
    )
    assert sorted(data["also"]) == ["full_name", "phone"]
    actions.edit_person(lan, by=town.quan, role=Role.OFFICER)  # the agency stays
    assert person("lan").agency == town.works


def test_nobody_takes_their_own_role_and_everybody_may_change_their_own_name(town: SimpleNamespace) -> None:
    quan = person("quan")
    with pytest.raises(NotAllowedError, match="own_role"):
        actions.edit_person(quan, by=town.quan, role=Role.OPERATOR)
    actions.edit_person(quan, by=town.quan, role=Role.ADMIN, full_name="Quân")
    assert (person("quan").role, person("quan").full_name) == ("admin", "Quân")


def test_a_change_of_extension_counts_at_once(town: SimpleNamespace) -> None:
    assert "107" not in queries.phones()
    actions.edit_person(person("lan"), by=town.quan, extension="107")
    assert queries.phones()["107"].username == "lan"


def test_an_account_is_closed_and_opened_once_each(town: SimpleNamespace) -> None:
    lan = person("lan")
    assert actions.activate(lan, by=town.quan) is None
    assert actions.deactivate(lan, by=town.quan).data["username"] == "lan" and not person("lan").is_active
    assert actions.deactivate(lan, by=town.quan) is None
    assert actions.activate(lan, by=town.quan).data["username"] == "lan" and person("lan").is_active


@pytest.mark.parametrize("name", ["lan", "thu for lan"])
def test_whoever_acted_by_an_account_or_for_it_is_remembered(town: SimpleNamespace, name: str) -> None:
    lan = person("lan")
    assert actions.remove_person(lan, by=town.quan), "what others did is nothing of theirs"
    lan = actions.add_person("lan", "Lan", Role.OPERATOR, by=town.quan)
    record("x.y", town.ward, by=Actor(name=name))
    assert not actions.remove_person(lan, by=town.quan)


def test_what_was_done_under_a_name_before_it_was_added_again_is_not_its_owners(town: SimpleNamespace) -> None:
    record("x.y", town.ward, by=Actor(name="an"))
    made = actions.add_person("an", "An", Role.OPERATOR, by=town.quan)
    assert actions.remove_person(made, by=town.quan)
    assert (last("person.remove").by, last("person.remove").data) == ("quan", {"username": "an"})


def test_somebody_who_was_away_once_is_remembered_too(town: SimpleNamespace) -> None:
    made = actions.add_person("an", "An", Role.OPERATOR, by=town.quan)
    Deputy.objects.create(person=made, deputy=person("lan"), since=now(), until=now() + timedelta(days=1), by="x")
    assert not actions.remove_person(made, by=town.quan)


def test_nothing_of_who_was_taken_back_is_on_the_phones(town: SimpleNamespace) -> None:
    made = actions.add_person("an", "An", Role.OPERATOR, by=town.quan, extension="107")
    User.objects.filter(pk=made.pk).update(area=town.ward)
    made.refresh_from_db()
    queries.phones.drop()
    assert queries.phones()["107"] == made
    actions.remove_person(made, by=town.quan)
    made = person("an")
    assert (made.area, made.extension, made.removed is None) == (None, "", False) and "107" not in queries.phones()


# --- passwords -------------------------------------------------------------------------------------------------------


def test_a_password_that_is_handed_out_is_read_aloud_without_a_mistake(town: SimpleNamespace, time_machine) -> None:
    time_machine.move_to(now(), tick=False)
    lan = person("lan")
    passwords = [actions.hand_password(lan, by=town.quan) for _ in range(5)]
    assert len(set(passwords)) == 5
    for password in passwords:
        assert [len(part) for part in password.split("-")] == [4, 4, 4]
        assert set(password) <= set(actions.ALPHABET) | {"-"}
    lan.refresh_from_db()
    assert (lan.one_time, lan.handed, lan.check_password(passwords[-1])) == (True, now(), True)
    event = last("person.hand_password")
    assert (event.by, event.data) == ("quan", {"username": "lan"})
    assert not any(password in str(event.data) for password in passwords)


def test_a_password_of_ones_own_is_chosen_by_oneself(town: SimpleNamespace) -> None:
    lan = person("lan")
    actions.hand_password(lan, by=town.quan)
    for by in (town.quan, town.tam, SYSTEM):
        with pytest.raises(NotAllowedError, match="own_account"):
            actions.choose_password(lan, "chợ nổi Cái Bè", by=by)
    actions.choose_password(lan, "chợ nổi Cái Bè", by=town.lan)
    lan.refresh_from_db()
    assert (lan.check_password("chợ nổi Cái Bè"), lan.one_time, lan.handed) == (True, False, None)
    assert (last("person.password").by, last("person.password").data) == ("lan", {"username": "lan"})


def test_a_password_that_was_handed_out_opens_for_its_hours_and_ones_own_for_ever(town: SimpleNamespace) -> None:
    lan, hours = person("lan"), timedelta(hours=72)
    for one_time, handed, over in (
        (True, now() - hours + timedelta(minutes=1), False),
        (True, now() - hours - timedelta(minutes=1), True),
        (True, None, True),
        (False, now() - hours * 2, False),
        (False, None, False),
    ):
        lan.one_time, lan.handed = one_time, handed
        assert queries.run_out(lan) == over


def test_the_product_itself_rescues_an_administrator_and_nobody_else_does(town: SimpleNamespace) -> None:
    minh = person("minh")
    User.objects.filter(pk=minh.pk).update(
        is_active=False, password=make_password("x"), extension="107", email="a@b.vn"
    )
    with pytest.raises(NotAllowedError, match="system_only"):
        actions.rescue_administrator("minh", by=town.quan)
    assert actions.rescue_administrator("minh", by=SYSTEM).pk == minh.pk
    minh.refresh_from_db()
    assert (minh.role, minh.agency, minh.is_active, minh.has_usable_password()) == ("admin", None, True, False)
    assert (minh.full_name, minh.email) == ("Minh", "a@b.vn")
    assert queries.phones()["107"] == minh
    data = last("person.edit").data
    assert (data["username"], data["after"]["role"], last("person.rescue").data) == (
        "minh",
        "admin",
        {"username": "minh"},
    )
    actions.rescue_administrator("minh", by=SYSTEM, full_name="Lê Minh", email="minh@demo.example")
    minh.refresh_from_db()
    assert (minh.full_name, minh.email) == ("Lê Minh", "minh@demo.example")
    made = actions.rescue_administrator("moi", by=SYSTEM, email="moi@demo.example")
    assert (made.full_name, made.email, made.role) == ("moi", "moi@demo.example", "admin")
    assert actions.rescue_administrator("moi-nua", by=SYSTEM, full_name="Mới").full_name == "Mới"


# --- keys ------------------------------------------------------------------------------------------------------------


def test_a_key_opens_for_its_use_from_the_moment_it_is_issued_until_it_is_revoked(town: SimpleNamespace) -> None:
    secret = actions.issue_key(Key.Use.API, "Ứng dụng", by=SYSTEM)
    row = queries.key(secret, "api")
    assert (row.user, row.label, row.digest, row.demo) == (None, "Ứng dụng", digest(secret), False)
    assert queries.key(secret, "cti") is None and queries.key(secret + "x", "api") is None
    assert (last("key.issue").by, last("key.issue").data) == ("system", {"use": "api", "label": "Ứng dụng"})
    for use, found in (("open311", queries.app), ("cti", lambda key: queries.exchanges().get(digest(key)))):
        assert found(secret) is None  # asked before, and remembered
        opens = actions.issue_key(use, use, by=SYSTEM)
        assert found(opens).label == use and queries.key(opens, use) == found(opens)
        actions.revoke_key(found(opens), by=town.quan)
        assert found(opens) is None and queries.key(opens, use) is None
    actions.revoke_key(row, by=town.quan)
    assert queries.key(secret, "api") is None
    first = Key.objects.get(pk=row.pk).revoked
    actions.revoke_key(row, by=town.quan)
    assert Key.objects.get(pk=row.pk).revoked == first
    assert (last("key.revoke").by, last("key.revoke").data) == ("quan", {"label": "Ứng dụng"})


def test_a_key_of_a_month_does_not_expire_soon_on_its_first_day(town: SimpleNamespace) -> None:
    key = Key(created=now(), expires=now() + timedelta(days=30))
    assert not service_accounts.ends_soon(key)
    key.created -= timedelta(days=28)
    key.expires -= timedelta(days=28)
    assert service_accounts.ends_soon(key)
    year = Key(created=now() - timedelta(days=340), expires=now() + timedelta(days=25))
    assert service_accounts.ends_soon(year)


def test_why_a_key_is_over_is_said_of_keys_only(town: SimpleNamespace) -> None:
    secret = actions.issue_key(Key.Use.API, "Ứng dụng", by=SYSTEM)
    assert queries.over(secret, "api") == queries.over("guessed", "api") == ""
    Key.objects.update(expires=now() - timedelta(days=1))
    assert queries.over(secret, "api") == "expired"
    actions.revoke_key(Key.objects.get(), by=town.quan)
    assert queries.over(secret, "api") == "revoked" and queries.over(secret, "cti") == ""


def test_people_stand_in_the_order_of_a_vietnamese_dictionary() -> None:
    names = ["Vũ An", "Đỗ An", "Dương An", "Huế", "Hà Nội", "Cao Bằng", "Cà Mau"]
    ordered = [user.full_name for user in queries.by_name(User(full_name=name) for name in names)]
    assert ordered == ["Cà Mau", "Cao Bằng", "Dương An", "Đỗ An", "Hà Nội", "Huế", "Vũ An"]


@pytest.mark.parametrize("who", ["lan", "tam", "hoa", "phong", "thu"])
def test_an_administrator_revokes_keys_and_makes_none_without_an_account(town: SimpleNamespace, who: str) -> None:
    actions.issue_key("cti", "x", by=SYSTEM, secret="tong-dai")
    for by in (getattr(town, who), town.quan):
        with pytest.raises(NotAllowedError, match="service_accounts_only"):
            actions.issue_key("cti", "x", by=by)
    with pytest.raises(NotAllowedError, match="administrators_only"):
        actions.revoke_key(Key.objects.get(), by=getattr(town, who))


def test_a_secret_that_is_given_is_the_key_and_given_again_it_is_the_same_key(town: SimpleNamespace) -> None:
    assert actions.issue_key("open311", "a", by=SYSTEM, secret="bí mật") == "bí mật"
    actions.issue_key("open311", "b", by=SYSTEM, secret="bí mật")
    assert Key.objects.get().label == queries.app("bí mật").label == "b"


def test_a_key_acts_as_a_person_in_the_demo_alone(town: SimpleNamespace, settings: Settings) -> None:
    actor_of_token = service_accounts.actor_of_token
    secret = actions.issue_key("api", "x", by=SYSTEM, user=person("lan"), secret="demo-api-lan")
    other = actions.issue_key("api", "y", by=SYSTEM, user=person("lan"))
    none = actions.issue_key("api", "nobody's", by=SYSTEM)
    for demo in (True, False):
        settings.DEMO = demo
        assert actor_of_token(secret) == (town.lan if demo else None)
        assert actor_of_token(none) is None and actor_of_token(other) is None
    settings.DEMO = True
    User.objects.filter(username="lan").update(is_active=False)
    assert actor_of_token(secret) is None


def test_keys_are_listed_the_newest_first_with_whose_they_are(town: SimpleNamespace, django_assert_num_queries) -> None:
    for n, label in enumerate("bac"):
        actions.issue_key("api", label, by=SYSTEM, user=person("lan"))
        Key.objects.filter(label=label).update(created=now() + timedelta(hours=n))
    with django_assert_num_queries(1):
        assert [(key.label, key.user.username) for key in queries.every_key()] == [
            ("c", "lan"),
            ("a", "lan"),
            ("b", "lan"),
        ]


# --- lists -----------------------------------------------------------------------------------------------------------


def test_who_is_listed_and_in_which_order(town: SimpleNamespace, django_assert_num_queries) -> None:
    User.objects.filter(username="an").delete()
    User.objects.filter(username="lan").update(is_active=False)
    User.objects.filter(username="dung").update(removed=now())
    assert [u.username for u in queries.people(town.works.pk)] == ["hoa", "minh"]
    assert [u.username for u in queries.people(town.works.pk, Role.LEAD)] == ["hoa"]
    assert [u.username for u in queries.people(role=Role.LEAD)] == ["hoa", "van", "yen"]
    assert "lan" not in {u.username for u in queries.people()}
    with django_assert_num_queries(1):
        everyone = [(user.username, user.agency and user.agency.code) for user in queries.everyone()]
    names = [name for name, _ in everyone]
    assert names == [*sorted(set(names) - {"lan"}), "lan"] and "dung" not in names
    assert ("minh", "xncongtrinh") in everyone
    assert queries.person("lan") == person("lan") and queries.person("dung") is None
    lan, tam = person("lan"), person("tam")
    assert queries.usernames([lan.pk, lan.pk, tam.pk, 0]) == {lan.pk: "lan", tam.pk: "tam"}


def test_how_many_of_a_role_have_a_mail_address(town: SimpleNamespace) -> None:
    User.objects.filter(username="hoa").update(email="hoa@demo.example")
    User.objects.filter(username="van").update(email="van@demo.example", is_active=False)
    assert queries.with_mail(Role.LEAD) == (1, 2)


def test_a_desk_phone_is_the_centres_by_extension_before_user_name(town: SimpleNamespace) -> None:
    User.objects.filter(username="lan").update(extension="tam")
    User.objects.filter(username="minh").update(extension="108")
    User.objects.filter(username="thu").update(is_active=False, extension="109")
    found = {name: user.username for name, user in queries.phones().items()}
    assert found == {"lan": "lan", "tam": "lan", "quan": "quan"}
    User.objects.filter(username="tam").update(extension="107")
    User.objects.filter(username="lan").update(extension="107")
    queries.phones.drop()
    assert queries.phones()["107"] == min(person("lan"), person("tam"), key=lambda user: user.pk), "the older account's"


def test_what_the_demos_secrets_are(settings: Settings) -> None:
    for demo in (True, False):
        settings.DEMO = demo
        assert queries.known_to_all("demo1022!") != demo and queries.known_to_all("demo-api") != demo
        assert not queries.known_to_all("x-demo-api") and not queries.known_to_all("demo1022")
        assert queries.refused(User(demo=True)) != demo and not queries.refused(User(demo=False))


# --- tries -----------------------------------------------------------------------------------------------------------


def test_a_code_is_asked_for_a_few_times_a_name_an_address_and_a_browser(town: SimpleNamespace) -> None:
    def asked(times: int, name: str, address: str, mark: str = "") -> int:
        return sum(attempts.may_ask(name, address, mark) for _ in range(times))

    assert asked(5, " Lan ", "10.0.0.1") == 3
    assert asked(5, "lan", "10.0.0.2") == 3
    assert asked(1, "LAN", "10.0.0.3") == 0, "six of one name, from wherever"
    own = attempts.remember(person("lan"), "")
    assert asked(5, "lan", "10.0.0.1", own) == 3, "but a browser of theirs has its own"
    assert asked(1, "tam", "10.0.0.9", own) == 1
    assert sum(asked(1, f"x{n}", "10.0.0.4") for n in range(25)) == 20


def test_a_code_is_tried_thirty_times_from_one_address(town: SimpleNamespace) -> None:
    assert sum(attempts.may_try_code("10.0.0.1") for _ in range(35)) == 30
    assert attempts.may_try_code("10.0.0.2")
    WrongPassword.objects.update(at=now() - timedelta(minutes=15, seconds=1))
    assert attempts.may_try_code("10.0.0.1") and WrongPassword.objects.count() == 1


def test_a_browser_remembers_the_last_people_of_a_shift(town: SimpleNamespace) -> None:
    users = [*User.objects.order_by("pk")]
    many = [*users, *(User(pk=10_000 + n) for n in range(20 - len(users)))]
    mark = ""
    for user in many:
        mark = attempts.remember(user, mark)
    browser, people = attempts._read(mark)
    assert browser and people == [user.pk for user in many]
    again, people = attempts._read(attempts.remember(many[0], mark))
    assert (again, people) == (browser, [*(user.pk for user in many[1:]), many[0].pk])
    _, people = attempts._read(attempts.remember(User(pk=1), mark))
    assert people == [*(user.pk for user in many[1:]), 1], "no more than twenty"
    for forged in ("", "x", mark[:-1], signing.dumps("x", salt=attempts.SALT), signing.dumps([1, [2]])):
        assert attempts._read(forged) == ("", [])


def test_a_try_that_was_not_made_is_taken_back_and_one_that_was_right_forgives_those_of_its_name(town) -> None:
    rows = [attempts.begin("lan", "10.0.0.1", "") for _ in range(3)]
    other = attempts.begin("tam", "10.0.0.1", "")
    assert {len(row) for row in (*rows, other)} == {2}
    attempts.take_back(rows[0])
    assert WrongPassword.objects.count() == 6
    attempts.succeed(rows[1])
    assert set(WrongPassword.objects.values_list("pk", flat=True)) == {rows[2][1].pk, *(row.pk for row in other)}


@pytest.mark.parametrize(
    ("address", "other", "same"),
    [
        ("10.0.0.1", "10.0.0.2", False),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::9", True),
        ("2001:db8:1:2::4", "2001:db8:1:3::4", False),
        ("::ffff:10.0.0.1", "::ffff:10.0.0.2", False),
        ("unix:a", "unix:b", False),
    ],
)
def test_an_address_is_a_subscribers(town: SimpleNamespace, address: str, other: str, same: bool) -> None:
    for _ in range(10):
        attempts.begin("lan", address, "")
    assert (attempts.begin("lan", other, "") is None) == same


def test_passwords_are_checked_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "PATIENCE", 0.01)
    turns = [attempts.turn() for _ in range(4)]
    for turn in turns:
        turn.__enter__()
    with pytest.raises(attempts.OverloadedError), attempts.turn():
        pytest.fail("a fifth")
    turns[0].__exit__(None, None, None)
    with attempts.turn():
        pass
    for turn in turns[1:]:
        turn.__exit__(None, None, None)


# --- deputies --------------------------------------------------------------------------------------------------------


def test_who_may_stand_in_and_who_does(town: SimpleNamespace, django_assert_num_queries) -> None:
    hoa, minh = person("hoa"), person("minh")
    nam = actions.add_person("nam", "An Nam", Role.OFFICER, by=town.quan, agency=town.works)
    gone = actions.add_person("di", "Đi", Role.OFFICER, by=town.quan, agency=town.works)
    actions.deactivate(gone, by=town.quan)
    assert list(deputies.candidates(hoa)) == [nam, minh]
    assert {user.username for user in deputies.candidates(person("lan"))} == {"tam", "thu", "phong"}
    assert not deputies.candidates(person("quan")).exists()
    day = timedelta(days=1)
    later = deputies.name(hoa, nam, now() + 3 * day, now() + 4 * day, by=town.quan)
    row = deputies.name(hoa, minh, now() - day, now() + day, by=town.hoa)
    over = Deputy.objects.create(person=hoa, deputy=nam, since=now() - 3 * day, until=now() - 2 * day, by="hoa")
    with django_assert_num_queries(1):
        found = deputies.deputies(hoa)
        assert [(d.pk, d.deputy.username, d.person.username) for d in found] == [
            (row.pk, "minh", "hoa"),
            (later.pk, "nam", "hoa"),
        ]
    with django_assert_num_queries(1):
        assert [d.person.agency.code for d in deputies.stands_in(minh)] == ["xncongtrinh"]
    with django_assert_num_queries(1):
        assert {pk: d.deputy.username for pk, d in deputies.away().items()} == {hoa.pk: "minh"}
    with django_assert_num_queries(1):
        one = deputies.arrangement(row.pk)
        assert (one.person, one.deputy) == (hoa, minh)
    assert deputies.arrangement(0) is None
    event = last("person.deputy")
    assert (event.by, row.by, event.subject_id, event.data) == (
        "hoa",
        "hoa",
        hoa.pk,
        {"username": "hoa", "deputy": "minh", "since": row.since.isoformat(), "until": row.until.isoformat()},
    )
    with pytest.raises(NotAllowedError, match="deputy"):
        deputies.end(row, by=nam.as_actor())
    deputies.end(row, by=town.quan)
    first = Deputy.objects.get(pk=row.pk).ended
    deputies.end(row, by=town.minh)
    assert Deputy.objects.get(pk=row.pk).ended == first
    ends = Event.objects.filter(kind="person.deputy_end")
    assert [(e.by, e.data) for e in ends] == [("quan", {"username": "hoa", "deputy": "minh"})]
    assert not deputies.away() and over.ended is None


def test_a_time_that_is_over_or_ends_before_it_begins_is_none(town: SimpleNamespace) -> None:
    hoa, minh, day = person("hoa"), person("minh"), timedelta(days=1)
    at = now()
    for since, until in ((at - 2 * day, at - day), (at + 2 * day, at + day), (at + day, at + day)):
        with pytest.raises(ValueError, match="until"):
            deputies.name(hoa, minh, since, until, by=town.hoa)
    since = now() + day
    deputies.name(hoa, minh, since, since + day, by=SYSTEM)
    deputies.name(hoa, minh, since + day, since + 2 * day, by=town.hoa)  # one after the other
    deputies.name(hoa, minh, now() - day, since, by=town.hoa)


def test_an_officer_without_an_agency_is_nobody_to_stand_in_for(town: SimpleNamespace) -> None:
    hoa, minh = person("hoa"), person("minh")
    row = deputies.name(hoa, minh, now() - timedelta(hours=1), now() + timedelta(days=1), by=town.hoa)
    assert deputies.acting(minh, hoa.pk).agency_id == town.works.pk
    assert deputies.acting(minh, 0) is None
    User.objects.filter(pk__in=[hoa.pk, minh.pk]).update(agency=None)
    assert deputies.stands_in(minh).get() == row and deputies.acting(minh, hoa.pk) is None


def test_a_long_name_of_two_is_cut_to_what_is_written_down(town: SimpleNamespace) -> None:
    User.objects.filter(username="hoa").update(username="h" * 145)
    hoa, minh = person("h" * 145), person("minh")
    deputies.name(hoa, minh, now() - timedelta(hours=1), now() + timedelta(days=1), by=SYSTEM)
    by = deputies.acting(minh, hoa.pk)
    assert len(by.name) == 150 and by.name.startswith("minh for hhh")


# --- invitations and recovery ----------------------------------------------------------------------------------------


def test_an_invitation_opens_for_who_has_no_password_and_until_a_newer_one(town: SimpleNamespace) -> None:
    tam = person("tam")
    first = invitations.invite(tam, by=town.quan, way="sms")
    assert (last("person.invite").by, last("person.invite").data) == ("quan", {"username": "tam", "way": "sms"})
    same = invitations.invite(tam, by=town.quan, anew=False)
    assert last("person.invite").data == {"username": "tam"}
    assert invitations.invited(first) == invitations.invited(same) == tam
    newer = invitations.invite(tam, by=town.quan)
    assert invitations.invited(first) is None and invitations.invited(newer) == tam
    assert invitations.link(tam.pk).split("/invite/")[0].startswith("http")
    assert invitations.invited(invitations.link(tam.pk).split("/invite/")[1]) == tam
    assert invitations.link(0) is None
    for forged in (
        "",
        newer + "x",
        signing.dumps([tam.pk, queries.mark(tam)]),
        signing.dumps(7, salt=invitations.SALT),
    ):
        assert invitations.invited(forged) is None
    actions.deactivate(tam, by=town.quan)
    assert invitations.invited(newer) is None and invitations.link(tam.pk) is None
    with pytest.raises(ValueError, match="in use"):
        invitations.invite(tam, by=town.quan)
    for who in ("lan", "tam", "hoa"):
        with pytest.raises(NotAllowedError):
            invitations.invite(tam, by=getattr(town, who))


def test_an_invitation_is_good_for_two_weeks(town: SimpleNamespace, time_machine) -> None:
    at = now()
    time_machine.move_to(at, tick=False)
    token = invitations.invite(person("tam"), by=town.quan)
    time_machine.move_to(at + timedelta(days=14) - timedelta(minutes=1))
    assert invitations.invited(token) is not None
    time_machine.move_to(at + timedelta(days=14, minutes=1))
    assert invitations.invited(token) is None and invitations.accept(token, "chợ nổi Cái Bè") is None


def test_who_was_handed_a_password_can_be_invited_instead_and_who_chose_one_cannot(town: SimpleNamespace) -> None:
    lan = person("lan")
    password = actions.hand_password(lan, by=town.quan)
    assert invitations.can_be_invited(lan) and not invitations.waits(lan)
    token = invitations.invite(lan, by=town.quan, anew=False)
    assert not person("lan").check_password(password) and not person("lan").one_time
    assert invitations.accept(token, "chợ nổi Cái Bè") == lan
    assert person("lan").check_password("chợ nổi Cái Bè") and last("person.password").by == "lan"
    assert invitations.accept(token, "another one") is None and not invitations.can_be_invited(person("lan"))


def test_a_code_is_for_its_browser_and_the_last_one_opens(town: SimpleNamespace) -> None:
    lan = person("lan")
    lan.take_password("sông Bé")
    row = recovery.begin(lan, digest("here"), "sms")
    assert (last("person.forgot").by, last("person.forgot").data) == ("system", {"username": "lan", "way": "sms"})
    shown = recovery.code_and_link(row.pk)
    assert len(shown["code"]) == 8 and shown["code"].isdigit()
    assert recovery.recovering(shown["link"].rsplit("/recover/", 1)[1]) == row
    assert recovery.code_and_link(0) is None
    spaced = f" {shown['code'][:4]} {shown['code'][4:]} "
    assert recovery.recovering(recovery.redeem(spaced, "here")) == row
    assert recovery.redeem(shown["code"], "elsewhere") is None and Recovery.objects.get(pk=row.pk).tries == 0
    for _ in range(4):
        assert recovery.redeem("0", "here") is None
    assert Recovery.objects.get(pk=row.pk).tries == 4 and recovery.redeem(shown["code"], "here")
    newer = recovery.begin(lan, digest("here"), "sms")
    assert recovery.recovering(recovery.redeem(recovery.code_and_link(newer.pk)["code"], "here")) == newer
    recovery.redeem("0", "here")
    assert recovery.redeem(shown["code"], "here") is None, "five tries"
    for forged in ("", "x", signing.dumps(row.pk)):
        assert recovery.recovering(forged) is None


def test_old_codes_are_thrown_away_and_those_of_a_changed_password_open_nothing(town: SimpleNamespace) -> None:
    lan = person("lan")
    old, day = recovery.begin(lan, "a", "sms"), timedelta(days=1)
    kept = recovery.begin(lan, "a", "sms")
    Recovery.objects.filter(pk=old.pk).update(at=now() - day - timedelta(minutes=1))
    Recovery.objects.filter(pk=kept.pk).update(at=now() - day + timedelta(minutes=1))
    row = recovery.begin(lan, digest("here"), "sms")
    assert set(Recovery.objects.all()) == {kept, row}
    assert recovery.code_and_link(kept.pk) is None
    code, token = recovery.code_and_link(row.pk)["code"], recovery._token(row)
    User.objects.filter(pk=lan.pk).update(is_active=False)
    assert recovery.code_and_link(row.pk) is recovery.redeem(code, "here") is recovery.finish(token, "x") is None
    User.objects.filter(pk=lan.pk).update(is_active=True)
    lan.take_password("chợ nổi Cái Bè")
    assert recovery.code_and_link(row.pk) is recovery.redeem(code, "here") is recovery.finish(token, "x") is None
    assert person("lan").check_password("chợ nổi Cái Bè")


def test_who_recovered_is_written_down_with_the_way(town: SimpleNamespace) -> None:
    row = recovery.begin(person("lan"), "a", "email")
    assert recovery.recoverable(" LAN ") == recovery.finish(recovery._token(row), "bến phà Vàm Cống") == person("lan")
    assert (last("person.recover").by, last("person.recover").data) == ("lan", {"username": "lan", "way": "email"})


# --- actors ----------------------------------------------------------------------------------------------------------


def test_who_somebody_is_to_every_action(town: SimpleNamespace) -> None:
    User.objects.filter(username="minh").update(area=town.ward)
    minh = person("minh")
    assert minh.as_actor() == Actor(
        name="minh",
        roles=frozenset({Role.OFFICER}),
        user_id=minh.pk,
        agency_id=town.works.pk,
        area_id=town.ward.pk,
    )
    for role in ("", "citizen", "system"):
        assert User(role=role).as_actor().roles == frozenset()
    assert str(User(username="a", full_name="A B")) == "A B" and str(User(username="a")) == "a"


def test_what_an_actor_has_and_may(town: SimpleNamespace) -> None:
    assert citizen().has(Role.CITIZEN) and app(7).has(Role.CITIZEN) and link(1, 2).has(Role.OFFICER)
    assert (citizen(5).ticket_id, citizen().ticket_id, link(1, 2).agency_id, app(7).name, link(1, 2).name) == (
        5,
        None,
        2,
        "app:7",
        "link:1",
    )
    assert town.lan.has(Role.LEAD, Role.OPERATOR) and not town.lan.has(Role.LEAD) and not town.lan.has()
    assert {Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER, Role.ADMIN, Role.SYSTEM} == CENTRE
    administrators_only(town.quan)
    administrators_only(SYSTEM)
    for who in ("lan", "tam", "thu", "hoa", "minh", "phong"):
        with pytest.raises(NotAllowedError, match="administrators_only"):
            administrators_only(getattr(town, who))
    assert NotAllowedError.code == "not_allowed"


def test_the_tables_are_as_the_models_say(town: SimpleNamespace) -> None:
    call_command("makemigrations", "accounts", check=True, dry_run=True, verbosity=0)
