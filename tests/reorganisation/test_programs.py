"""Proves: a program of an agency follows it where an act leads, with the keys it has; of one that is dissolved it ends,
and who answers for it is told"""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils.timezone import now

from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key, ServiceAccount
from caunoi.events.actor import Role
from caunoi.events.models import Event
from caunoi.notifications.models import Notification
from caunoi.notifications.queries import recipient
from caunoi.reorganisation import actions, queries
from caunoi.tickets.queries import visible_to
from tests.reorganisation.conftest import DAY, agency, scheduled, ward


@pytest.fixture
def program(town: SimpleNamespace) -> Callable[..., tuple[ServiceAccount, str]]:
    """A program with a key that works, and its secret."""

    def make(name: str, **units: object) -> tuple[ServiceAccount, str]:
        role = Role.OFFICER if "agency" in units else Role.SUPERVISOR
        account = service_accounts.add(
            name, Key.Use.API, owner=town.users["quan"], role=role, scopes=["tickets.read"], by=town.quan, **units
        )
        until = now() + timedelta(days=300)
        secret = service_accounts.issue(account, Key.Use.API, until, by=town.quan, reason="một mình")
        Key.objects.filter(account=account).update(approved=now())
        return account, secret

    return make


def sees(secret: str) -> set[int]:
    by = service_accounts.actor_of_token(secret)
    return set(visible_to(by).values_list("pk", flat=True)) if by else set()


def test_a_program_follows_its_agency_and_sees_what_the_new_one_has(
    town, take, merged, clock, program, now_named, work
):
    account, secret = program("Máy của Xí nghiệp", agency=town.works)
    ticket = take("working")
    assert sees(secret) == {ticket.pk}
    act = merged()
    clock(to=DAY)
    actions.carry_out(act)
    account.refresh_from_db()
    assert account.agency == now_named.agency("dothi") and ticket.pk in sees(secret)
    act.refresh_from_db()
    assert act.moved["programs"] == 1 and act.moved["closed_programs"] == 0
    event = Event.objects.get(kind="service.follow")
    assert event.subject_id == account.pk and event.data["document"] == act.number
    work()
    assert Notification.objects.filter(event=event, recipient=recipient(town.users["quan"].pk)).exists()
    actions.carry_out(act)
    assert Event.objects.filter(kind="service.follow").count() == 1, "the same act again does nothing to it"


def test_of_a_divided_agency_somebody_says_which_it_works_for(town, clock, program):
    account, _secret = program("Máy", agency=town.works)
    parts = [agency("den", "Xí nghiệp Đèn", town.works), agency("duong", "Xí nghiệp Đường", town.works)]
    change = ("split", "agency", [town.works], ["den", "duong"])
    act = scheduled(town, "4/NQ", change, begins=parts)
    _plan, questions = queries.planned(act)
    assert f"program:{account.pk}" in {one.key for one in questions}
    actions.choose(act, {f"program:{account.pk}": "-2"}, by=town.quan)
    clock(to=DAY)
    actions.carry_out(act)
    account.refresh_from_db()
    assert account.agency.code == "duong"


def test_the_program_of_a_dissolved_agency_ends_and_it_is_told(town, clock, program, work):
    account, secret = program("Máy", agency=town.works)
    other, its_secret = program("Máy khác", agency=town.power)
    act = scheduled(town, "5/NQ", ("abolish", "agency", [town.works], [town.power.code]))
    clock(to=DAY)
    actions.carry_out(act)
    assert service_accounts.actor_of_token(secret) is None and service_accounts.actor_of_token(its_secret)
    assert Key.objects.get(account=account).revoked and not Key.objects.get(account=other).revoked
    account.refresh_from_db()
    assert account.agency == town.works, "history stays as it was"
    event = Event.objects.get(kind="service.close")
    assert event.data["keys"] == 1 and event.data["owner"] == town.users["quan"].pk
    work()
    assert Notification.objects.filter(event=event, recipient=recipient(town.users["quan"].pk)).exists()
    actions.carry_out(act)
    assert Event.objects.filter(kind="service.close").count() == 1


def test_a_program_of_a_commune_looks_after_what_follows_it(town, clock, program, now_named):
    account, _secret = program("Máy của xã", area=town.commune)
    new = ward("25417", "Phường Nghĩa Trung", town.commune)
    act = scheduled(town, "3/NQ", ("rename", "area", [town.commune], ["25417"]), begins=[new])
    clock(to=DAY)
    actions.carry_out(act)
    account.refresh_from_db()
    assert account.area == now_named.area("25417")


def test_a_renamed_agency_keeps_its_program(town, clock, program):
    account, secret = program("Máy", agency=town.works)
    renamed = agency("moi", "Xí nghiệp mới", town.works)
    act = scheduled(town, "6/NQ", ("rename", "agency", [town.works], ["moi"]), begins=[renamed])
    clock(to=DAY)
    actions.carry_out(act)
    account.refresh_from_db()
    assert account.agency == town.works and service_accounts.actor_of_token(secret)
    assert not Event.objects.filter(kind__in=["service.follow", "service.close"]).exists()
