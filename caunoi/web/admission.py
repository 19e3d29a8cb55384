"""Who gets a thread when there are too few: calls, then the staff, follow links, reports, then browsing (lanes.py says
which is which). Each lane has a share of the threads, a short queue and its patience; within a lane one address after
the other, and beside others none holds more than its part: many requests of one take no turn from another's. Whoever
cannot be let in gets 503 with Retry-After: browsers a page that asks again by itself."""

import asyncio
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import ContextVar
from dataclasses import dataclass
from enum import IntEnum

import prometheus_client

STARVED = 1.0  # seconds after which a lane of which nobody is served gets the next thread
REFUSED = prometheus_client.Counter(
    "caunoi_admission_refused", "Requests for which there was no thread in time", ["lane"]
)


class Lane(IntEnum):
    """In the order in which threads are given."""

    CALLS = 0
    STAFF = 1
    FOLLOW = 2
    REPORTS = 3
    BROWSING = 4


@dataclass(frozen=True, kw_only=True)
class Share:
    """`threads`: the part of all threads that it may hold, `each` what one address may while others are there;
    `places` in its queue; `patience` in seconds."""

    threads: float
    each: float
    places: int
    patience: float


SHARES = {
    Lane.CALLS: Share(threads=1.0, each=1.0, places=128, patience=30.0),
    Lane.STAFF: Share(threads=0.9, each=0.9, places=256, patience=30.0),
    Lane.FOLLOW: Share(threads=0.75, each=0.5, places=128, patience=30.0),
    Lane.REPORTS: Share(threads=0.75, each=0.5, places=128, patience=30.0),
    Lane.BROWSING: Share(threads=0.5, each=0.125, places=64, patience=25.0),
}


class CrowdedError(Exception):
    """No thread became free in time, or too many wait already."""


@dataclass(eq=False)
class Waiting:
    """One request in a queue, since a moment of the loop's clock; whether a standby can answer it."""

    turn: "asyncio.Future[None]"
    since: float
    reads: bool


class Queue:
    """One lane: how many run, and who waits, by address."""

    def __init__(self, most: int, each: int, places: int) -> None:
        self.most, self.each, self.places = most, each, places
        self.running: Counter[str] = Counter()
        self.size = 0
        self.addresses: OrderedDict[str, deque[Waiting]] = OrderedDict()

    def add(self, address: str, one: Waiting) -> None:
        """CrowdedError when it is full, unless somebody else has more in it: then their last one goes."""
        if self.size >= self.places:
            largest = max(self.addresses, key=lambda name: len(self.addresses[name]))
            if len(self.addresses[largest]) <= len(self.addresses.get(address, ())) + 1:
                raise CrowdedError
            last = self.addresses[largest][-1]
            self.remove(largest, last)
            if not last.turn.done():
                last.turn.set_exception(CrowdedError())
        self.addresses.setdefault(address, deque()).append(one)
        self.size += 1

    def remove(self, address: str, one: Waiting) -> None:
        waiting = self.addresses.get(address)
        if waiting is not None and one in waiting:
            waiting.remove(one)
            self.size -= 1
            if not waiting:
                del self.addresses[address]

    def may(self, address: str, alone: str | None, more: int = 0) -> bool:
        """Whether one more of its requests may run, `more` beyond its share; `alone`: the address that holds all
        threads there are held."""
        is_alone = address == alone and self.addresses.keys() <= {address}
        return self.running.total() < self.most + more and (is_alone or self.running[address] < self.each + more)

    def candidate(self, alone: str | None, reserve: int, *, only_reads: bool) -> tuple[str, Waiting] | None:
        """The address whose turn it is, and its first request that may run."""
        for address, waiting in self.addresses.items():
            if not self.may(address, alone, reserve):
                continue
            others = not only_reads and self.may(address, alone)
            if one := next((one for one in waiting if one.reads or others), None):
                return address, one
        return None

    def take(self, address: str, one: Waiting) -> None:
        """Its turn has come; the next is another address's."""
        self.remove(address, one)
        if address in self.addresses:
            self.addresses.move_to_end(address)

    def oldest(self) -> float:
        return min(waiting[0].since for waiting in self.addresses.values())


class Slot:
    """A thread that somebody holds; given back once."""

    def __init__(self, give_back: Callable[[], None]) -> None:
        self._give_back: Callable[[], None] | None = give_back

    def release(self) -> None:
        give_back, self._give_back = self._give_back, None
        if give_back:
            give_back()


