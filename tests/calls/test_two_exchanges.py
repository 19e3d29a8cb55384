"""Two exchanges: the second has the settings of the first, a phone is reached by one of them, a click takes the one
that reaches it, and a drill leaves the first one alone with its operators in its queues.

Proves: Two exchanges and trunks: active and standby, click-to-call takes the operator's own, a drill command"""

import argparse
import asyncio
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bridged import until
from django.utils.timezone import now
from fake_pbx import FakePbx

from caunoi.calls import actions, bridge, queries
from caunoi.calls.models import Link, Presence
from caunoi.cli import pbx
from caunoi.conversations.actions import edit_inbox, make_inbox
from caunoi.conversations.models import Inbox
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.events.models import Event


@pytest.fixture
def standby(asterisk: Inbox) -> Inbox:
    settings = {"host": "127.0.0.2", "username": "other", "standby_of": "phone", "queues": "old", "caller": "1"}
    return make_inbox("phone2", "phone", secrets={"secret": "0ther"}, **settings)


def lan_with_phone(town: Any) -> Any:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    return lan


def up(box: Inbox) -> None:
    actions.up(box, now())
    actions.alive(box)


@pytest.mark.django_db
def test_the_second_has_the_settings_of_the_first_but_for_where_it_is(asterisk: Inbox, standby: Inbox) -> None:
    (first, ours), (second, theirs) = queries.asterisks()
    assert (first, second) == (asterisk, standby) and queries.standby_of(first) == second
    assert (theirs.queues, theirs.caller) == (ours.queues, ours.caller) == (("tongdai1022",), "1022")
    assert (theirs.host, theirs.username, theirs.secret) == ("127.0.0.2", "other", "0ther")


@pytest.mark.django_db
def test_phones_have_the_same_password_at_both(asterisk: Inbox, standby: Inbox, town: Any) -> None:
    lan_with_phone(town)
    actions.make_passwords(standby, by=SYSTEM)
    plans = [queries.exchange_plan(box, product="127.0.0.1") for box, _ in queries.asterisks()]
    one, other = ({phone.extension: phone.password for phone in plan.phones} for plan in plans if plan)
    assert one == other and one["101"]
    assert Inbox.objects.get(pk=standby.pk).secrets["live_key"] != Inbox.objects.get(pk=asterisk.pk).secrets["live_key"]


@pytest.mark.django_db
def test_a_standby_of_itself_or_of_another_standby_is_an_exchange_of_its_own(asterisk: Inbox, standby: Inbox) -> None:
    edit_inbox(asterisk, by=SYSTEM, config={**asterisk.config, "standby_of": "phone2"})
    assert queries.active_of(Inbox.objects.get(pk=standby.pk)) is None
    assert len(queries.asterisks()) == 2


@pytest.mark.django_db
def test_a_phone_is_reached_by_one_of_them(asterisk: Inbox, standby: Inbox, town: Any) -> None:
    lan = lan_with_phone(town)
    actions.set_presence(lan, "available", by=town.lan)
    up(asterisk)
    up(standby)
    actions.note_reach(asterisk, {"lan": True})
    actions.note_reach(standby, {"lan": False})
    assert Presence.objects.get(user=lan, until=None).unreachable is None
    actions.note_reach(asterisk, {"lan": False})
    assert Presence.objects.get(user=lan, until=None).unreachable is not None
    actions.note_reach(standby, {"lan": True})
    assert Presence.objects.get(user=lan, until=None).unreachable is None
    actions.down(standby, now(), "gone")
    actions.note_reach(asterisk, {"lan": False})
    assert Presence.objects.get(user=lan, until=None).unreachable is not None, "what the lost one said counts no more"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("linked", "reached", "by"),
    [
        (("phone", "phone2"), "phone2", "phone2"),
        (("phone", "phone2"), "", "phone"),
        (("phone2",), "phone", "phone2"),
        (("phone",), "phone2", "phone"),
    ],
)
def test_a_click_takes_the_exchange_that_reaches_the_phone(
    asterisk: Inbox, standby: Inbox, town: Any, linked: tuple[str, ...], reached: str, by: str
) -> None:
    lan = lan_with_phone(town)
    for box in (asterisk, standby):
        if box.name in linked:
            up(box)
            actions.note_reach(box, {"lan": box.name == reached})
    assert actions.ask_dial(lan, "0912345678", by=town.lan).inbox.name == by


# --- a drill ---


@pytest.mark.django_db
def test_who_may_leave_an_exchange_alone(asterisk: Inbox, town: Any) -> None:
    up(asterisk)
    with pytest.raises(NotAllowedError):
        actions.begin_drill(asterisk, now() + timedelta(minutes=1), by=town.tam)
    actions.begin_drill(asterisk, now() + timedelta(minutes=1), by=town.quan)
    assert queries.drilled().keys() == {asterisk.pk}
    actions.end_drill(asterisk, by=town.quan)
    actions.end_drill(asterisk, by=town.quan)
    assert queries.drilled() == {} and Event.objects.filter(kind="inbox.drill").count() == 2


@pytest.mark.django_db(transaction=True)
def test_in_a_drill_the_first_is_left_with_its_operators_and_comes_back(
    asterisk: Inbox, standby: Inbox, town: Any, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    lan = lan_with_phone(town)
    actions.set_presence(lan, "available", by=town.lan)
    monkeypatch.setattr(bridge, "LIFE", 0.1)

    async def day() -> None:
        first, second = FakePbx(members=()), FakePbx(members=(), secret="0ther")
        async with first.listening() as port, second.listening() as other:
            await asyncio.to_thread(_at, asterisk, port)
            await asyncio.to_thread(_at, standby, other)
            lines: dict[int, Any] = {}
            claim: Any = SimpleNamespace(valid=True)
            await bridge._match(lines, claim)
            await until(lambda: queries.linked(asterisk) and queries.linked(standby))
            await _seen(first, "QueueAdd")
            await _seen(second, "QueueAdd")
            await asyncio.to_thread(actions.begin_drill, asterisk, now() + timedelta(minutes=5), by=SYSTEM)
            await bridge._match(lines, claim)
            assert lines.keys() == {standby.pk} and not first.links
            assert not [one for one in first.actions if one["Action"] == "QueueRemove"]
            row = await asyncio.to_thread(Link.objects.get, inbox=asterisk)
            assert (row.up_since, row.reason) == (None, "a drill")
            assert await asyncio.to_thread(lambda: queries.exchange_for(lan, [asterisk, standby])) == standby
            await asyncio.to_thread(actions.end_drill, asterisk, by=SYSTEM)
            await bridge._match(lines, claim)
            await until(lambda: queries.linked(asterisk))
            for _, task in lines.values():
                task.cancel()
            await asyncio.gather(*(task for _, task in lines.values()), return_exceptions=True)

    asyncio.run(day())


def _at(box: Inbox, port: int) -> None:
    Inbox.objects.filter(pk=box.pk).update(config={**box.config, "host": "127.0.0.1", "port": port})


async def _seen(pbx: FakePbx, action: str) -> None:
    async with asyncio.timeout(10):
        while not any(one["Action"] == action for one in pbx.actions):
            await asyncio.sleep(0.02)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("args", "status", "said"),
    [
        (["drill"], 2, "no exchange stands by"),
        (["drill", "--inbox", "phone"], 2, "no exchange stands by"),
    ],
)
def test_without_a_second_exchange_there_is_no_drill(
    asterisk: Inbox, args: list[str], status: int, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    parser = argparse.ArgumentParser()
    pbx.arguments(parser)
    assert pbx.run(parser.parse_args(args)) == status
    assert said in capsys.readouterr().err
