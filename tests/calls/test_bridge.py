"""The bridge against a small Asterisk that freezes, restarts, splits packets inside a letter and goes away.

Proves: Phone: transcripts, shuffled, doubled, cut; frozen, restarted, split exchange"""

import asyncio
from datetime import datetime, timedelta
from threading import Event
from typing import Any

import pytest
from bridged import QUICK, held, linked, outcomes, play, until, wire
from django.db import OperationalError, connection
from django.utils.timezone import now
from fake_pbx import FakePbx, packet
from recordings import GOLDEN, call_events, frames_of

from caunoi.calls import actions, queries
from caunoi.calls.models import Call, CallLeg, Link, Presence
from caunoi.cli.calls import row as said
from caunoi.conversations.models import Inbox
from caunoi.telephony.calls import fold

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("impatient")]
NAMES = [name for name in sorted(GOLDEN) if name != "snapshot"]


@pytest.mark.parametrize("name", NAMES)
def test_every_transcript_byte_by_byte_over_the_wire_becomes_its_calls(asterisk: Inbox, name: str) -> None:
    frames = frames_of(name)
    expected = {call_id: call.outcome.value for call_id, call in fold(call_events(frames)).items()}
    # Without the sign-in that the fake answers itself.
    told = tuple(frame for frame in frames if "Event" in frame.packet and frame.packet["Event"] != "FullyBooted")

    async def story() -> None:
        pbx = FakePbx(split=name in ("answered", "ringall"))
        async with pbx.listening() as port, held(asterisk, port):
            await until(linked(asterisk))
            await pbx.say(wire(told))
            await until(lambda: outcomes() == expected)

    play(story())
    for call in Call.objects.all():
        golden = said(fold(call_events(frames))[call.call_id])
        assert [leg.name for leg in queries.legs(call)] == [leg["operator"] for leg in golden["legs"]]


def test_a_name_split_inside_a_letter_stays_whole(asterisk: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx(split=True)
        async with pbx.listening() as port, held(asterisk, port):
            await until(linked(asterisk))
            called = {"Queue": "tongdai1022", "MemberName": "Nguyễn Thị Đượm", "DestUniqueid": "2", "Linkedid": "1"}
            await pbx.say(packet(Event="AgentCalled", **called, DestChannel="PJSIP/101-00000001"))
            await until(CallLeg.objects.exists)

    play(story())
    assert CallLeg.objects.get().operator == "Nguyễn Thị Đượm"


def test_a_frozen_pbx_is_noticed_said_and_come_back_to(asterisk: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port, QUICK):
            await until(linked(asterisk))
            pbx.frozen = True
            link = await until(lambda: Link.objects.filter(up_since=None).first())
            assert link.down_since
            assert link.reason
            pbx.frozen = False
            await until(linked(asterisk))

    play(story())
    assert Link.objects.get().down_since is not None  # the bridge itself has stopped
    assert not queries.linked(asterisk)


def test_a_pbx_that_restarts_in_the_middle_of_a_call_ends_it_unseen(asterisk: Inbox) -> None:
    frames = frames_of("answered")
    half = frames[: len(frames) // 2]

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port):
            await until(linked(asterisk))
            await pbx.say(wire(half))
            await until(lambda: Call.objects.exclude(state="ended").exists())
            pbx.drop()
            await until(lambda: Call.objects.filter(state="ended", outcome="unknown").exists())

    play(story())


def test_a_call_that_goes_on_through_a_gap_is_the_same_call(asterisk: Inbox) -> None:
    frames = frames_of("answered")
    cut = len(frames) // 2
    (call_id,) = fold(call_events(frames))

    async def story() -> None:
        pbx = FakePbx(channels=({"Linkedid": call_id, "Uniqueid": call_id, "Channel": "PJSIP/trunk-1"},))
        async with pbx.listening() as port:
            async with held(asterisk, port):
                await until(linked(asterisk))
                await pbx.say(wire(frames[:cut]))
                await until(Call.objects.exists)
            async with held(asterisk, port):  # another bridge, which remembers nothing
                await until(linked(asterisk))
                await pbx.say(wire(frames[cut:]))
                await until(lambda: outcomes() == {call_id: "answered"})

    play(story())
    assert Call.objects.count() == 1


def test_a_call_that_began_in_a_gap_is_learnt_from_the_snapshot(asterisk: Inbox) -> None:
    root = {
        "Linkedid": "c1",
        "Uniqueid": "c1",
        "Channel": "PJSIP/trunk-1",
        "CallerIDNum": "0900000001",
        "Exten": "1022",
        "Context": "from-trunk",
        "Duration": "00:01:05",
        "BridgeId": "b",
    }
    phone = {"Linkedid": "c1", "Uniqueid": "p", "Channel": "PJSIP/101-00000001", "BridgeId": "b"}
    entry = {"Queue": "tongdai1022", "Uniqueid": "c2", "CallerIDNum": "0900000002", "Wait": "40"}
    waiting = root | {"Linkedid": "c2", "Uniqueid": "c2", "CallerIDNum": "0900000002", "BridgeId": ""}

    async def story() -> None:
        pbx = FakePbx(channels=(root, phone, waiting), waiting=(entry,))
        async with pbx.listening() as port, held(asterisk, port):
            await until(linked(asterisk))
            end = {"Linkedid": "c2", "Uniqueid": "c2", "Channel": "PJSIP/trunk-1", "Timestamp": f"{now().timestamp()}"}
            await pbx.say(packet(Event="Hangup", **end))
            await until(lambda: outcomes().get("c2") == "abandoned")

    play(story())
    one, two = Call.objects.order_by("call_id")
    assert (one.phone, one.state, one.dialled) == ("+84900000001", "talking", "1022")
    assert (two.phone, round(two.waited) in range(40, 50)) == ("+84900000002", True)


def test_while_the_database_is_away_nothing_heard_is_lost(asterisk: Inbox, monkeypatch: pytest.MonkeyPatch) -> None:
    frames, away, absorb = frames_of("ringall"), [True], actions.absorb

    def sometimes(*given: Any) -> Any:
        if away[0]:
            raise OperationalError("gone")
        return absorb(*given)

    monkeypatch.setattr(actions, "absorb", sometimes)

    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port) as line:
            for part in range(0, len(frames), 10):
                while not line.client.up_since:
                    await asyncio.sleep(0.01)
                await pbx.say(wire(frames[part : part + 10]))
                await asyncio.sleep(0.03)
            away[0] = False
            await until(lambda: "unknown" not in outcomes().values() and Call.objects.exists())

    play(story())
    assert outcomes() == {call_id: call.outcome for call_id, call in fold(call_events(frames)).items()}


