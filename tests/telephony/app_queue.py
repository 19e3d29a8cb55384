"""A model of Asterisk's app_queue (20–22), which reads a queues.conf as written: who is offered to whom, and when.

The rules and their order are those of app_queue.c: join_queue and leavewhenempty (get_member_status), wait_our_turn
with its poll of a second and its announcements, which keep a caller from being put through, is_our_turn with autofill,
calc_metric of each strategy with penalties, ring_one, wait_for_answer with a busy phone's successor, rna with
autopause, wrapuptime and shared_lastcall. Times are seconds; app_queue's own clock counts whole ones.
test_app_queue.py checks it against what a real exchange did.
"""

import heapq
import itertools
import random
from collections.abc import Callable, Generator, Mapping
from dataclasses import dataclass, field

RECHECK = 1.0
PLACE_SAID, THANKS_SAID = 4.0, 3.1
"""Seconds that a place in the line and the thanks take to be said; together as recorded (callback_keeps_place)."""
NEVER = float("inf")
WITHIN = 1e-6
DEFAULTS = {
    "strategy": "ringall",
    "autofill": "no",
    "timeout": "15",
    "retry": "5",
    "wrapuptime": "0",
    "ringinuse": "yes",
    "autopause": "no",
    "autopausebusy": "no",
    "autopauseunavail": "no",
    "announce-frequency": "0",
    "min-announce-frequency": "15",
    "announce-position": "yes",
    "maxlen": "0",
    "weight": "0",
    "penaltymemberslimit": "0",
    "shared_lastcall": "no",
}
CONDITIONS: Mapping[str, tuple[str, ...]] = {
    "yes": (),
    "no": ("paused", "penalty", "invalid"),
    "strict": ("inuse", "paused", "penalty", "invalid", "unavailable"),
}
IDLE, BUSY, RINGING, INVALID, UNAVAILABLE = "idle", "inuse", "ringing", "invalid", "unavailable"


class HungUpError(Exception):
    """The caller gave up."""


@dataclass(frozen=True)
class Pick:
    """What a phone does when it rings: `up` is picked up after `after` seconds, else refused then."""

    after: float
    up: bool = True


@dataclass(eq=False)
class Operator:
    """A phone and its owner. `picks(nth ring)`: what becomes of a ring; None: nobody is there. `writes_up`: seconds for
    which the product pauses it after each talk. `device`: as it is when it is not used."""

    name: str
    picks: Callable[[int], Pick | None] = lambda _: Pick(1.0)
    device: str = IDLE
    writes_up: float = 0.0
    state: str = IDLE
    rung: int = 0
    talked: float = 0.0
    places: dict[str, "Place"] = field(default_factory=dict)

    @property
    def status(self) -> str:
        return self.state if self.device == IDLE else self.device


@dataclass(eq=False)
class Place:
    """An operator as a member of a queue."""

    operator: Operator
    queue: "Queue"
    penalty: int = 0
    paused: bool = False
    last_call: int = 0
    last_queue: "Queue | None" = None
    in_call: bool = False
    calls: int = 0
    number: int = 0

    def wrapping_up(self, now: float) -> bool:
        seconds = (self.last_queue or self.queue).number("wrapuptime")
        return bool(seconds and (self.in_call or (self.last_call and int(now) - self.last_call < seconds)))

    def available(self, now: float) -> bool:
        free = self.operator.status == IDLE or (self.queue.on("ringinuse") and self.operator.status in (BUSY, RINGING))
        return free and not self.paused and not self.wrapping_up(now)


@dataclass(eq=False)
class Caller:
    """`patience`: seconds in the queue; `talks`: seconds, once somebody has picked up. `place`: Queue()'s own argument.
    `presses`: after how many seconds the caller presses the key that leads out."""

    number: int
    came: float
    patience: float = NEVER
    talks: float = 60.0
    priority: int = 0
    place: int = 0
    longest: float = NEVER
    max_penalty: int | None = None
    presses: float = NEVER
    status: str = ""
    answered: float | None = None
    left: float | None = None
    by: str = ""
    pending: bool = False
    joined: float = 0.0
    said_at: float = -NEVER
    said: int = 0
    linpos: int = 0
    linwrapped: bool = False

    @property
    def waited(self) -> float:
        return (self.answered if self.answered is not None else self.left or 0.0) - self.joined


