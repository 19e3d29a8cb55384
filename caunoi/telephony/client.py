"""A live connection to Asterisk's manager interface: asked for, kept up, and never a place where actions wait.

`run()` connects, signs in, waits for FullyBooted, takes a snapshot, then pings, until the link fails; then it backs off
and starts again. While the link is down every action raises Disconnected at once: a late click-to-call would ring
minutes later, so no action is ever kept.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Protocol

from .ami import Packet, Reader, encode
from .members import open_calls

READ_SIZE = 1 << 16


class DisconnectedError(ConnectionError):
    """There is no link to the PBX, or it broke before the answer; the action was not kept."""


class ActionRefusedError(RuntimeError):
    """The PBX answered an action with an error; its own words."""


class ReplyTimeoutError(TimeoutError):
    """The PBX did not answer in time. The link is kept; whether the action was carried out is unknown."""


class ByteReader(Protocol):
    async def read(self, n: int = -1, /) -> bytes: ...


class ByteWriter(Protocol):
    def write(self, data: bytes, /) -> None: ...
    async def drain(self) -> None: ...
    def close(self) -> None: ...


Connect = Callable[[], Awaitable[tuple[ByteReader, ByteWriter]]]


@dataclass(frozen=True, kw_only=True)
class Timing:
    """Seconds. A frozen PBX is noticed after at most `ping_every + ping_deadline`, which stays under 10."""

    connect: float = 5.0
    action: float = 5.0
    booted: float = 60.0
    ping_every: float = 5.0
    ping_deadline: float = 4.0
    back_off: float = 0.5
    longest_back_off: float = 30.0


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What the PBX had when the link came up: `members` (QueueMember), `waiting` (QueueEntry) and `channels`
    (CoreShowChannel), as packets.

    `seen_ids`: the calls that sent events while the lists were read; they may be younger than the lists.
    """

    at: datetime
    members: tuple[Packet, ...]
    channels: tuple[Packet, ...]
    seen_ids: frozenset[str]
    waiting: tuple[Packet, ...] = ()

    @property
    def calls(self) -> frozenset[str]:
        """The ids of the calls that the PBX has; what is open here and not among them has ended unseen."""
        return open_calls(self.channels) | self.seen_ids


class Listener(Protocol):
    """Receives the AMI stream. Called in the order of the stream; must not block."""

    def event(self, packet: Packet, received_at: datetime) -> None: ...
    def up(self, snapshot: Snapshot) -> None: ...
    def down(self, reason: str, since: datetime) -> None: ...


@dataclass(kw_only=True)
class _Pending:
    answer: asyncio.Future[list[Packet]]
    listing: bool
    packets: list[Packet] = field(default_factory=list)


