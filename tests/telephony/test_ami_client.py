"""The link to Asterisk: it comes back by itself, notices a frozen PBX, and never keeps an action for later."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Any

import pytest
from fake_pbx import FakePbx, packet

from caunoi.telephony.ami import Packet, UnsafeValueError
from caunoi.telephony.client import ActionRefusedError, Client, DisconnectedError, ReplyTimeoutError, Snapshot, Timing

NOW = datetime(2026, 8, 6, 1, tzinfo=UTC)
QUICK = Timing(connect=1, action=0.05, booted=1, ping_every=0.01, ping_deadline=0.03, back_off=0.001)
PATIENT = Timing(connect=1, action=1, booted=1, ping_every=60, ping_deadline=1, back_off=0.001)


class Ear:
    """Remembers what the client tells, and lets a test wait for it."""

    def __init__(self) -> None:
        self.told: list[tuple[str, Any]] = []
        self._changed = asyncio.Condition()
        self._wake: set[asyncio.Task[None]] = set()

    def event(self, packet: Packet, received_at: datetime) -> None:
        self._tell("event", packet)

    def up(self, snapshot: Snapshot) -> None:
        self._tell("up", snapshot)

    def down(self, reason: str, since: datetime) -> None:
        self._tell("down", reason)

    def _tell(self, what: str, value: Any) -> None:
        self.told.append((what, value))
        task = asyncio.get_running_loop().create_task(self._notify())
        self._wake.add(task)
        task.add_done_callback(self._wake.discard)

    async def _notify(self) -> None:
        async with self._changed:
            self._changed.notify_all()

    def all(self, what: str) -> list[Any]:
        return [value for kind, value in self.told if kind == what]

    async def hear(self, what: str, times: int = 1) -> Any:
        async with asyncio.timeout(3), self._changed:
            await self._changed.wait_for(lambda: len(self.all(what)) >= times)
        return self.all(what)[times - 1]


@asynccontextmanager
async def linked(pbx: FakePbx, port: int, timing: Timing, ear: Ear, secret: str = "s3cret") -> AsyncIterator[Client]:
    client = Client(
        username="caunoi",
        secret=secret,
        connect=lambda: asyncio.open_connection("127.0.0.1", port),
        listener=ear,
        timing=timing,
        now=lambda: NOW,
    )
    task = asyncio.create_task(client.run())
    try:
        yield client
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def play(story: Coroutine[Any, Any, None]) -> None:
    asyncio.run(asyncio.wait_for(story, 10))


def test_a_link_comes_up_with_what_the_pbx_has_now() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(channels=("pbx1-1.1", "pbx1-1.5")), Ear()
        pbx.on_list = lambda: packet(Event="Newchannel", Uniqueid="pbx1-9.9", Linkedid="pbx1-9.9")
        async with pbx.listening() as port, linked(pbx, port, PATIENT, ear) as client:
            snapshot = await ear.hear("up")
            assert [member["Name"] for member in snapshot.members] == ["lan", "tam"]
            assert [channel["Linkedid"] for channel in snapshot.channels] == ["pbx1-1.1", "pbx1-1.5"]
            assert snapshot.calls == {"pbx1-1.1", "pbx1-1.5", "pbx1-9.9"}
            assert (client.up_since, client.down_since) == (NOW, None)
            assert (await client.act("QueuePause", {"Queue": "tongdai1022", "Paused": "true"}))["Response"] == "Success"

    play(story())


def test_names_arrive_whole_when_the_network_splits_their_letters() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(split=True), Ear()
        async with pbx.listening() as port, linked(pbx, port, PATIENT, ear):
            await ear.hear("up")
            await pbx.say(packet(Event="Newchannel", CallerIDName="Nguyễn Thị Hoà", Linkedid="x"))
            assert (await ear.hear("event", 2))["CallerIDName"] == "Nguyễn Thị Hoà"

    play(story())


def test_an_action_while_down_fails_at_once_and_is_never_sent_later() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(), Ear()
        async with pbx.listening() as port:
            pass
        async with linked(pbx, port, QUICK, ear) as client:
            await ear.hear("down")
            assert client.down_since == NOW
            with pytest.raises(DisconnectedError):
                await client.act("Originate", {"Channel": "PJSIP/lan"})
            async with pbx.listening(port):
                await ear.hear("up")
                await client.act("Ping")
                assert "Originate" not in {action["Action"] for action in pbx.actions}

    play(story())


def test_an_action_while_still_signing_in_fails_at_once() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(silent={"QueueStatus"}), Ear()
        async with pbx.listening() as port, linked(pbx, port, PATIENT, ear) as client:
            await ear.hear("event")  # FullyBooted: the link works, but what there is now is not known yet
            with pytest.raises(DisconnectedError):
                await client.act("Originate")
            assert not any(action["Action"] == "Originate" for action in pbx.actions)

    play(story())


def test_a_frozen_pbx_is_noticed_by_its_missing_pong_and_left() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(), Ear()
        async with pbx.listening() as port, linked(pbx, port, QUICK, ear) as client:
            await ear.hear("up")
            pbx.frozen = True
            assert "Ping" in await ear.hear("down")
            with pytest.raises(DisconnectedError):
                await client.act("Originate")
            pbx.frozen = False
            await ear.hear("up", 2)
            assert client.down_since is None

    play(story())


def test_a_frozen_pbx_is_noticed_within_ten_seconds() -> None:
    timing = Timing()
    assert timing.ping_every + timing.ping_deadline < 10


def test_a_restart_of_the_pbx_is_told_once_and_the_link_comes_back() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(), Ear()
        async with pbx.listening() as port, linked(pbx, port, PATIENT, ear):
            await ear.hear("up")
            pbx.drop()
            await ear.hear("up", 2)
            assert [kind for kind, _ in ear.told if kind != "event"] == ["up", "down", "up"]
            assert pbx.logins == 2

    play(story())


def test_an_action_whose_link_breaks_raises_disconnected() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(silent={"Originate"}), Ear()
        async with pbx.listening() as port, linked(pbx, port, PATIENT, ear) as client:
            await ear.hear("up")
            waiting = asyncio.create_task(client.act("Originate"))
            while not any(action["Action"] == "Originate" for action in pbx.actions):
                await asyncio.sleep(0.001)
            pbx.drop()
            with pytest.raises(DisconnectedError):
                await waiting

    play(story())


def test_an_answer_that_is_late_refused_or_unsafe_is_said_so_and_the_link_stays() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(silent={"Originate"}), Ear()
        timing = Timing(connect=1, action=0.05, booted=1, ping_every=60)
        async with pbx.listening() as port, linked(pbx, port, timing, ear) as client:
            await ear.hear("up")
            with pytest.raises(ReplyTimeoutError):
                await client.act("Originate")
            with pytest.raises(ActionRefusedError, match="No such channel"):
                await client.act("Hangup", {"Channel": "PJSIP/lan-1"})
            with pytest.raises(UnsafeValueError):
                await client.act("Originate", {"Exten": "0912\r\nAction: Command"})
            assert not client._pending and client.up_since and not ear.all("down")
            assert not any(action["Action"] == "Command" for action in pbx.actions)

    play(story())


def test_a_wrong_password_is_told_in_the_words_of_the_pbx() -> None:
    async def story() -> None:
        pbx, ear = FakePbx(), Ear()
        async with pbx.listening() as port, linked(pbx, port, QUICK, ear, secret="wrong"):
            assert await ear.hear("down") == "Authentication failed"

    play(story())


def test_the_pause_between_tries_doubles_up_to_a_bound_and_is_spread() -> None:
    def client(chance: float) -> Client:
        async def never() -> Any:
            raise OSError

        return Client(username="", secret="", connect=never, listener=Ear(), jitter=lambda: chance)

    assert [client(1.0).pause(failures) for failures in (1, 2, 3, 10, 10_000)] == [0.5, 1.0, 2.0, 30.0, 30.0]
    assert client(0.0).pause(10) == 15.0


def test_between_tries_it_waits_as_told_and_does_not_hammer() -> None:
    async def story() -> None:
        waits: list[float] = []

        async def refuse() -> Any:
            raise ConnectionRefusedError("nobody there")

        async def sleep(seconds: float) -> None:
            waits.append(seconds)
            if len(waits) == 4:
                raise asyncio.CancelledError

        ear = Ear()
        client = Client(username="", secret="", connect=refuse, listener=ear, sleep=sleep, jitter=lambda: 1.0)
        with suppress(asyncio.CancelledError):
            await client.run()
        assert waits == [0.5, 1.0, 2.0, 4.0]
        assert ear.all("down") == ["nobody there"]

    play(story())
