"""Second factors at the rules: who must have one, what is accepted once, who takes one away.

Proves: second factors: obligation, grace, codes once, recovery codes hashed, resets by two"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
import time_machine
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts import actions, factors, sessions
from caunoi.accounts.models import CodeApp, FactorReset, Passkey, RecoveryCode, User
from caunoi.checks import readiness
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM, NotAllowedError, Role
from caunoi.events.models import Event
from caunoi.lib.crypto import totp

AT = "2026-11-29T08:00:10+07:00"


@pytest.fixture(autouse=True)
def obligation(db: None) -> None:
    set_option("factor_roles", "admin supervisor reviewer", by=SYSTEM)


def code(user: User, steps: int = 0, *, pending: bool = False) -> str:
    row = CodeApp.objects.get(user=user)
    secret = factors.base64.b32decode(row.pending if pending else row.secret)
    return totp.code(secret, totp.step_at(now().timestamp()) + steps)


def enrol(user: User) -> None:
    factors.begin_app(user)
    assert factors.confirm_app(user, code(user, pending=True))


def passkey(user: User, credential: str = "AQ") -> Passkey:
    return Passkey.objects.create(
        user=user, credential=credential, public_key=b"", handle="AA", host="localhost", name="x", created=now()
    )


def test_the_roles_of_the_option_must_and_a_demo_need_not(town: SimpleNamespace, settings: Settings) -> None:
    must = {name for name, user in town.users.items() if factors.must_enrol(user)}
    assert must == {"quan", "tam", "thu"}
    passkey(town.users["quan"])
    assert not factors.must_enrol(town.users["quan"])
    settings.DEMO = True
    assert not factors.must_enrol(town.users["tam"])
    settings.DEMO = False
    User.objects.update(last_login=now())
    assert [user.username for user in factors.without_factor()] == ["tam", "thu"]
    set_option("factor_roles", "", by=SYSTEM)
    assert not factors.must_enrol(town.users["tam"])


def test_custodians_must_whatever_their_role(town: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(factors, "ALWAYS", ("custodian",))
    set_option("factor_roles", "", by=SYSTEM)
    User.objects.filter(username="lan").update(custodian=True)
    User.objects.update(last_login=now())
    assert {user.username for user in User.objects.all() if factors.must_enrol(user)} == {"lan", "tam", "thu"}
    assert {user.username for user in factors.without_factor()} == {"lan", "tam", "thu"}
    User.objects.create(username="qua", full_name="Qua", role=Role.ADMIN, last_login=now())
    lan = User.objects.get(username="lan")
    assert factors.needs_agreement(lan, town.quan) and not factors.needs_agreement(town.users["minh"], town.quan)
    enrol(lan)
    assert factors.needs_agreement(lan, town.quan), "also one who has a second factor"


def test_those_who_never_signed_in_are_counted_apart_from_those_who_lack_a_factor(town: SimpleNamespace) -> None:
    User.objects.update(last_login=None)
    (line,) = readiness.second_factors()
    assert factors.newcomers().count() == 3 and line.what.in_("en").endswith(": 3.")
    User.objects.filter(username="quan").update(last_login=now())
    (line,) = readiness.second_factors()
    assert line.state == "warn" and str(town.users["quan"]) in line.what.in_("en")
    for name in ("quan", "tam", "thu"):
        passkey(town.users[name], credential=name)
    (line,) = readiness.second_factors()
    assert line.what.in_("en").startswith("Everybody")


def test_an_administrator_with_a_one_time_password_is_told_apart(town: SimpleNamespace) -> None:
    passkey(town.users["quan"])
    actions.hand_password(actions.add_person("moi", "Mới", Role.ADMIN, by=SYSTEM), by=SYSTEM)
    (line,) = readiness.administrator()
    assert line.what.values["invited"] == 1
    User.objects.filter(role="admin").exclude(username="moi").update(is_active=False)
    (line,) = readiness.administrator()
    assert line.state == "broken"


def test_the_days_of_grace_begin_when_they_are_first_asked(town: SimpleNamespace) -> None:
    set_option("factor_days", 2, by=SYSTEM)
    with time_machine.travel(AT, tick=False) as clock:
        tam = town.users["tam"]
        assert not factors.must_enrol(tam)
        clock.shift(timedelta(days=1, hours=23))
        assert not factors.must_enrol(User.objects.get(pk=tam.pk))
        clock.shift(timedelta(hours=1))
        assert factors.must_enrol(User.objects.get(pk=tam.pk))


def test_a_code_counts_once_and_one_step_beside(town: SimpleNamespace) -> None:
    tam = town.users["tam"]
    with time_machine.travel(AT, tick=False) as clock:
        row = factors.begin_app(tam)
        assert factors.begin_app(tam).pending == row.pending, "a page that is loaded again shows what was scanned"
        assert not factors.has_factor(tam)
        assert not factors.accept_code(tam, code(tam, pending=True)), "not before it was confirmed"
        assert not factors.confirm_app(tam, "000000")
        enrol(tam)
        assert factors.has_factor(tam)
        assert not factors.accept_code(tam, code(tam)), "that of the enrolment is used"
        assert factors.accept_code(tam, f" {code(tam, 1)[:3]} {code(tam, 1)[3:]} ") == "app"
        assert not factors.accept_code(tam, code(tam, 1))
        clock.shift(60)
        assert not factors.accept_code(tam, code(tam, -1)), "it is that one"
        assert factors.accept_code(tam, code(tam)) == "app"
        clock.shift(300)
        assert not factors.accept_code(tam, code(tam, -2)) and not factors.accept_code(tam, code(tam, 2))
    assert not factors.accept_code(tam, "") and not factors.accept_code(tam, "１２３４５６")


def test_a_new_phone_takes_the_place_of_the_old_one_when_its_first_code_is_typed(town: SimpleNamespace) -> None:
    tam = town.users["tam"]
    with time_machine.travel(AT, tick=False) as clock:
        enrol(tam)
        clock.shift(60)
        factors.begin_app(tam)
        old = code(tam)
        assert factors.accept_code(tam, old) == "app", "until then the old one counts"
        clock.shift(60)
        old = code(tam)
        assert factors.confirm_app(tam, code(tam, pending=True))
        assert not factors.accept_code(tam, old)


def test_secrets_and_recovery_codes_lie_neither_in_the_database_nor_in_events(town: SimpleNamespace) -> None:
    tam = town.users["tam"]
    enrol(tam)
    codes = factors.make_codes(tam)
    secret = CodeApp.objects.get(user=tam).secret
    with factors.transaction.get_connection().cursor() as cursor:
        cursor.execute(
            "SELECT row_to_json(a)::text FROM accounts_codeapp a UNION ALL "
            "SELECT row_to_json(r)::text FROM accounts_recoverycode r UNION ALL "
            "SELECT row_to_json(e)::text FROM events_event e"
        )
        rows = " ".join(row for (row,) in cursor.fetchall())
    assert secret.encode().hex() not in rows
    for one in (secret, *codes, *(one.replace("-", "") for one in codes)):
        assert one not in rows


def test_recovery_codes_work_once_each_and_new_ones_end_the_old(town: SimpleNamespace) -> None:
    tam, quan = town.users["tam"], town.users["quan"]
    codes = factors.make_codes(tam)
    assert len(set(codes)) == 10 and factors.codes_left(tam) == 10
    assert not factors.accept_code(quan, codes[0]), "of somebody else"
    assert factors.accept_code(tam, codes[0].upper().replace("-", " ")) == "recovery"
    assert not factors.accept_code(tam, codes[0])
    assert factors.codes_left(tam) == 9
    factors.make_codes(tam)
    assert not factors.accept_code(tam, codes[1])
    assert Event.objects.get(kind="factor.recovery").data == {"username": "tam", "left": 9}


def test_the_last_factor_stays_where_one_is_needed(town: SimpleNamespace) -> None:
    tam, lan = town.users["tam"], town.users["lan"]
    enrol(tam)
    with pytest.raises(factors.LastFactorError):
        factors.remove_factor(tam, None)
    row = passkey(tam)
    assert not factors.remove_factor(lan, row.pk), "not another's"
    assert factors.remove_factor(tam, None)
    with pytest.raises(factors.LastFactorError):
        factors.remove_factor(tam, row.pk)
    enrol(lan)
    factors.make_codes(lan)
    assert factors.remove_factor(lan, None)
    assert not RecoveryCode.objects.filter(user=lan).exists(), "nothing is left that opens"


def test_two_administrators_reset_and_nobody_their_own(town: SimpleNamespace) -> None:
    tam, quan = town.users["tam"], town.users["quan"]
    second = actions.add_person("hai", "Hai", Role.ADMIN, by=SYSTEM).as_actor()
    enrol(tam)
    passkey(tam)
    factors.make_codes(tam)
    tam.take_password("mùa xoài ở Cao Lãnh")
    for by in (town.lan, town.tam):
        with pytest.raises(NotAllowedError):
            factors.ask_reset(tam, by=by)
    with pytest.raises(NotAllowedError):
        factors.ask_reset(quan, by=town.quan)
    assert not factors.agree_reset(tam, by=second), "nobody asks"
    factors.ask_reset(tam, by=town.quan)
    factors.ask_reset(tam, by=second)
    assert FactorReset.objects.count() == 1
    with pytest.raises(NotAllowedError):
        factors.agree_reset(tam, by=town.quan)
    FactorReset.objects.update(at=now() - timedelta(days=3, seconds=1))
    assert not factors.agree_reset(tam, by=second), "too old"
    factors.ask_reset(tam, by=town.quan)
    User.objects.filter(username="quan").update(role=Role.OPERATOR)
    assert not factors.agree_reset(tam, by=second), "whoever asked is no administrator any more"
    User.objects.filter(username="quan").update(role=Role.ADMIN)
    sessions.begin(tam, device="Chrome", address="10.0.0.9", method="totp", familiar=True)
    assert factors.agree_reset(tam, by=second)
    assert not sessions.open_of(tam).exists() and sessions.past_of(tam).get().ending == "password"
    assert Event.objects.get(kind="session.end").by == "hai"
    tam.refresh_from_db()
    assert not factors.has_factor(tam) and not tam.has_usable_password()
    assert not RecoveryCode.objects.exists()
    assert not factors.agree_reset(tam, by=second)
    assert Event.objects.get(kind="factor.reset").data == {"username": "tam", "asker": "quan"}


def test_a_password_for_an_account_in_use_without_its_factor_waits_for_a_second_administrator(
    town: SimpleNamespace,
) -> None:
    tam, lan = town.users["tam"], town.users["lan"]
    for user in (tam, lan):
        user.take_password("mùa xoài ở Cao Lãnh")
        User.objects.filter(pk=user.pk).update(last_login=now())
        user.refresh_from_db()
    assert factors.hand_password(tam, by=town.quan), "alone there is nobody who could agree"
    second = User.objects.create(username="hai", full_name="Hai", role="admin", last_login=now()).as_actor()
    with pytest.raises(NotAllowedError, match="second_administrator"):
        factors.hand_password(tam, by=town.quan)
    assert factors.hand_password(lan, by=town.quan), "an operator need not have one"
    new = actions.add_person("moi", "Mới", Role.REVIEWER, by=town.quan)
    assert factors.hand_password(new, by=town.quan), "whoever is new takes over nobody's work"
    factors.ask_reset(tam, by=town.quan)
    assert factors.agree_reset(tam, by=second)
    tam.refresh_from_db()
    assert factors.hand_password(tam, by=town.quan)
    enrol(tam)
    assert factors.hand_password(tam, by=town.quan), "the factor is still asked for"


def test_a_request_can_be_declined(town: SimpleNamespace) -> None:
    tam = town.users["tam"]
    enrol(tam)
    factors.ask_reset(tam, by=town.quan)
    assert factors.drop_reset(tam, by=town.quan)
    assert factors.open_reset(tam) is None and factors.has_factor(tam)
    with pytest.raises(NotAllowedError):
        factors.rescue_factors(tam, by=town.quan)
    factors.rescue_factors(tam, by=SYSTEM)
    assert not factors.has_factor(tam)
