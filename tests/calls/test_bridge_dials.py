"""Click-to-call through the bridge: rung once, refused aloud, never late."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from bridged import QUICK, held, linked, play, until
from django.db import connection
from django.utils.timezone import now
from fake_pbx import FakePbx

from caunoi.calls import actions
from caunoi.calls.models import Dial
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback, Inbox

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("impatient")]


@pytest.fixture
def lan(town: Any) -> Any:
    user = town.users["lan"]
    user.extension = "101"
    user.save()
    return user


def test_click_to_call_rings_the_operator_first_under_an_id_of_ours(asterisk: Inbox, lan: Any) -> None:
    def ask() -> Dial:
        try:
            return actions.ask_dial(lan, "0900 000 001", by=lan.as_actor())
        finally:
            connection.close()

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(linked(asterisk))
            dial = await asyncio.to_thread(ask)
            line.ask("dial")
            await until(lambda: Dial.objects.filter(state="sent").exists())
            (asked,) = [each for each in pbx.actions if each["Action"] == "Originate"]
            assert (asked["Channel"], asked["Exten"], asked["ChannelId"]) == ("PJSIP/101", "0900000001", dial.call_id)

    play(story())


def test_a_pbx_that_refuses_or_does_not_answer_is_said_so(asterisk: Inbox, lan: Any) -> None:
    async def story() -> None:
        pbx = FakePbx(silent={"Originate"})
        async with pbx.listening() as port, held(asterisk, port, QUICK) as line:
            await until(linked(asterisk))
            await asyncio.to_thread(_dial, lan, asterisk)
            line.ask("dial")
            dial = await until(lambda: Dial.objects.filter(state="failed").first())
            assert "no answer" in dial.trouble

    play(story())


def _dial(user: Any, box: Inbox, age: float = 0) -> None:
    asked = now() - timedelta(seconds=age)
    Dial.objects.create(inbox=box, user=user, extension="101", number="+84900000001", asked=asked)
    connection.close()


def test_a_dial_that_nobody_took_in_time_never_rings(asterisk: Inbox, lan: Any) -> None:
    _dial(lan, asterisk, age=60)

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port):
            await until(lambda: Dial.objects.filter(state="failed", trouble="late").exists())
            assert "Originate" not in {each["Action"] for each in pbx.actions}

    play(story())


def test_nothing_is_asked_of_a_pbx_that_is_away(asterisk: Inbox, lan: Any) -> None:
    for code, change in (("pbx_down", {}), ("no_pbx", {"host": ""})):
        if change:
            make_inbox("phone", "phone", **change)
        with pytest.raises(actions.NoPhoneError) as refused:
            actions.ask_dial(lan, "0900000001", by=lan.as_actor())
        assert refused.value.code == code
    assert not Dial.objects.exists()
    assert not Callback.objects.exists()