@dataclass(frozen=True)
class Happening:
    at: float
    event: str
    caller: int | None = None
    member: str = ""


class Queue:
    """One queue by its section."""

    def __init__(self, exchange: "Exchange", name: str, section: Mapping[str, str]) -> None:
        self.exchange, self.name = exchange, name
        self.settings = {**DEFAULTS, **section}
        self.line: list[Caller] = []
        self.places: list[Place] = []
        self.rrpos, self.wrapped = 0, False

    def number(self, key: str) -> int:
        return int(self.settings[key])

    def on(self, key: str) -> bool:
        return self.settings[key] in ("yes", "true", "on", "1")

    @property
    def strategy(self) -> str:
        return self.settings["strategy"]

    def nobody(self, key: str, caller: Caller) -> bool:
        """Whether nobody counts as there, by the conditions that the setting lists."""
        text = self.settings.get(key, "")
        if not text or (key == "joinempty" and text == "yes") or (key == "leavewhenempty" and text == "no"):
            return False
        if key == "leavewhenempty" and text == "yes":
            text = "no"
        listed = CONDITIONS[text] if text in CONDITIONS else tuple(text.split(","))
        return not any(self._counts(place, listed, caller) for place in self.places)

    def _counts(self, place: Place, listed: tuple[str, ...], caller: Caller) -> bool:
        if place.operator.status in listed or (place.paused and "paused" in listed):
            return False
        if "penalty" in listed and caller.max_penalty is not None and place.penalty > caller.max_penalty:
            return False
        return not ("wrapup" in listed and place.wrapping_up(self.exchange.now))

    def turn(self, caller: Caller) -> bool:
        """Whether somebody may be offered to this caller."""
        free = sum(place.available(self.exchange.now) for place in self.places)
        if not self.on("autofill") or self.strategy == "ringall":
            free = min(free, 1)
        before = itertools.takewhile(lambda one: one is not caller, self.line)
        ahead = sum(not one.pending for one in before)
        return ahead < free and (self.on("autofill") or self.line[0] is caller)

    def enter(self, caller: Caller) -> None:
        """Behind those of the same priority, or at the place that was asked for."""
        at = len(self.line)
        for index, one in enumerate(self.line):
            if caller.priority > one.priority or (
                caller.priority >= one.priority and caller.place and caller.place <= index + 1
            ):
                at = index
                break
        self.line.insert(at, caller)

    def metric(self, place: Place, index: int, caller: Caller) -> int | None:
        """The lower the sooner; None where the penalty is too high for this caller."""
        counts = len(self.places) > self.number("penaltymemberslimit")
        if counts and caller.max_penalty is not None and place.penalty > caller.max_penalty:
            return None
        base = 0
        match self.strategy:
            case "leastrecent":
                base = 1_000_000 - (int(self.exchange.now) - place.last_call) if place.last_call else 0
            case "fewestcalls":
                base = place.calls
            case "random":
                base = self.exchange.chance.randrange(1000)
            case "linear":
                base = index if index >= caller.linpos else 1000 + index
                caller.linwrapped |= index > caller.linpos
            case "rrmemory" | "rrordered":
                base = place.number if place.number >= self.rrpos else 1000 + place.number
                self.wrapped |= place.number > self.rrpos
        return base + place.penalty * 1_000_000 * counts

    def remember(self, caller: Caller, left: list[tuple[int, Place]]) -> None:
        """Where the next round begins, after a ring."""
        best = min(left, key=lambda one: one[0], default=None)
        if self.strategy in ("rrmemory", "rrordered"):
            self.rrpos = best[0] % 1000 if best else 0 if self.wrapped else self.rrpos + 1
            self.wrapped = False
        if self.strategy == "linear":
            caller.linpos = best[0] % 1000 if best else 0 if caller.linwrapped else caller.linpos + 1
            caller.linwrapped = False


type Steps = Generator[float]


