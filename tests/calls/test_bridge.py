"""The bridge against a small Asterisk that freezes, restarts, splits packets inside a letter and goes away."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError, connection
from django.utils.timezone import now
from fake_pbx import FakePbx, packet
from recordings import GOLDEN, call_events, frames_of

from caunoi.calls import actions, bridge, queries
from caunoi.calls.bridge import Line
from caunoi.calls.models import Call, CallLeg, Dial, Link
from caunoi.calls.pbx import Ami
from caunoi.cli.calls import row as said
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Callback, Inbox
from caunoi.telephony.calls import fold
from caunoi.telephony.client import Timing
from caunoi.telephony.transcript import Frame

pytestmark = pytest.mark.django_db(transaction=True)
QUICK = Timing(connect=1, action=0.3, booted=1, ping_every=0.05, ping_deadline=0.2, back_off=0.001)
PATIENT = Timing(connect=5, action=2, booted=5, ping_every=60, back_off=0.001)
NAMES = [name for name in sorted(GOLDEN) if name != "snapshot"]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(bridge, "AWAY", 0.01)
    yield
    connection.close()


@pytest.fixture
def box(town: Any) -> Inbox:
    settings = {"host": "127.0.0.1", "username": "caunoi", "queues": "tongdai1022", "caller": "1022"}
    return make_inbox("phone", "phone", secrets={"secret": "s3cret"}, **settings)


def wire(frames: tuple[Frame, ...]) -> bytes:
    return b"".join(
        "".join(f"{key}: {value}\r\n" for key, value in frame.packet.pairs).encode() + b"\r\n" for frame in frames
    )


@asynccontextmanager
async def held(box: Inbox, port: int, timing: Timing = PATIENT) -> Any:
    settings = {**box.config, **box.secrets, "port": port}
    ami = Ami(
        host="127.0.0.1",
        port=port,
        username="caunoi",
        secret=settings["secret"],
        queues=("tongdai1022",),
        caller="1022",
    )
    line = Line(box, ami, timing=timing)
    task = asyncio.create_task(line.run())
    try:
        yield line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], Any], *, seconds: float = 10) -> Any:
    """Wait until something is so in the database."""

    def asked() -> Any:
        try:
            return true()
        finally:
            connection.close()

    async with asyncio.timeout(seconds):
        while not (found := await asyncio.to_thread(asked)):
            await asyncio.sleep(0.02)
    return found


def play(story: Awaitable[None]) -> None:
    async def whole() -> None:
        await asyncio.wait_for(story, 30)

    asyncio.run(whole())


def linked(box: Inbox) -> Callable[[], bool]:
    return lambda: queries.linked(box)


def outcomes() -> dict[str, str]:
    return dict(Call.objects.values_list("call_id", "outcome"))


@pytest.mark.parametrize("name", NAMES)
def test_every_transcript_byte_by_byte_over_the_wire_becomes_its_calls(box: Inbox, name: str) -> None:
    frames = frames_of(name)
    expected = {call_id: call.outcome.value for call_id, call in fold(call_events(frames)).items()}
    # Without the sign-in that the fake answers itself.
    told = tuple(frame for frame in frames if "Event" in frame.packet and frame.packet["Event"] != "FullyBooted")

    async def story() -> None:
        pbx = FakePbx(split=name in ("answered", "ringall"))
        async with pbx.listening() as port, held(box, port):
            await until(linked(box))
            await pbx.say(wire(told))
            await until(lambda: outcomes() == expected)

    play(story())
    for call in Call.objects.all():
        golden = said(fold(call_events(frames))[call.call_id])
        assert [leg.operator for leg in queries.legs(call)] == [leg["operator"] for leg in golden["legs"]]


def test_a_name_split_inside_a_letter_stays_whole(box: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx(split=True)
        async with pbx.listening() as port, held(box, port):
            await until(linked(box))
            called = {"Queue": "tongdai1022", "MemberName": "Nguyễn Thị Đượm", "DestUniqueid": "2", "Linkedid": "1"}
            await pbx.say(packet(Event="AgentCalled", **called, DestChannel="PJSIP/101-00000001"))
            await until(CallLeg.objects.exists)

    play(story())
    assert CallLeg.objects.get().operator == "Nguyễn Thị Đượm"


def test_a_frozen_pbx_is_noticed_said_and_come_back_to(box: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port, QUICK):
            await until(linked(box))
            pbx.frozen = True
            link = await until(lambda: Link.objects.filter(up_since=None).first())
            assert link.down_since
            assert link.reason
            pbx.frozen = False
            await until(linked(box))

    play(story())
    assert Link.objects.get().down_since is not None  # the bridge itself has stopped
    assert not queries.linked(box)


def test_a_pbx_that_restarts_in_the_middle_of_a_call_ends_it_unseen(box: Inbox) -> None:
    frames = frames_of("answered")
    half = frames[: len(frames) // 2]

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port):
            await until(linked(box))
            await pbx.say(wire(half))
            await until(lambda: Call.objects.exclude(state="ended").exists())
            pbx.drop()
            await until(lambda: Call.objects.filter(state="ended", outcome="unknown").exists())

    play(story())


def test_a_call_that_goes_on_through_a_gap_is_the_same_call(box: Inbox) -> None:
    frames = frames_of("answered")
    cut = len(frames) // 2
    (call_id,) = fold(call_events(frames))

    async def story() -> None:
        pbx = FakePbx(channels=({"Linkedid": call_id, "Uniqueid": call_id, "Channel": "PJSIP/trunk-1"},))
        async with pbx.listening() as port:
            async with held(box, port):
                await until(linked(box))
                await pbx.say(wire(frames[:cut]))
                await until(Call.objects.exists)
            async with held(box, port):  # another bridge, which remembers nothing
                await until(linked(box))
                await pbx.say(wire(frames[cut:]))
                await until(lambda: outcomes() == {call_id: "answered"})

    play(story())
    assert Call.objects.count() == 1


def test_a_call_that_began_in_a_gap_is_learnt_from_the_snapshot(box: Inbox) -> None:
    root = {
        "Linkedid": "c1", "Uniqueid": "c1", "Channel": "PJSIP/trunk-1", "CallerIDNum": "0900000001", "Exten": "1022",
        "Context": "from-trunk", "Duration": "00:01:05", "BridgeId": "b",
    }  # fmt: skip
    phone = {"Linkedid": "c1", "Uniqueid": "p", "Channel": "PJSIP/101-00000001", "BridgeId": "b"}
    entry = {"Queue": "tongdai1022", "Uniqueid": "c2", "CallerIDNum": "0900000002", "Wait": "40"}
    waiting = root | {"Linkedid": "c2", "Uniqueid": "c2", "CallerIDNum": "0900000002", "BridgeId": ""}

    async def story() -> None:
        pbx = FakePbx(channels=(root, phone, waiting), waiting=(entry,))
        async with pbx.listening() as port, held(box, port):
            await until(linked(box))
            end = {"Linkedid": "c2", "Uniqueid": "c2", "Channel": "PJSIP/trunk-1", "Timestamp": f"{now().timestamp()}"}
            await pbx.say(packet(Event="Hangup", **end))
            await until(lambda: outcomes().get("c2") == "abandoned")

    play(story())
    one, two = Call.objects.order_by("call_id")
    assert (one.phone, one.state, one.dialled) == ("+84900000001", "talking", "1022")
    assert (two.phone, round(two.waited) in range(40, 50)) == ("+84900000002", True)


def test_while_the_database_is_away_nothing_heard_is_lost(box: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    frames, away, absorb = frames_of("ringall"), [True], actions.absorb

    def sometimes(*given: Any) -> Any:
        if away[0]:
            raise OperationalError("gone")
        return absorb(*given)

    monkeypatch.setattr(actions, "absorb", sometimes)

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port) as line:
            for part in range(0, len(frames), 10):
                while not line.client.up_since:
                    await asyncio.sleep(0.01)
                await pbx.say(wire(frames[part : part + 10]))
                await asyncio.sleep(0.03)
            away[0] = False
            await until(lambda: "unknown" not in outcomes().values() and Call.objects.exists())

    play(story())
    assert outcomes() == {call_id: call.outcome for call_id, call in fold(call_events(frames)).items()}


def test_one_call_that_no_row_can_hold_does_not_keep_the_others_out(box: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port):
            await until(linked(box))
            for call_id in ("good-1", "bad", "good-2"):
                told = {"Linkedid": call_id, "Uniqueid": call_id, "Channel": "PJSIP/trunk-1", "Exten": "1022"}
                caller = "a\0b" if call_id == "bad" else "0900000001"
                await pbx.say(packet(Event="Newchannel", **told, CallerIDNum=caller, Context="from-trunk"))
            await until(lambda: Call.objects.count() == 2)

    play(story())


def test_presence_is_said_to_the_queue_and_said_again_after_a_restart(box: Inbox, town: Any) -> None:
    lan, tam = town.users["lan"], town.users["tam"]
    for user, extension in ((lan, "101"), (tam, "102")):
        user.extension = extension
        user.save()
    actions.set_presence(lan, "available", by=town.lan)

    def did(pbx: FakePbx) -> list[tuple[str, ...]]:
        asked = [each for each in pbx.actions if each["Action"].startswith("QueueA") or "Pause" in each["Action"]]
        return [(each["Action"], each["Interface"], each["Paused"], each["Reason"]) for each in asked]

    async def story() -> None:
        pbx = FakePbx(members=())
        async with pbx.listening() as port, held(box, port) as line:
            await until(linked(box))
            await until(lambda: did(pbx))
            assert did(pbx) == [("QueueAdd", "PJSIP/101", "false", "")]
            await asyncio.to_thread(_on_break, lan, town.lan)
            line.ask("presence")
            await until(lambda: len(did(pbx)) == 3)
            assert did(pbx)[1:] == [
                ("QueueAdd", "PJSIP/101", "true", ""),
                ("QueuePause", "PJSIP/101", "true", "ăn trưa"),
            ]

    play(story())


def _on_break(user: Any, by: Any) -> None:
    actions.set_presence(user, "break", reason="ăn trưa", by=by)
    connection.close()


@pytest.fixture
def lan(town: Any) -> Any:
    user = town.users["lan"]
    user.extension = "101"
    user.save()
    return user


def test_click_to_call_rings_the_operator_first_under_an_id_of_ours(box: Inbox, lan: Any) -> None:
    def ask() -> Dial:
        try:
            return actions.ask_dial(lan, "0900 000 001", by=lan.as_actor())
        finally:
            connection.close()

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port) as line:
            await until(linked(box))
            dial = await asyncio.to_thread(ask)
            line.ask("dial")
            await until(lambda: Dial.objects.filter(state="sent").exists())
            (asked,) = [each for each in pbx.actions if each["Action"] == "Originate"]
            assert (asked["Channel"], asked["Exten"], asked["ChannelId"]) == ("PJSIP/101", "0900000001", dial.call_id)

    play(story())


def test_a_pbx_that_refuses_or_does_not_answer_is_said_so(box: Inbox, lan: Any) -> None:
    async def story() -> None:
        pbx = FakePbx(silent={"Originate"})
        async with pbx.listening() as port, held(box, port, QUICK) as line:
            await until(linked(box))
            await asyncio.to_thread(_dial, lan, box)
            line.ask("dial")
            dial = await until(lambda: Dial.objects.filter(state="failed").first())
            assert "no answer" in dial.trouble

    play(story())


def _dial(user: Any, box: Inbox, age: float = 0) -> None:
    asked = now() - timedelta(seconds=age)
    Dial.objects.create(inbox=box, user=user, extension="101", number="+84900000001", asked=asked)
    connection.close()


def test_a_dial_that_nobody_took_in_time_never_rings(box: Inbox, lan: Any) -> None:
    _dial(lan, box, age=60)

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(box, port):
            await until(lambda: Dial.objects.filter(state="failed", trouble="late").exists())
            assert "Originate" not in {each["Action"] for each in pbx.actions}

    play(story())


def test_nothing_is_asked_of_a_pbx_that_is_away(box: Inbox, lan: Any) -> None:
    for code, change in (("pbx_down", {}), ("no_pbx", {"host": ""})):
        if change:
            make_inbox("phone", "phone", **change)
        with pytest.raises(actions.NoPhone) as refused:
            actions.ask_dial(lan, "0900000001", by=lan.as_actor())
        assert refused.value.code == code
    assert not Dial.objects.exists()
    assert not Callback.objects.exists()
