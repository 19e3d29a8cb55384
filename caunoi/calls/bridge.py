"""The bridge: one process that holds the links to the Asterisks, stores what they report and passes on what the desk
asks for. Of several, on several hosts, one works, by a lease; the others wait to take over.

It remembers nothing that matters: what it heard since the last writing is joined with the rows (telephony.facts), so a
bridge that was killed in the middle of a call goes on with it, and a repeated report changes nothing. While the
database is away, reports wait here and are joined later. While the PBX is away, nothing waits for it.
"""

import asyncio
import logging
from collections.abc import Callable, Coroutine, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import DatabaseError, InterfaceError, OperationalError, close_old_connections, connections

from caunoi.calls import actions, queries
from caunoi.calls.models import BrowserPhone, CallCommand, Dial
from caunoi.calls.operators import AUTO_PAUSE, Step, rung_in_vain, steps
from caunoi.calls.pbx import Ami
from caunoi.conversations.models import Inbox
from caunoi.jobs import away, leases
from caunoi.jobs.attempts import attempts
from caunoi.jobs.leases import Claim
from caunoi.jobs.queue import closing
from caunoi.telephony import commands, missed, presence
from caunoi.telephony.ami import Packet, UnsafeValueError
from caunoi.telephony.asterisk import translate
from caunoi.telephony.browser_phone import order
from caunoi.telephony.calls import Call, reduce
from caunoi.telephony.client import (
    ActionRefusedError,
    Client,
    DisconnectedError,
    ReplyTimeoutError,
    Snapshot,
    Timing,
)
from caunoi.telephony.events import MemberSeen, Transferred
from caunoi.telephony.facts import join
from caunoi.telephony.members import member_of
from caunoi.telephony.names import national
from caunoi.telephony.skills import is_written

log = logging.getLogger(__name__)
AWAY = 1.0  # seconds until the database is tried again
LIFE = 10.0  # seconds between signs of life
DRILL = "a drill"
MOMENT = 0.05  # seconds, by which a timer may be early
SECONDS_TO_RING = 30
ASKED_AGAIN = 60.0  # seconds until a queue is asked for that the exchange did not have


