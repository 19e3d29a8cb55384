"""Reports while there is no primary: sealed, kept once, numbered once.

Proves: reports are accepted into a durable spool while there is no primary, and numbered once when it is back, killed
at any statement in between"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, connections
from django.utils.timezone import now
from pytest_django import Settings

from caunoi.accounts.actions import issue_key
from caunoi.accounts.models import Key
from caunoi.checks import spooled
from caunoi.conversations.actions import begin_draft
from caunoi.conversations.models import Draft, Receipt
from caunoi.events.actor import SYSTEM
from caunoi.jobs.models import Lease
from caunoi.lib.crypto.envelope import SealError
from caunoi.spool import actions, queries
from caunoi.spool.deposit import Deposit, open_, seal
from caunoi.spool.queries import ASIDE, DEPOSITS, NUMBERED
from caunoi.store import actions as stored
from caunoi.store.places import StoreError
from caunoi.store.store import Store
from caunoi.tickets.models import Ticket
from tests.spool.conftest import WORDS, Away


def deposit(token: str = "a" * 24, **more: Any) -> Deposit:
    data = {"text": WORDS, "address": "Chợ Đồng Xoài", "phone": "0900 000 001", **more.pop("data", {})}
    usual = {"token": token, "once": token, "at": now() - timedelta(hours=2), "channel": "web", "data": data}
    return Deposit(**{**usual, **more})


def lying(store: Store, folder: str = "spool") -> list[str]:
    return sorted(name for name in store.main.names() if name.startswith(folder))


def read(store: Store, name: str) -> bytes:
    with store.main.take(name) as file:
        return file.read()


# --- The seal ---------------------------------------------------------------------------------------------------------


def test_what_is_sealed_opens_at_its_place_and_nowhere_else(settings: Settings) -> None:
    sealed = seal(b"words", "spool/kept/a")
    assert b"words" not in sealed and open_(sealed, "spool/kept/a") == b"words"
    for changed, place in ((sealed, "spool/kept/b"), (sealed[:-1] + b"x", "spool/kept/a"), (b"", "spool/kept/a")):
        with pytest.raises(SealError):
            open_(changed, place)


def test_a_former_secret_key_still_opens_and_one_that_is_gone_does_not(settings: Settings) -> None:
    sealed, former = seal(b"words", "a"), settings.SECRET_KEY
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = "n" * 50, ["o" * 50, former]
    assert open_(sealed, "a") == b"words"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(SealError):
        open_(sealed, "a")


def test_a_deposit_comes_back_as_it_was() -> None:
    one = deposit(photos=[b"\xff\xd8photo", b""], key=7, draft="d", browser="b", raw={"kind": "Ư"})
    assert Deposit.from_bytes(one.to_bytes()) == one


# --- Keeping ----------------------------------------------------------------------------------------------------------


def test_it_lies_in_the_store_unreadable_and_once(store: Store) -> None:
    one = deposit(photos=[b"a photo"])
    actions.keep(one)
    actions.keep(replace(one, data={"text": "Lần hai"}))
    (name,) = lying(store)
    lies = read(store, name)
    assert one.token not in name and not any(word.encode() in lies for word in (WORDS, one.token, "0900", "a photo"))
    assert Deposit.from_bytes(open_(lies, name)) == one, "the first stays"
    assert abs(queries.kept_at(one.token) - now()) < timedelta(minutes=1)
    assert queries.kept_at("b" * 24) is None and queries.waiting().count == 1


def test_a_write_that_breaks_off_leaves_nothing_under_its_name(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_args: Any) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("caunoi.store.places.os.fsync", full)
        patched.setattr("caunoi.store.bucket.Bucket._object", full)
        with pytest.raises(OSError, match="No space"):
            actions.keep(deposit())
    assert lying(store) == []


def test_what_is_half_written_after_a_power_cut_is_no_deposit(people: SimpleNamespace, store: Store) -> None:
    store.main.keep(f"{DEPOSITS}/.part-xyz", b"half")
    assert actions.number_all() == 0 and queries.waiting().count == 0


def test_the_books_of_the_store_know_nothing_of_it(people: SimpleNamespace, store: Store) -> None:
    actions.keep(deposit())
    looked = stored.check(store.main)
    assert (looked.files, looked.faults) == (0, [])
    actions.number_all()
    assert stored.check(store.main).faults == []


# --- Numbering --------------------------------------------------------------------------------------------------------


def test_it_becomes_a_ticket_whose_time_counts_from_when_it_was_kept(
    people: SimpleNamespace, store: Store, jpeg: bytes
) -> None:
    one = deposit(photos=[jpeg, b"no photo"], data={"lat": "11,52", "long": "106.9", "category": "lamps"})
    actions.keep(one)
    assert actions.number_all() == 1
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.address, ticket.channel) == (WORDS, "Chợ Đồng Xoài", "web")
    assert (ticket.received, ticket.contact.phone, ticket.category, ticket.area) == (
        one.at,
        "+84900000001",
        people.lamps,
        people.ward,
    )
    assert ticket.photos.count() == 1, "what is no photo is left out"
    assert queries.follow_of(one.token) == (ticket.code, ticket.follow)
    assert lying(store, DEPOSITS) == [] and actions.number_all() == 0


def test_sent_again_afterwards_it_is_still_one(people: SimpleNamespace, store: Store) -> None:
    one = deposit()
    actions.keep(one)
    actions.number_all()
    actions.keep(one)
    assert actions.number_all() == 1 and actions.number(one) == Ticket.objects.get()
    assert Receipt.objects.count() == 1


@pytest.mark.parametrize(
    "data",
    [
        {"category": "none", "area": "99999", "kind": "song", "occurred": "yesterday", "phone": "call me"},
        {"lat": "nan", "long": "1e999"},
        {"lat": "21.0", "long": "105.8"},
        {"lat": "11.5"},
        {"occurred": "2999-01-01T00:00"},
        {"text": WORDS + "\0", "name": "x" * 5000, "area": "75"},
    ],
)
def test_what_nobody_could_check_keeps_no_report_back(
    people: SimpleNamespace, store: Store, data: dict[str, str]
) -> None:
    actions.keep(deposit(data=data))
    assert actions.number_all() == 1 and lying(store, ASIDE) == []
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.kind, ticket.area, ticket.latitude, ticket.occurred) == (
        WORDS,
        "report",
        None,
        None,
        None,
    )


def test_confidential_words_are_kept_from_everybody_else(people: SimpleNamespace, store: Store) -> None:
    actions.keep(deposit(data={"text": "Tôi tố cáo cán bộ nhận hối lộ để cấp giấy phép"}))
    actions.number_all()
    assert Ticket.objects.get().restricted


def test_what_was_begun_in_the_usual_form_goes_in_and_is_ended(people: SimpleNamespace, store: Store) -> None:
    draft = begin_draft("browser", {"text": "Đèn", "category": "lamps", "name": "Bà Tư", "phone": "0900000009"})
    one = deposit(draft=draft.token, browser="browser")
    actions.keep(one)
    actions.number_all()
    ticket = Ticket.objects.get()
    assert (ticket.text, ticket.category, ticket.contact.name, ticket.contact.phone) == (
        WORDS,
        people.lamps,
        "Bà Tư",
        "+84900000001",
    )
    assert Draft.objects.get().sent
    again = deposit("b" * 24, draft=draft.token, browser="browser")
    actions.keep(again)
    actions.number_all()
    assert queries.follow_of(again.token) == queries.follow_of(one.token), "whose answer was lost is the same"
    assert Ticket.objects.count() == 1


def test_anothers_draft_stays_theirs(people: SimpleNamespace, store: Store) -> None:
    draft = begin_draft("browser", {"name": "Bà Tư", "category": "lamps"})
    for number, browser in enumerate(("", "another")):
        actions.keep(deposit(str(number) * 24, draft=draft.token, browser=browser))
    actions.number_all()
    assert {(one.contact.name, one.category) for one in Ticket.objects.all()} == {("", None)}
    assert Ticket.objects.count() == 2 and not Draft.objects.get().sent


class KilledError(BaseException):
    """The process ends here."""


class Mortal:
    """Counts the steps of a process, and ends it at one: before or after a statement, or an act of the store."""

    def __init__(self, spare: int) -> None:
        self.spare, self.done = spare, 0

    def step(self) -> None:
        if self.done == self.spare:
            raise KilledError
        self.done += 1

    def __call__(self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        self.step()
        result = execute(sql, params, many, context)
        self.step()
        return result

    def around(self, act: Callable[..., Any]) -> Callable[..., Any]:
        def mortal(*args: Any, **more: Any) -> Any:
            self.step()
            result = act(*args, **more)
            self.step()
            return result

        return mortal


def test_killed_anywhere_it_is_numbered_once(
    people: SimpleNamespace, store: Store, jpeg: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    spare = 0
    while True:
        one = deposit(f"{spare:024d}", photos=[jpeg])
        actions.keep(one)
        mortal = Mortal(spare)
        with monkeypatch.context() as patched, connection.execute_wrapper(mortal):
            for name in ("keep", "delete"):
                patched.setattr(store.main, name, mortal.around(getattr(store.main, name)))
            try:
                actions.number_all()
                killed = False
            except KilledError:
                killed = True
        actions.number_all()
        tickets = Ticket.objects.filter(received=one.at)
        assert tickets.count() == 1 and tickets[0].photos.count() == 1, f"killed after {spare} steps"
        assert queries.follow_of(one.token) == (tickets[0].code, tickets[0].follow)
        assert lying(store, DEPOSITS) == lying(store, ASIDE) == []
        if not killed:
            break
        spare += 1
    assert spare > 20, "it was killed in many places"
    codes = list(Ticket.objects.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == spare + 1


def test_two_workers_at_once_make_one_ticket(people: SimpleNamespace, store: Store, monkeypatch: Any) -> None:
    """While the first is between ticket and note, another host, which has its lease by then, comes."""
    one = deposit()
    actions.keep(one)
    original = store.main.keep

    def slow(name: str, data: bytes) -> None:
        if name.startswith(NUMBERED):
            monkeypatch.setattr(store.main, "keep", original)
            assert actions.number_all() == 1
        original(name, data)

    monkeypatch.setattr(store.main, "keep", slow)
    actions.number_all()
    assert Ticket.objects.count() == 1 and lying(store, DEPOSITS) == []


def test_whoever_has_not_the_lease_waits(people: SimpleNamespace, store: Store) -> None:
    actions.keep(deposit())
    Lease.objects.create(name="spool", holder="another", host="b (1)", since=now(), until=now() + timedelta(seconds=9))
    assert actions.number_all() == 0 and queries.waiting().count == 1
    Lease.objects.update(until=now() - timedelta(seconds=1))
    assert actions.number_all() == 1


def test_without_a_database_it_waits_and_nothing_is_set_aside(
    people: SimpleNamespace, store: Store, away: Away
) -> None:
    actions.keep(deposit())
    with away(), pytest.raises(OperationalError):
        actions.number_all()
    assert queries.waiting().count == 1 and lying(store, ASIDE) == []
    assert actions.number_all() == 1


def test_without_a_store_the_worker_goes_on(people: SimpleNamespace, store: Store, monkeypatch: Any) -> None:
    def refuse(*_args: Any) -> None:
        raise StoreError("no")

    monkeypatch.setattr(store.main, "listdir", refuse)
    assert actions.number_all() == 0
    assert [one.state for one in spooled.CHECKS[0].results()] == ["ok"], "the store's own check says it"


def test_an_answer_that_is_lost_after_the_commit_makes_no_second(
    people: SimpleNamespace, store: Store, monkeypatch: Any
) -> None:
    one = deposit()
    database, lost = connections["default"], []
    commit = database._commit

    def lose() -> None:
        commit()
        if not lost:
            lost.append(1)
            raise OperationalError("gone") from psycopg.errors.AdminShutdown("x")

    monkeypatch.setattr(database, "_commit", lose)
    with pytest.raises(OperationalError):
        actions.number(one)
    actions.keep(one)
    actions.number_all()
    assert Ticket.objects.count() == 1


# --- What cannot be numbered ------------------------------------------------------------------------------------------


def findings() -> list[tuple[str, str]]:
    return [(str(one.state), one.what.in_("en")) for one in spooled.CHECKS[0].results()]


def test_what_is_spoilt_is_set_aside_and_said_and_put_back(
    people: SimpleNamespace, store: Store, settings: Settings
) -> None:
    former = settings.SECRET_KEY
    actions.keep(deposit())
    actions.keep(deposit("b" * 24))
    assert findings()[0][0] == "warn"
    spoilt, _whole = lying(store)
    store.main.keep(spoilt, read(store, spoilt)[:-1] + b"x")
    before = read(store, spoilt)
    assert actions.number_all() == 1 and Ticket.objects.count() == 1
    (aside,) = lying(store, ASIDE)
    assert read(store, aside) == before, "nothing of it is lost"
    ((state, what),) = findings()
    assert state == "broken" and what.startswith("1 reports could not be numbered")
    assert actions.put_back() == 1 and lying(store, ASIDE) == [] and len(lying(store, DEPOSITS)) == 1
    settings.SECRET_KEY = former
    assert actions.number_all() == 0 and len(lying(store, ASIDE)) == 1


def test_sealed_by_a_key_that_is_gone_it_waits_aside_until_the_key_is_back(
    people: SimpleNamespace, store: Store, settings: Settings
) -> None:
    actions.keep(deposit())
    former, settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = settings.SECRET_KEY, "n" * 50, []
    assert actions.number_all() == 0 and len(lying(store, ASIDE)) == 1
    settings.SECRET_KEY_FALLBACKS = [former]
    actions.put_back()
    assert (
        actions.number_all() == 1
        and Ticket.objects.count() == 1
        and findings() == [("ok", "No report waits for its number.")]
    )


def test_a_fault_of_ours_stops_no_other_report(people: SimpleNamespace, store: Store, monkeypatch: Any) -> None:
    actions.keep(deposit())
    actions.keep(deposit("b" * 24, data={"text": "Ổ gà"}))
    take = actions.tickets.take

    def breaks(report: Any, **more: Any) -> Ticket:
        if report.text == WORDS:
            raise RuntimeError("a bug")
        return take(report, **more)

    monkeypatch.setattr(actions.tickets, "take", breaks)
    assert actions.number_all() == 1 and len(lying(store, ASIDE)) == 1
    monkeypatch.setattr(actions.tickets, "take", take)
    actions.put_back()
    assert actions.number_all() == 1 and Ticket.objects.count() == 2


def test_what_waits_for_long_is_broken(store: Store, monkeypatch: Any) -> None:
    actions.keep(deposit())
    monkeypatch.setattr(spooled, "now", lambda: now() + timedelta(minutes=6))
    assert findings()[0][0] == "broken"


# --- Apps -------------------------------------------------------------------------------------------------------------


@pytest.fixture
def key(people: SimpleNamespace) -> Key:
    issue_key(Key.Use.OPEN311, "Demo app", by=SYSTEM)
    return Key.objects.get(use=Key.Use.OPEN311)


def test_an_apps_report_is_the_apps(key: Key, store: Store) -> None:
    actions.keep(deposit(channel="app", key=key.pk, once=f"{key.pk}:x"))
    actions.number_all()
    ticket = Ticket.objects.get()
    assert ticket.channel == "app" and Receipt.objects.get().external_id.startswith(f"{key.pk}:")


def test_by_a_key_that_was_revoked_before_nothing_is_numbered(key: Key, store: Store) -> None:
    Key.objects.update(revoked=now() - timedelta(hours=1))
    actions.keep(deposit(channel="app", key=key.pk, at=now()))
    assert actions.number_all() == 0 and len(lying(store, ASIDE)) == 1
    actions.keep(deposit("b" * 24, channel="app", key=key.pk, at=now() - timedelta(hours=2)))
    assert actions.number_all() == 1, "it was good when this came"


# --- Forgetting -------------------------------------------------------------------------------------------------------


def test_by_a_token_the_ticket_is_found_for_a_week(people: SimpleNamespace, store: Store, monkeypatch: Any) -> None:
    actions.keep(deposit())
    actions.number_all()
    assert actions.forget_notes() == 0 and len(lying(store, NUMBERED)) == 1
    monkeypatch.setattr(actions, "now", lambda: now() + timedelta(days=8))
    assert actions.forget_notes() == 1 and lying(store) == []