def test_one_call_that_no_row_can_hold_does_not_keep_the_others_out(asterisk: Inbox) -> None:
    async def story() -> None:
        pbx = FakePbx()
        async with pbx.listening() as port, held(asterisk, port):
            await until(linked(asterisk))
            for call_id in ("good-1", "b\0d", "good-2"):
                told = {"Linkedid": call_id, "Uniqueid": call_id, "Channel": "PJSIP/trunk-1", "Exten": "1022"}
                await pbx.say(packet(Event="Newchannel", **told, CallerIDNum="0900000001", Context="from-trunk"))
            await until(lambda: Call.objects.count() == 2)

    play(story())


def test_presence_is_said_to_the_queue_and_said_again_after_a_restart(asterisk: Inbox, town: Any) -> None:
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
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(linked(asterisk))
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


def test_a_phone_that_rang_in_vain_a_stranger_and_an_unreachable_phone(asterisk: Inbox, town: Any) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    actions.set_presence(lan, "available", by=town.lan)
    place = {"Queue": "tongdai1022", "MemberName": "lan", "Interface": "PJSIP/101", "Membership": "dynamic"}

    def presence() -> Any:
        return queries.presence(lan.pk)

    def asked(pbx: FakePbx) -> list[tuple[str, str, str]]:
        return [(each["Action"], each["Interface"], each["Reason"]) for each in pbx.actions if "Queue" in each]

    async def story() -> None:
        pbx = FakePbx(members=("la",))
        async with pbx.listening() as port, held(asterisk, port):
            await until(lambda: len(asked(pbx)) == 2)
            assert asked(pbx) == [("QueueRemove", "PJSIP/la", ""), ("QueueAdd", "PJSIP/101", "")]
            await pbx.say(packet(Event="QueueMemberAdded", **place, Paused="0", Status="1"))
            pause = {"Paused": "1", "PausedReason": "Auto-Pause"}
            await pbx.say(packet(Event="QueueMemberPause", **place, **pause, Status="1"))
            await until(lambda: presence().reason == "no_answer")
            await until(lambda: asked(pbx)[-1] == ("QueuePause", "PJSIP/101", "no_answer"))
            pause = {"Paused": "1", "PausedReason": "no_answer"}
            await pbx.say(packet(Event="QueueMemberPause", **place, **pause, Status="5"))
            await until(lambda: presence().unreachable)
            await pbx.say(packet(Event="QueueMemberStatus", **place, **pause, Status="1"))
            await until(lambda: not presence().unreachable)

    play(story())