class Client:
    """One link. `up_since` or `down_since` is set, never both; neither before the first attempt has ended."""

    def __init__(
        self,
        *,
        username: str,
        secret: str,
        connect: Connect,
        listener: Listener,
        timing: Timing | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        jitter: Callable[[], float] = random.random,
    ):
        self.up_since: datetime | None = None
        self.down_since: datetime | None = None
        self._login = {"Username": username, "Secret": secret, "Events": "on"}
        self._connect = connect
        self._listener = listener
        self._timing = timing or Timing()
        self._now = now
        self._sleep = sleep
        self._jitter = jitter
        self._writer: ByteWriter | None = None
        self._pending: dict[str, _Pending] = {}
        self._seen_ids: set[str] = set()
        self._booted = asyncio.Event()
        self._count = 0

    async def run(self) -> None:
        """Keep the link up until cancelled."""
        failures = 0
        while True:
            try:
                await self._live()
            except (OSError, EOFError, ActionRefusedError, TimeoutError) as error:
                failures = 1 if self.up_since else failures + 1
                self._fell(str(error) or type(error).__name__)
            await self._sleep(self.pause(failures))

    def pause(self, failures: int) -> float:
        """Seconds before the next try: doubling, at most `longest_back_off`, spread over its upper half by chance."""
        full = min(self._timing.longest_back_off, self._timing.back_off * 2.0 ** min(failures - 1, 16))
        return full * (0.5 + 0.5 * self._jitter())

    async def act(self, action: str, fields: Mapping[str, str | Iterable[str]] | None = None) -> Packet:
        """Do one action and give the PBX's answer. Raises DisconnectedError, ActionRefusedError, ReplyTimeoutError or
        ami.UnsafeValueError; never waits for a link."""
        if not self.up_since:
            raise DisconnectedError("no link to the PBX")
        return (await self._ask(action, fields, deadline=self._timing.action, listing=False))[0]

    async def _list(self, action: str, fields: Mapping[str, str | Iterable[str]] | None = None) -> tuple[Packet, ...]:
        return tuple((await self._ask(action, fields, deadline=self._timing.action, listing=True))[1:])

    async def _live(self) -> None:
        async with asyncio.timeout(self._timing.connect):
            reader, self._writer = await self._connect()
        self._booted.clear()
        self._seen_ids.clear()
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._read(reader))
                tasks.create_task(self._converse())
        except* (OSError, EOFError, ActionRefusedError, TimeoutError) as group:
            raise _first(group) from None
        finally:
            self._writer.close()
            self._writer = None
            self._abandon()

    async def _read(self, reader: ByteReader) -> None:
        wire = Reader()
        while data := await reader.read(READ_SIZE):
            for packet in wire.feed(data):
                self._take(packet)
        raise EOFError("the PBX closed the connection")

    async def _converse(self) -> None:
        """Sign in, wait until the PBX has booted, look around, then ping for as long as it answers."""
        timing = self._timing
        await self._ask("Login", self._login, deadline=timing.action, listing=False)
        async with asyncio.timeout(timing.booted):
            await self._booted.wait()
        at = self._now()
        queues = await self._list("QueueStatus")
        channels = await self._list("CoreShowChannels")
        self.up_since, self.down_since = at, None
        members = tuple(packet for packet in queues if packet["Event"] == "QueueMember")
        waiting = tuple(packet for packet in queues if packet["Event"] == "QueueEntry")
        seen_ids = frozenset(self._seen_ids)
        self._listener.up(Snapshot(at=at, members=members, channels=channels, seen_ids=seen_ids, waiting=waiting))
        while True:
            await self._sleep(timing.ping_every)
            await self._ask("Ping", deadline=timing.ping_deadline, listing=False)

    async def _ask(
        self,
        action: str,
        fields: Mapping[str, str | Iterable[str]] | None = None,
        *,
        deadline: float,
        listing: bool,
    ) -> list[Packet]:
        if self._writer is None:
            raise DisconnectedError("no link to the PBX")
        self._count += 1
        action_id = f"caunoi-{self._count}"
        data = encode(action, {"ActionID": action_id, **(fields or {})})
        pending = _Pending(answer=asyncio.get_running_loop().create_future(), listing=listing)
        self._pending[action_id] = pending
        try:
            async with asyncio.timeout(deadline):
                self._writer.write(data)
                await self._writer.drain()
                return await pending.answer
        except TimeoutError:
            raise ReplyTimeoutError(f"{action}: no answer within {deadline:g} s") from None
        finally:
            del self._pending[action_id]

    def _take(self, packet: Packet) -> None:
        pending = self._pending.get(packet["ActionID"])
        if "Response" in packet and "Event" not in packet:
            if pending and not pending.answer.done():
                self._answered(pending, packet)
            return
        if pending and pending.listing and not pending.answer.done():
            if packet["EventList"].lower() == "complete":
                pending.answer.set_result(pending.packets)
            else:
                pending.packets.append(packet)
            return
        if packet["Event"] == "FullyBooted":
            self._booted.set()
        if not self.up_since and (call_id := packet["Linkedid"]):
            self._seen_ids.add(call_id)
        self._listener.event(packet, self._now())

    @staticmethod
    def _answered(pending: _Pending, packet: Packet) -> None:
        if packet["Response"].lower() == "error":
            pending.answer.set_exception(ActionRefusedError(packet["Message"] or "refused"))
            return
        pending.packets.append(packet)
        if not pending.listing or packet["EventList"].lower() != "start":
            pending.answer.set_result(pending.packets)

    def _abandon(self) -> None:
        for pending in self._pending.values():
            if not pending.answer.done():
                pending.answer.set_exception(DisconnectedError("the link broke before the answer"))

    def _fell(self, reason: str) -> None:
        since = self._now()
        if self.down_since is None:
            self.up_since, self.down_since = None, since
            with suppress(Exception):
                self._listener.down(reason, since)


def _first(group: BaseExceptionGroup[Exception]) -> Exception:
    """The first plain error of a group; the tasks fail together, and one reason is enough."""
    error: BaseException = group
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    assert isinstance(error, Exception)
    return error