class Line:
    """One Asterisk: its link, and its inbox's rows. The listener's calls come from the client and return at once; all
    else happens in `run`, one thing after another."""

    def __init__(
        self, box: Inbox, ami: Ami, *, timing: Timing | None = None, ours: Callable[[], bool] = lambda: True
    ) -> None:
        self.box, self.ami, self.ours = box, ami, ours
        self.client = Client(
            username=ami.username,
            secret=ami.secret,
            connect=lambda: asyncio.open_connection(ami.host, ami.port),
            listener=self,
            timing=timing,
        )
        self.pending_calls: dict[str, Call] = {}
        self.outcomes: list[tuple[CallCommand, str, bool]] = []  # of commands: the trouble, and whether it was done
        self.desks: dict[str, presence.Desk] = {}
        self.snapshot: Snapshot | None = None
        self.fell: tuple[str, datetime] | None = None
        self.requested: set[str] = set()
        self.refused: set[tuple[str, ...]] = set()
        self.reached: dict[str, bool] = {}
        self.events, self.lag = 0, 0.0
        self.ending = "the bridge was stopped"
        self._row_up: bool | None = None  # what the row says of this link; None while it is of the bridge before
        self._since_link: set[str] = set()
        self._there: dict[str, tuple[bool, float]] = {}  # queues of skills and operators, and when it was asked
        self._return: asyncio.TimerHandle | None = None
        self._wake = asyncio.Event()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="bridge")

    # --- what the client tells ---

    def event(self, packet: Packet, received_at: datetime) -> None:
        for event in translate(packet, received_at, self.ami.dialplan):
            self.events, self.lag = self.events + 1, max(0.0, (received_at - event.at).total_seconds())
            if isinstance(event, MemberSeen):
                self._see(replace(event, at=received_at))
                if event.reason == AUTO_PAUSE or self.reached != presence.reached(self.desks.values()):
                    self.requested.add("presence")
            else:
                self.pending_calls[event.call_id] = reduce(self.pending_calls.get(event.call_id), event)
                self._since_link.add(event.call_id)
        self._wake.set()

    def up(self, snapshot: Snapshot) -> None:
        self.snapshot, self.fell = snapshot, None
        since, self.desks = self.desks, presence.fold(member_of(packet, snapshot.at) for packet in snapshot.members)
        for desk in since.values():  # while the list was on its way
            for place in desk.places.values():
                self._see(place)
        self.refused.clear()
        self._there.clear()
        self.requested |= {"presence", "dial", "command", "phone"}
        self._wake.set()

    def down(self, reason: str, since: datetime) -> None:
        self.fell, self.snapshot = (reason, since), None
        self._since_link.clear()
        self.desks = {}
        self._wake.set()

    def _see(self, place: MemberSeen) -> None:
        """The exchange tells of places one after the other, and its clock may be another than ours: what came last is
        so. What it refused there it may do now."""
        desk = self.desks.get(place.interface) or presence.Desk(interface=place.interface)
        self.desks[place.interface] = replace(desk, places={**desk.places, place.queue: place})
        self.refused = {key for key in self.refused if place.interface not in key}

    def ask(self, what: str) -> None:
        """The desk asks for something: `dial`, `command`, `phone` or `presence`."""
        self.requested.add(what)
        self._wake.set()

    # --- what is done about it ---

    async def run(self) -> None:
        """Hold the link and keep the rows until cancelled; what has been received is written before it ends."""
        link = asyncio.create_task(self.client.run())
        living = asyncio.create_task(self._live())
        try:
            while True:
                await self._wake.wait()
                self._wake.clear()
                if not self.ours():  # it is not sure: what is heard meanwhile is kept
                    await asyncio.sleep(AWAY)
                    self._wake.set()
                    continue
                try:
                    await self._work()
                    continue
                except (OperationalError, InterfaceError) as error:
                    log.warning("bridge: database away, trying again: %s", error)
                except Exception:
                    log.exception("bridge: what cannot be done is tried again")
                await asyncio.sleep(AWAY)
                self._wake.set()
        finally:
            for task in (link, living):
                task.cancel()
            with suppress(asyncio.CancelledError):
                await asyncio.gather(link, living, return_exceptions=True)
            self.fell = (self.ending, datetime.now(UTC))
            if self.ours():  # else another one is at it
                with suppress(DatabaseError, InterfaceError):
                    await self._work()
            await self._rows(connections.close_all)
            self._thread.shutdown(wait=False)

    async def _live(self) -> None:
        while True:
            await asyncio.sleep(LIFE)
            self.ask("life")

    async def _work(self) -> None:
        """Do everything there is to do now; what fails stays to be done."""
        if self.pending_calls:
            await self._write()
        await self._settle()
        if snapshot := self.snapshot:
            await self._resume(snapshot)
            self.snapshot = None if self.snapshot is snapshot else self.snapshot
        if fell := self.fell:
            await self._rows(actions.down, self.box, fell[1], fell[0], ours=self._row_up is True)
            self._row_up = False
            self.fell = None if self.fell is fell else self.fell
        if "life" in self.requested and self._row_up is not None:  # else it hides since when nobody has listened
            events = self.events
            await self._rows(actions.alive, self.box, events=events, lag=self.lag if events else None)
            self.events -= events
        if self.client.up_since and self.requested & {"presence", "life"}:
            self.requested.discard("presence")
            await self._assert_presence()
        if self.client.up_since and self.requested & {"dial", "life"}:
            self.requested.discard("dial")
            for dial in await self._rows(actions.take_dials, self.box):
                await self._dial(dial)
        if self.client.up_since and self.requested & {"command", "life"}:
            self.requested.discard("command")
            for row in await self._rows(actions.take_commands, self.box):
                await self._steer(row)
            await self._settle()
        if self.client.up_since and self.requested & {"phone", "life"}:
            self.requested.discard("phone")
            for phone in await self._rows(queries.phones_to_tell, self.box):
                await self._tell(phone)
        self.requested.discard("life")

    async def _write(self) -> None:
        calls, self.pending_calls = self.pending_calls, {}
        try:
            await self._rows(_absorb, self.box, calls)
        except (OperationalError, InterfaceError):
            for call_id, call in calls.items():
                later = self.pending_calls.get(call_id)
                self.pending_calls[call_id] = join(call, later) if later else call
            raise

    async def _resume(self, snapshot: Snapshot) -> None:
        """After a gap: calls that the PBX no longer has ended unseen, calls that it has and we do not began unseen."""
        there = snapshot.calls | self._since_link
        await self._rows(actions.lose, self.box, there, snapshot.at)
        begun = await self._rows(queries.begun_ids, self.box, there)
        calls: dict[str, Call] = {}
        for event in missed.events(snapshot, begun, self.ami.dialplan):
            calls[event.call_id] = reduce(calls.get(event.call_id), event)
        await self._rows(_absorb, self.box, calls)
        await self._rows(actions.up, self.box, snapshot.at)
        self._row_up = True
        self._since_link.clear()

    async def _assert_presence(self) -> None:
        """The app is the truth about who serves: say it to the PBX wherever that has it otherwise. Two things the PBX
        knows better: which phone rang in vain, and which it cannot reach."""
        for place in (missed := list(rung_in_vain(self.desks.values()))):
            await self._rows(actions.miss_ring, place.member, at=place.at)
        self.reached = presence.reached(self.desks.values())
        await self._rows(actions.note_reach, self.box, self.reached)
        await self._rows(actions.end_after_calls)
        on_duty = await self._rows(queries.operators)
        self._return_at(min((one.ends for one in on_duty if one.ends), default=None))
        former = await self._rows(queries.served, self.box)
        there = await self._written({queue for one in on_duty for queue in one.places(self.ami) if is_written(queue)})
        if any(place not in missed for place in rung_in_vain(self.desks.values())):
            self.ask("presence")  # it rang in vain only now: what we know of them is older
            return
        done = await self.act(steps(on_duty, self.desks, self.ami, former=former, there=there))
        if done and former != self.ami.queues:
            await self._rows(actions.serve, self.box, self.ami.queues)

    async def _written(self, queues: Iterable[str]) -> set[str]:
        """Those of these queues that the exchange has; of the others it is asked again now and then."""
        now = asyncio.get_running_loop().time()
        for queue in sorted(queues):
            there, since = self._there.get(queue, (False, -ASKED_AGAIN))
            if there or now - since < ASKED_AGAIN:
                continue
            with suppress(DisconnectedError, ActionRefusedError, ReplyTimeoutError, UnsafeValueError):
                answer = await self.client.act("Getvar", {"Variable": f"QUEUE_EXISTS({queue})"})
                self._there[queue] = (answer["Value"] == "1", now)
        return {queue for queue, (there, _) in self._there.items() if there}

    def _return_at(self, moment: datetime | None) -> None:
        """Look again when the first break ends by itself."""
        if self._return:
            self._return.cancel()
        if moment:
            left = (moment - datetime.now(UTC)).total_seconds()
            self._return = asyncio.get_running_loop().call_later(max(left, 0) + MOMENT, self.ask, "presence")

    async def act(self, steps: Iterable[Step]) -> bool:
        """Carry out the steps at the queues; False where the link broke on the way. A step that the PBX refused is not
        repeated until it has changed or the link is new."""
        keys: set[tuple[str, ...]] = set()
        for step in steps:
            key = (step.action, *step.fields.values())
            keys.add(key)
            if key in self.refused:
                continue
            try:
                await self.client.act(step.action, step.fields)
            except DisconnectedError:
                return False  # the next snapshot begins anew
            except (ActionRefusedError, ReplyTimeoutError, UnsafeValueError) as error:
                if not isinstance(error, ReplyTimeoutError):
                    self.refused.add(key)
                log.warning("bridge: %s of %s: %s", step.action, step.fields.get("Interface"), error)
        self.refused &= keys
        return True

    async def _dial(self, dial: Dial) -> None:
        fields = {
            "Channel": self.ami.phone(dial.extension),
            "Context": self.ami.context,
            "Exten": national(dial.number),
            "Priority": "1",
            "Timeout": str(SECONDS_TO_RING * 1000),
            "Async": "true",
            "ChannelId": dial.call_id,
            **({"CallerID": self.ami.caller} if self.ami.caller else {}),
        }
        try:
            await self.client.act("Originate", fields)
        except (DisconnectedError, ActionRefusedError, ReplyTimeoutError, UnsafeValueError) as error:
            await self._rows(actions.dial_failed, dial, str(error))
        else:
            await self._rows(actions.dial_sent, dial)

    async def _steer(self, row: CallCommand) -> None:
        """Do with a call what somebody asked for. Where its beginning fails, the rest is left undone; whom it has led
        somewhere by then stays there, and so the command counts as done. While the database is away nobody knows how
        the call stands: it is not done, and the next one has its turn."""
        moved, trouble = False, ""
        try:
            await self._settle()  # how a call stands follows from what was done with it
            order, stands, ends = await self._rows(_steering, row, self.ami)
            for place in commands.needs(order, stands, ends):
                await self._has(*place)
            for action in commands.actions(order, stands, ends):
                try:
                    await self.client.act(action.name, action.fields)
                    moved = moved or action.name == "Redirect"
                except ActionRefusedError:
                    if action.needed:
                        raise
        except commands.CommandError as error:
            trouble = error.code
        except (DisconnectedError, ActionRefusedError, ReplyTimeoutError, UnsafeValueError) as error:
            trouble = str(error)
        except (OperationalError, InterfaceError) as error:
            log.warning("bridge: database away, a command is not done: %s", error)
            trouble = "late"
        else:
            if order.kind in commands.HANDING_OVER and stands.room:  # a room's leg that is led on tells of no transfer
                transfer = Transferred(call_id=ends.call_id, at=datetime.now(UTC), to=order.number or None)
                self.pending_calls[ends.call_id] = reduce(self.pending_calls.get(ends.call_id), transfer)
                self._wake.set()
        self.outcomes.append((row, trouble, moved or not trouble))
        with suppress(OperationalError, InterfaceError):
            await self._settle()

    async def _settle(self) -> None:
        """Write down what became of commands; what cannot be written now is kept until it can."""
        while self.outcomes:
            row, trouble, done = self.outcomes[0]
            try:
                await self._rows(actions.command_done if done else actions.command_failed, row, trouble)
            except Exception as error:
                if away.passing(error):
                    raise
                log.error("bridge: what became of command %s cannot be written", row.pk, exc_info=error)
            del self.outcomes[0]

    async def _has(self, context: str, extension: str) -> None:
        """Whoever is led where the dialplan has nothing is cut off. CommandError."""
        question = f"DIALPLAN_EXISTS({context},{extension},1)"
        if (await self.client.act("Getvar", {"Variable": question}))["Value"] == "0":
            raise commands.CommandError("no_room")

    async def _tell(self, phone: BrowserPhone) -> None:
        """Have the exchange write down a browser phone's new password."""
        mark = f"phone-{phone.pk}-{phone.digest[:8]}"
        try:
            await self.client.act("Originate", order(phone.extension, phone.digest, mark))
        except (DisconnectedError, ActionRefusedError, ReplyTimeoutError, UnsafeValueError) as error:
            await self._rows(actions.phone_failed, phone, str(error))
        else:
            await self._rows(actions.phone_known, phone)

    async def _rows[**P, T](self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do something with the database in the line's own thread."""

        def work() -> T:
            close_old_connections()
            return function(*args, **kwargs)

        return await asyncio.get_running_loop().run_in_executor(self._thread, work)


def _steering(row: CallCommand, ami: Ami) -> tuple[commands.Order, commands.Standing, commands.Ends]:
    return queries.order(row, ami), queries.standing(row.call), queries.ends(row)


def _absorb(box: Inbox, calls: Mapping[str, Call]) -> None:
    """One call that no row can hold does not keep the others out."""

    def fail(one: tuple[str, Call], error: Exception) -> None:
        if away.passing(error):
            raise error
        log.error("bridge: a call cannot be written: %.80r", one[0], exc_info=error)

    for attempt in attempts(list(calls.items()), fail):
        with attempt as part:
            actions.absorb(box, [call for _, call in part])


type Listen = Callable[[Callable[[str], None]], Coroutine[Any, Any, None]]


async def hold(stop: asyncio.Event, listen: Listen) -> None:
    """Hold the lines of all inboxes until told to stop, for as long as no other bridge does. `listen(tell)` hears what
    the desk asks for."""
    claim, thread = Claim("bridge"), ThreadPoolExecutor(1, thread_name_prefix="lease")

    async def rows[T](act: Callable[[], T]) -> T:
        def work() -> T:
            close_old_connections()
            return act()

        return await asyncio.get_running_loop().run_in_executor(thread, work)

    try:
        while not stop.is_set():
            if await _take(rows, claim):
                lost = asyncio.Event()
                renewing = asyncio.create_task(_renew(rows, claim, lost))
                try:
                    await _work(stop, lost, listen, claim)
                finally:
                    renewing.cancel()
            await _pause(leases.RENEWED, stop)
    finally:
        if claim.valid:
            with suppress(DatabaseError, InterfaceError):
                await rows(claim.release)
        await rows(connections.close_all)
        thread.shutdown(wait=False)


async def _take(rows: Callable[[Callable[[], bool]], Coroutine[Any, Any, bool]], claim: Claim) -> bool | None:
    """Whether the lease is ours; None where the database does not say."""
    try:
        return await rows(claim.take)
    except (DatabaseError, InterfaceError) as error:
        log.warning("bridge: database away (%s)", type(error).__name__)
        return None


async def _renew(
    rows: Callable[[Callable[[], bool]], Coroutine[Any, Any, bool]], claim: Claim, lost: asyncio.Event
) -> None:
    """Keep the lease. While the database is away it is nobody else's, and the links stay."""
    try:
        while True:
            await asyncio.sleep(leases.RENEWED)
            if await _take(rows, claim) is False:
                log.warning("bridge: another host has taken over")
                return
    finally:
        lost.set()  # who cannot renew it lets go, for whatever reason


async def _work(stop: asyncio.Event, lost: asyncio.Event, listen: Listen, claim: Claim) -> None:
    """Hold the lines as they are set up, which is read again now and then, until told to stop or another bridge does
    it."""
    lines: dict[int, tuple[Line, asyncio.Task[None]]] = {}

    def tell(what: str) -> None:
        for line, _ in lines.values():
            line.ask(what)

    listening = asyncio.create_task(listen(tell))
    try:
        while not stop.is_set() and not lost.is_set():
            if claim.valid:
                with suppress(OperationalError, InterfaceError):
                    await _match(lines, claim)
                    await asyncio.to_thread(closing(actions.miss_unattended))
                    await asyncio.to_thread(closing(actions.end_after_calls))
                    await asyncio.to_thread(closing(actions.close_forsaken))
            await _pause(LIFE, stop, lost)
    finally:
        listening.cancel()
        for _, task in lines.values():
            task.cancel()
        await asyncio.gather(*(task for _, task in lines.values()), return_exceptions=True)


async def _pause(seconds: float, *ends: asyncio.Event) -> None:
    """So long, or until one of these happens."""
    waiting = [asyncio.create_task(one.wait()) for one in ends]
    await asyncio.wait(waiting, timeout=seconds, return_when=asyncio.FIRST_COMPLETED)
    for one in waiting:
        one.cancel()


async def _match(lines: dict[int, tuple[Line, asyncio.Task[None]]], claim: Claim) -> None:
    """Start, stop or restart lines as the settings require. Of a drill's exchange no line is held, and its queues keep
    their operators."""
    asterisks = {box.pk: (box, ami) for box, ami in await asyncio.to_thread(closing(queries.asterisks))}
    drilled = await asyncio.to_thread(closing(queries.drilled))
    for pk, (line, task) in list(lines.items()):
        if pk in asterisks and asterisks[pk][1] == line.ami and not task.done() and pk not in drilled:
            continue
        line.ending = DRILL if pk in drilled else line.ending
        if task.done() and not task.cancelled() and (error := task.exception()):
            log.error("bridge: a line broke and begins anew", exc_info=error)
        if pk not in asterisks or (asterisks[pk][1].host, asterisks[pk][1].port) != (line.ami.host, line.ami.port):
            await line.act(steps((), line.desks, line.ami))  # no longer ours to fill
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        del lines[pk]
    for pk, (box, ami) in asterisks.items():
        if pk not in lines and pk not in drilled:
            line = Line(box, ami, ours=lambda: claim.valid)
            lines[pk] = (line, asyncio.create_task(line.run()))
