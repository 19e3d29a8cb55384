"""Programs under their own names: scopes, addresses, expiry, four eyes, and what the trail says.

Proves: S9 keys belong to service accounts, whoever lacks a scope is told which; nothing is done as a person"""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.urls import get_resolver
from django.utils.timezone import now

from caunoi.accounts import service_accounts
from caunoi.accounts.actions import TakenError
from caunoi.accounts.models import Key, User
from caunoi.accounts.queries import first_key, names
from caunoi.accounts.scopes import API, SCOPES
from caunoi.api.v1 import api as v1
from caunoi.events.actor import Actor, Kind, NotAllowedError, Role, kind_of
from caunoi.events.models import Event
from tests.api.v1.conftest import Program


@pytest.fixture
def program(town: SimpleNamespace):
    """`program("Tên", "tickets.read", role="operator")` and so on: a program whose key works."""

    def make(name: str, *scopes: str, role: str = "operator", agency=None, **more) -> Program:
        account = service_accounts.add(
            name,
            Key.Use.API,
            owner=town.users["quan"],
            role=Role(role),
            scopes=scopes,
            agency=agency,
            by=town.quan,
            **more,
        )
        until = now() + timedelta(days=30)
        return Program(service_accounts.issue(account, Key.Use.API, until, by=town.quan, reason="một mình"))

    return make


def test_a_program_logs_and_moves_tickets_under_its_own_name(town, program):
    desk = program("Bàn tiếp dân", "tickets.write", "tickets.read", "moves", "reporters.read")
    made = desk.post("tickets", text="Đèn đường hỏng", channel="app", contact={"name": "Võ Thị Nga"})
    assert made.status == 201, made.body
    code = made.body["code"]
    moved = desk.move(code, "accept", category="lamps", urgency="urgent", summary="Đèn tắt", area="25195")
    assert (moved.status, moved.body["state"]) == (200, "accepted"), moved.body
    assert desk.get(f"tickets/{code}").body["contact"]["name"] == "Võ Thị Nga"
    events = Event.objects.filter(kind__startswith="ticket.")
    assert events.exists() and all(e.by_kind == "service" and e.by_user is None for e in events)
    assert all(kind_of(e.by) is Kind.SERVICE for e in events)
    (account,) = {e.by for e in events}
    assert names({account}) == {account: "Bàn tiếp dân"}
    reader = program("Người xem", "tickets.read")
    shown = reader.get(f"tickets/{code}")
    assert shown.status == 200 and "contact" not in shown.body and "Nga" not in str(shown.body)


def test_what_a_key_lacks_is_named(program):
    figures = program("Bảng số", "measures")
    assert figures.get("measures").status == 200
    refused = figures.get("tickets")
    assert (refused.status, refused.body["error"]) == (403, "scope") and "tickets.read" in refused.body["description"]
    assert figures.post("tickets", text="x", channel="app").body["error"] == "scope"


def test_a_key_works_from_its_addresses_until_it_expires_and_when_approved(town, program):
    near = program("Ở nhà", "measures", addresses=["127.0.0.0/8", "10.1.0.0/16"])
    assert near.get("measures").status == 200
    assert Key.objects.get().used is not None
    far = program("Ở xa", "measures", addresses=["10.1.0.0/16"])
    refused = far.get("measures")
    assert (refused.status, refused.body["error"]) == (403, "address") and "127.0.0.1" in refused.body["description"]
    Key.objects.filter(label="Ở nhà").update(expires=now() - timedelta(seconds=1))
    assert near.get("measures").body["error"] == "expired"
    Key.objects.update(expires=now() + timedelta(days=1), approved=None)
    assert near.get("measures").body["error"] == "pending"
    Key.objects.update(approved=now(), revoked=now())
    assert near.get("measures").status == 401