class Admission:
    """For `threads` threads; lives in one event loop. `reserve` of them are for what a standby can answer, and beyond
    the shares: all others may wait for a primary that is away."""

    def __init__(self, threads: int, reserve: int = 0) -> None:
        self.threads, self.reserve = threads, reserve
        self.running: Counter[str] = Counter()  # by address
        self.reading = 0  # of those that run
        self.queues = {
            lane: Queue(max(1, round(threads * share.threads)), max(1, round(threads * share.each)), share.places)
            for lane, share in SHARES.items()
        }

    async def slot(self, lane: Lane, address: str, *, reads: bool = False) -> Slot:
        """A thread's slot, when it is one's turn. CrowdedError."""
        queue, loop = self.queues[lane], asyncio.get_running_loop()
        if not queue.size and self._free(reads) and queue.may(address, self._alone(), self.reserve if reads else 0):
            return self._take(lane, address, reads)
        one = Waiting(loop.create_future(), loop.time(), reads)
        try:
            queue.add(address, one)
            self._give()
            async with asyncio.timeout(SHARES[lane].patience):
                await one.turn
        except (TimeoutError, CrowdedError):
            if one.turn.done() and not one.turn.cancelled() and one.turn.exception() is None:
                self._back(lane, address, reads)  # it came at the very moment
            REFUSED.labels(lane.name.lower()).inc()
            raise CrowdedError from None
        except asyncio.CancelledError:
            if one.turn.done() and not one.turn.cancelled() and one.turn.exception() is None:
                self._back(lane, address, reads)
            raise
        finally:
            queue.remove(address, one)
        return Slot(lambda: self._back(lane, address, reads))

    def _take(self, lane: Lane, address: str, reads: bool) -> Slot:
        self.running[address] += 1
        self.reading += reads
        self.queues[lane].running[address] += 1
        return Slot(lambda: self._back(lane, address, reads))

    def _back(self, lane: Lane, address: str, reads: bool) -> None:
        self.running -= Counter([address])
        self.reading -= reads
        self.queues[lane].running -= Counter([address])
        self._give()

    def _free(self, reads: bool) -> bool:
        """Whether there is a thread."""
        running = self.running.total()
        return running < self.threads and (reads or running - self.reading < self.threads - self.reserve)

    def _alone(self) -> str | None:
        """The address that holds every thread that is held."""
        return next(iter(self.running)) if len(self.running) == 1 else None

    def _give(self) -> None:
        """Give free threads to those who wait."""
        while (turn := self._next_turn()) is not None:
            lane, address, one = turn
            self.queues[lane].take(address, one)
            if not one.turn.done():
                self._take(lane, address, one.reads)
                one.turn.set_result(None)

    def _next_turn(self) -> tuple[Lane, str, Waiting] | None:
        if not self._free(reads=True):
            return None
        now, alone, only_reads = asyncio.get_running_loop().time(), self._alone(), not self._free(reads=False)
        eligible = {
            lane: first
            for lane, queue in self.queues.items()
            if queue.size and (first := queue.candidate(alone, self.reserve, only_reads=only_reads)) is not None
        }
        starved = [
            lane for lane in eligible if not self.queues[lane].running and now - self.queues[lane].oldest() > STARVED
        ]
        lane = min(starved, default=min(eligible, default=None), key=lambda lane: self.queues[lane].oldest())
        return None if lane is None else (lane, *eligible[lane])


slot_of_request: ContextVar[Slot | None] = ContextVar("slot_of_request", default=None)


class Threads(ThreadPoolExecutor):
    """The pool of pages. A request's slot is given back when its thread is free, not when its reader has read all: a
    slow reader holds no thread."""

    def submit[**P, T](self, fn: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        future, slot = super().submit(fn, *args, **kwargs), slot_of_request.get()
        if slot is not None:
            loop = asyncio.get_running_loop()
            future.add_done_callback(lambda _: loop.call_soon_threadsafe(slot.release))
        return future


def headers(content_type: str, after: int) -> list[tuple[bytes, bytes]]:
    """Of an answer without a thread."""
    return [
        (b"content-type", content_type.encode()),
        (b"retry-after", b"%d" % after),
        (b"cache-control", b"no-store"),
        (b"x-content-type-options", b"nosniff"),
        (b"content-security-policy", b"default-src 'self'; frame-ancestors 'none'; style-src 'self' 'unsafe-inline'"),
    ]