class Exchange:
    """The queues of a file, and a clock. `log` has what the manager interface would say."""

    def __init__(self, sections: Mapping[str, Mapping[str, str]], *, seed: int = 1, epoch: float = 1000.0) -> None:
        general = sections.get("general", {})
        self.shared = general.get("shared_lastcall", "no") in ("yes", "true")
        self.now = epoch
        self.chance = random.Random(seed)
        self.queues = {name: Queue(self, name, section) for name, section in sections.items() if name != "general"}
        self.log: list[Happening] = []
        self.operators: dict[str, Operator] = {}
        self._heap: list[tuple[float, int, Callable[[], None]]] = []
        self._count = itertools.count()

    # --- what is set up ---

    def add(self, operator: Operator, queue: str, *, penalty: int = 0, paused: bool = False) -> Place:
        """As QueueAdd does."""
        where = self.queues[queue]
        place = Place(operator, where, penalty=penalty, paused=paused, number=len(where.places))
        where.places.append(place)
        operator.places[queue] = place
        self.operators[operator.name] = operator
        return place

    def pause(self, operator: Operator, paused: bool) -> None:
        """As QueuePause does, in all queues."""
        for place in operator.places.values():
            place.paused = paused
        self._say("QueueMemberPause", member=operator.name)

    def call(self, caller: Caller, queue: str) -> None:
        """Somebody calls, at `caller.came`; from then on as Queue() does."""
        self.at(caller.came, lambda: self._advance(self._queue_exec(caller, self.queues[queue]), caller))

    def at(self, when: float, act: Callable[[], None]) -> None:
        heapq.heappush(self._heap, (max(when, self.now), next(self._count), act))

    def run(self, until: float = NEVER) -> None:
        while self._heap and self._heap[0][0] <= until:
            self.now, _, act = heapq.heappop(self._heap)
            act()

    # --- Queue() ---

    def _say(self, event: str, caller: Caller | None = None, member: str = "") -> None:
        self.log.append(Happening(self.now, event, caller.number if caller else None, member))

    def _advance(self, steps: Steps, caller: Caller, *, hung_up: bool = False) -> None:
        try:
            wait = steps.throw(HungUpError()) if hung_up else next(steps)
        except StopIteration:
            return
        gone = caller.joined + min(caller.patience, caller.presses)
        if self.now + wait >= gone - WITHIN:
            self.at(gone, lambda: self._advance(steps, caller, hung_up=True))
        else:
            self.at(self.now + wait, lambda: self._advance(steps, caller))

    def _queue_exec(self, caller: Caller, queue: Queue) -> Steps:
        caller.joined = self.now
        if queue.nobody("joinempty", caller):
            self._leave(caller, queue, "JOINEMPTY")
            return
        if queue.number("maxlen") and len(queue.line) >= queue.number("maxlen"):
            self._leave(caller, queue, "FULL")
            return
        queue.enter(caller)
        self._say("QueueCallerJoin", caller)
        try:
            yield from self._wait(caller, queue)
        except HungUpError:
            caller.pending = False
            if caller.presses <= caller.patience:
                self._leave(caller, queue, "KEY")
            else:
                self._say("QueueCallerAbandon", caller)
                self._leave(caller, queue, "ABANDON")

    def _leave(self, caller: Caller, queue: Queue, status: str) -> None:
        caller.status, caller.left = status, self.now
        if caller in queue.line:
            queue.line.remove(caller)
            self._say("QueueCallerLeave", caller)

    def _wait(self, caller: Caller, queue: Queue) -> Steps:
        while True:
            yield from self._wait_our_turn(caller, queue)
            if caller.status:
                return
            announces = False
            while True:
                if self._expired(caller):
                    self._say("QueueCallerAbandon", caller)
                    self._leave(caller, queue, "TIMEOUT")
                    return
                if announces:
                    yield from self._say_place(caller, queue)
                announces = True
                yield from self._try_calling(caller, queue)
                if caller.status:
                    return
                if queue.nobody("leavewhenempty", caller):
                    self._say("QueueCallerAbandon", caller)
                    self._leave(caller, queue, "LEAVEEMPTY")
                    return
                if not self._expired(caller):
                    yield queue.number("retry")
                    if not queue.turn(caller):
                        break

    def _expired(self, caller: Caller) -> bool:
        return self.now - caller.joined >= caller.longest

    def _wait_our_turn(self, caller: Caller, queue: Queue) -> Steps:
        while not queue.turn(caller) and not self._expired(caller):
            if queue.nobody("leavewhenempty", caller):
                self._leave(caller, queue, "LEAVEEMPTY")
                return
            yield from self._say_place(caller, queue)
            if self._expired(caller):
                return
            yield RECHECK

    def _say_place(self, caller: Caller, queue: Queue) -> Steps:
        every, least = queue.number("announce-frequency"), queue.number("min-announce-frequency")
        place = queue.line.index(caller) + 1
        since = self.now - caller.said_at
        if not every or since < least or (caller.said == place and since < every):
            return
        caller.said_at, caller.said = self.now, place
        seconds = THANKS_SAID if queue.settings.get("queue-thankyou", "?") else 0.0
        if queue.on("announce-position") and (place > 1 or queue.settings.get("queue-youarenext", "?")):
            seconds += PLACE_SAID
        if seconds:
            yield seconds

    def _try_calling(self, caller: Caller, queue: Queue) -> Steps:
        attempts = [
            (metric, place)
            for index, place in enumerate(queue.places)
            if (metric := queue.metric(place, index, caller)) is not None
        ]
        ringing = self._ring_one(caller, queue, attempts)
        if not ringing:
            return
        caller.pending = True
        begun = self.now
        ends = begun + min(queue.number("timeout"), caller.longest - (self.now - caller.joined))
        try:
            while ringing:
                moment, place, pick = min(ringing, key=lambda one: one[0])
                if moment > ends - WITHIN:
                    yield ends - self.now
                    for _, silent, _ in ringing:
                        self._no_answer(caller, silent, paused=queue.settings["autopause"])
                    break
                yield moment - self.now
                ringing = [one for one in ringing if one[1] is not place]
                if pick.up:
                    self._connect(caller, queue, place)
                    return
                place.operator.state = IDLE
                busy = queue.settings["autopause"] if queue.on("autopausebusy") else "no"
                self._no_answer(caller, place, paused=busy)
                if queue.strategy != "ringall":
                    ringing = self._ring_one(caller, queue, attempts)
        finally:
            for _, silent, _ in ringing:
                silent.operator.state = IDLE
            caller.pending = False
            queue.remember(caller, attempts)

    def _ring_one(
        self, caller: Caller, queue: Queue, attempts: list[tuple[int, Place]]
    ) -> list[tuple[float, Place, Pick]]:
        """Ring the best who can be rung, or with ringall all who are alike; those that were tried are struck out."""
        ringing: list[tuple[float, Place, Pick]] = []
        while attempts and not ringing:
            best = min(attempts, key=lambda one: one[0])
            alike = [one for one in attempts if one[0] <= best[0]] if queue.strategy == "ringall" else [best]
            for one in alike:
                attempts.remove(one)
                if one[1].available(self.now):
                    ringing.append(self._ring(caller, one[1]))
        return ringing

    def _ring(self, caller: Caller, place: Place) -> tuple[float, Place, Pick]:
        operator = place.operator
        operator.state = RINGING
        operator.rung += 1
        pick = operator.picks(operator.rung) or Pick(NEVER)
        self._say("AgentCalled", caller, operator.name)
        return self.now + pick.after, place, pick

    def _no_answer(self, caller: Caller, place: Place, *, paused: str) -> None:
        place.operator.state = IDLE
        self._say("AgentRingNoAnswer", caller, place.operator.name)
        if paused == "all":
            self.pause(place.operator, True)
        elif paused in ("yes", "on"):
            place.paused = True
            self._say("QueueMemberPause", member=place.operator.name)

    def _connect(self, caller: Caller, queue: Queue, place: Place) -> None:
        operator = place.operator
        operator.state = BUSY
        place.in_call = True
        caller.answered, caller.by = self.now, operator.name
        self._leave(caller, queue, "ANSWERED")
        self._say("AgentConnect", caller, operator.name)
        self.at(self.now + caller.talks, lambda: self._complete(caller, place))

    def _complete(self, caller: Caller, place: Place) -> None:
        operator = place.operator
        operator.state = IDLE
        operator.talked += caller.talks
        for one in operator.places.values() if self.shared else [place]:
            one.last_call, one.last_queue, one.in_call = int(self.now), place.queue, False
            one.calls += 1
        self._say("AgentComplete", caller, operator.name)
        if operator.writes_up:
            self.at(self.now + 0.1, lambda: self.pause(operator, True))
            self.at(self.now + operator.writes_up, lambda: self.pause(operator, False))