def test_four_eyes_approve_a_key(town):
    other = User.objects.create(username="qua", full_name="Qua", role="admin", last_login=now())
    account = service_accounts.add(
        "Máy", Key.Use.API, owner=other, role=Role.OPERATOR, scopes=["measures"], by=town.quan
    )
    until = now() + timedelta(days=9)
    client = Program(service_accounts.issue(account, Key.Use.API, until, by=town.quan))
    key = Key.objects.get()
    assert client.get("measures").body["error"] == "pending"
    for by in (town.quan, town.lan, Actor(name="x", roles=frozenset({Role.ADMIN}))):
        with pytest.raises(NotAllowedError):
            service_accounts.approve(key, by=by)
    assert service_accounts.approve(key, by=other.as_actor()) and not service_accounts.approve(key, by=other.as_actor())
    assert client.get("measures").status == 200
    rows = Event.objects.filter(subject__in=["key", "serviceaccount"]).order_by("id")
    kinds = list(rows.values_list("kind", flat=True))
    assert kinds == ["service.add", "key.issue", "key.ask", "key.approve"]


def test_an_app_stays_itself_whichever_key_it_uses(town, django_assert_num_queries):
    account = service_accounts.add(
        "Ứng dụng", Key.Use.OPEN311, owner=town.users["quan"], role=Role.OPERATOR, scopes=["reports.post"], by=town.quan
    )
    for _ in range(2):
        until = now() + timedelta(days=9)
        service_accounts.issue(account, Key.Use.OPEN311, until, by=town.quan, reason="một mình")
    first, second = Key.objects.order_by("pk")
    assert first_key(first) == first_key(second) == first.pk
    with django_assert_num_queries(0):
        first_key(second)


def test_an_administrator_who_never_signed_in_is_no_second_pair_of_eyes(town):
    other = User.objects.create(username="qua", full_name="Qua", role="admin")
    assert not service_accounts.needs_second(town.quan) and service_accounts.is_alone(town.quan)
    User.objects.filter(pk=other.pk).update(last_login=now())
    assert service_accounts.needs_second(town.quan) and not service_accounts.is_alone(town.quan)


def test_one_administrator_alone_gives_a_reason_that_is_kept(town):
    account = service_accounts.add(
        "Máy", Key.Use.API, owner=town.users["lan"], role=Role.OPERATOR, scopes=["measures"], by=town.quan
    )
    with pytest.raises(ValueError, match="reason"):
        service_accounts.issue(account, Key.Use.API, now() + timedelta(days=9), by=town.quan)
    for days in (-1, 400):
        with pytest.raises(ValueError, match="expires"):
            service_accounts.issue(account, Key.Use.API, now() + timedelta(days=days), by=town.quan, reason="x")
    service_accounts.issue(account, Key.Use.API, now() + timedelta(days=9), by=town.quan, reason="gấp")
    assert Key.objects.get().reason == "gấp" and Event.objects.filter(kind="key.alone").count() == 1


@pytest.mark.parametrize(
    "wrong",
    [
        {"scopes": []},
        {"scopes": ["everything"]},
        {"scopes": ["reports.post"]},
        {"role": Role.ADMIN},
        {"role": Role.OFFICER},
        {"addresses": ["nowhere"]},
    ],
)
def test_what_does_not_go_together_is_refused(town, wrong):
    values = {"owner": town.users["lan"], "role": Role.OPERATOR, "scopes": ["measures"]} | wrong
    with pytest.raises(ValueError):
        service_accounts.add("Máy", Key.Use.API, **values, by=town.quan)


def test_a_name_is_one_programs(town, program):
    program("Máy", "measures")
    with pytest.raises(TakenError):
        program("Máy", "measures")


def test_every_address_of_the_staff_api_has_its_scope():
    """A new operation must be added to SCOPES; what citizens and the public ask needs no key."""
    free = {"mine", "open"}
    asked = {
        (operation.url_name, method)
        for prefix, router in v1.api._routers
        if prefix.strip("/").split("/")[0] not in free
        for view in router.path_operations.values()
        for operation in view.operations
        for method in operation.methods
    }
    assert asked and asked == set(v1.SCOPES)
    assert {name for names in v1.SCOPES.values() for name in names} == set(API) <= set(SCOPES)
    assert get_resolver()


def test_a_revoked_key_is_told_so_and_a_guessed_one_is_not(town, program):
    desk = program("Màn hình", "tickets.read")
    Key.objects.update(revoked=now())
    answer = desk.get("tickets")
    assert (answer.status, answer.body["error"]) == (401, "no_token") and "revoked" in answer.body["description"]
    guessed = Program("guessed").get("tickets")
    assert (guessed.status, guessed.body["error"]) == (401, "no_token") and "revoked" not in guessed.body["description"]