def test_a_phone_that_rings_in_vain_while_the_rows_are_read_stays_paused(
    asterisk: Inbox, town: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    actions.set_presence(lan, "available", by=town.lan)
    place = {"Queue": "tongdai1022", "MemberName": "lan", "Interface": "PJSIP/101", "Membership": "dynamic"}
    begun, paused, read = Event(), Event(), queries.operators

    def slow() -> Any:
        rows = read()
        begun.set()
        assert paused.wait(10)
        return rows

    async def story() -> None:
        pbx = FakePbx(members=())
        async with pbx.listening() as port, held(asterisk, port) as line:
            await until(lambda: any(each["Action"] == "QueueAdd" for each in pbx.actions))
            await pbx.say(packet(Event="QueueMemberAdded", **place, Paused="0", Status="1"))
            await until(lambda: "PJSIP/101" in line.desks)
            monkeypatch.setattr(queries, "operators", slow)
            line.ask("presence")
            await asyncio.to_thread(begun.wait, 10)
            await pbx.say(packet(Event="QueueMemberPause", **place, Paused="1", PausedReason="Auto-Pause", Status="1"))
            await until(lambda: line.desks["PJSIP/101"].places["tongdai1022"].paused)
            paused.set()
            await until(lambda: queries.presence(lan.pk).reason == "no_answer")
            assert [each["Reason"] for each in pbx.actions if each["Action"] == "QueuePause"] in ([], ["no_answer"])

    play(story())


def test_after_a_call_the_phone_is_paused_and_free_at_the_second_though_the_bridge_was_killed_meanwhile(
    asterisk: Inbox, town: Any
) -> None:
    lan = town.users["lan"]
    lan.extension = "101"
    lan.save()
    actions.set_presence(lan, "available", by=town.lan)
    place = {"Queue": "tongdai1022", "MemberName": "lan", "Interface": "PJSIP/101", "Membership": "dynamic"}
    root = {"Linkedid": "1", "Uniqueid": "1", "Channel": "PJSIP/trunk-1"}
    leg = {"MemberName": "lan", "DestUniqueid": "2", "DestChannel": "PJSIP/101-1", "Queue": "tongdai1022"}

    # An order may be given twice until the exchange has said that it was carried out: only the last one counts.
    def asked(pbx: FakePbx) -> list[tuple[str, str]]:
        return [(each["Paused"], each["Reason"]) for each in pbx.actions if each["Action"] == "QueuePause"][-1:]

    def added(pbx: FakePbx) -> list[str]:
        return [each["Paused"] for each in pbx.actions if each["Action"] == "QueueAdd"]

    async def story() -> None:
        pbx = FakePbx(members=())
        async with pbx.listening() as port:
            async with held(asterisk, port) as line:
                await until(linked(asterisk))
                await pbx.say(packet(Event="QueueMemberAdded", **place, Paused="0", Status="1"))
                await pbx.say(packet(Event="AgentCalled", **root, **leg))
                await pbx.say(packet(Event="AgentConnect", **root, **leg, RingTime="2", HoldTime="2"))
                await pbx.say(packet(Event="AgentComplete", **root, **leg, TalkTime="5"))
                await until(lambda: queries.presence(lan.pk).reason == "wrapup")
                line.ask("presence")  # as the desk does, of which the bridge hears
                await until(lambda: asked(pbx) == [("true", "wrapup")])
                paused = {"Paused": "1", "PausedReason": "wrapup"}
                await pbx.say(packet(Event="QueueMemberPause", **place, **paused, Status="1"))
                over = await asyncio.to_thread(_over_soon)
            assert asked(pbx) == [("true", "wrapup")]
            before = len(added(pbx))
            async with held(asterisk, port):  # the list of members knows nobody: signed in, not paused
                paused_at_once = (await until(lambda: added(pbx)[before:]))[0] == "true"
                assert paused_at_once or now() >= over  # a slow machine may begin only when the time is up
                await pbx.say(packet(Event="QueueMemberAdded", **place, **paused, Status="1"))
                await until(lambda: asked(pbx) == [("false", "")])
                await until(lambda: queries.presence(lan.pk).state == "available")

    play(story())


def _over_soon() -> datetime:
    over = now() + timedelta(seconds=4)
    Presence.objects.filter(until=None).update(ends=over)
    connection.close()
    return over


def test_a_queue_that_is_taken_out_of_the_settings_is_emptied(asterisk: Inbox, town: Any) -> None:
    Link.objects.create(inbox=asterisk, queues="cu tongdai1022")

    async def story() -> None:
        pbx = FakePbx(members=("lan",), queue="cu")
        async with pbx.listening() as port, held(asterisk, port):
            await until(lambda: queries.served(asterisk) == ("tongdai1022",))
            assert [each["Queue"] for each in pbx.actions if each["Action"] == "QueueRemove"] == ["cu"]

    play(story())


def _on_break(user: Any, by: Any) -> None:
    actions.set_presence(user, "break", reason="ăn trưa", by=by)
    connection.close()
