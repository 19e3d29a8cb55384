"""A hotline's exchange as the product wants it: trunks, phones, queues, opening hours, what callers hear. Pure;
`files` writes an Asterisk's configuration from it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta

from caunoi.lib.worktime import counting
from caunoi.lib.worktime.daysoff import OutOfRangeError
from caunoi.telephony.speaking import MUTE, Speaking, is_code

EMERGENCY = ("111", "112", "113", "114", "115")
STRATEGIES = ("leastrecent", "rrmemory", "fewestcalls", "random", "linear", "ringall")
A_DAY = 24 * 60
OWN_NAMES = frozenset({"general", "globals", "default", "from-trunk", "hotline", "add-linkedid"})
"""Sections of the files that mean something by themselves."""

type Spans = tuple[tuple[int, int], ...]
"""Spans of one day, in minutes since midnight: half past seven to noon is (450, 720)."""


class PlanError(ValueError):
    """What no exchange could be set up with; its own words."""


@dataclass(frozen=True, kw_only=True)
class Trunk:
    """A line to the telephone company: its name in the exchange, and the address it is known by, `host` or
    `host:port`."""

    name: str
    address: str


@dataclass(frozen=True, kw_only=True)
class Telephone:
    """An operator's telephone, on the desk or in the `browser`. Without a password a desk phone cannot register; that
    of a browser phone is in no file."""

    extension: str
    name: str
    password: str = ""
    browser: bool = False


@dataclass(frozen=True, kw_only=True)
class CallQueue:
    """A queue. `rings`: seconds a phone rings before the next one does."""

    name: str
    strategy: str = "leastrecent"
    rings: int = 15


@dataclass(frozen=True, kw_only=True)
class Hours:
    """When calls are put through: the week from Monday on, and the days that differ from it, as far as `until`."""

    week: tuple[Spans, ...]
    days: Mapping[date, Spans] = field(default_factory=dict, hash=False)
    until: date | None = None

    def spans(self, day: date) -> Spans:
        """The spans of a date."""
        return self.days.get(day, self.week[day.weekday()])


@dataclass(frozen=True, kw_only=True)
class Manager:
    """The product's user of the manager interface. `product`: the address from which the product comes, as the exchange
    sees it."""

    username: str = "caunoi"
    secret: str = ""
    port: int = 5038
    product: str = "127.0.0.1"


@dataclass(frozen=True, kw_only=True)
class Plan:
    """An exchange. `numbers`: as the telephone company dials them in; the first is shown when calling out. `consent`:
    callers are told of the recording first, and by 9 are not recorded. `keeps_place`: who waits may press 1 to be
    called when it is their turn. `survey`: after the operator has hung up the caller is asked for a grade.
    `longest`: seconds until who waits is asked for a message. `skills`: languages and fields for which some operators
    are rung first, for `overflow` seconds; `remembers`: the operator of last time is rung first, where the product says
    who that is. `recordings`: the folder on the exchange."""

    numbers: tuple[str, ...] = ("1022",)
    trunks: tuple[Trunk, ...] = ()
    phones: tuple[Telephone, ...] = ()
    queues: tuple[CallQueue, ...] = (CallQueue(name="tongdai1022"),)
    hours: Hours | None = None
    speaking: Speaking = MUTE
    consent: bool = False
    keeps_place: bool = False
    survey: bool = False
    longest: int = 300
    skills: tuple[str, ...] = ()
    overflow: int = 45
    remembers: bool = False
    manager: Manager = Manager()
    context: str = "from-agents"
    recordings: str = "/var/spool/asterisk/monitor"

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise PlanError(problem)

    def _problems(self) -> Iterator[str]:
        if not self.numbers or not self.queues:
            yield "an exchange needs a number and a queue"
        addresses = [trunk.address for trunk in self.trunks]
        yield from (f"not a number: {number!r}" for number in self.numbers if not number.removeprefix("+").isdigit())
        yield from (f"not an address: {one!r}" for one in addresses if not _is_address(one))
        names = [
            *(phone.extension for phone in self.phones),
            *(queue.name for queue in self.queues),
            *(trunk.name for trunk in self.trunks),
            self.manager.username,
            self.manager.product,
            self.context,
        ]
        yield from (f"not a name that an exchange can have: {name!r}" for name in names if not _is_name(name))
        extensions = [phone.extension for phone in self.phones]
        yield from (f"not a language or field: {code!r}" for code in self.skills if not is_code(code))
        yield from (f"two phones have the extension {one}" for one in extensions if extensions.count(one) > 1)
        yield from (f"{one} is kept for danger to life" for one in extensions if one in EMERGENCY)
        yield from (f"{one} would be dialled outside" for one in extensions if one.startswith("0"))
        yield from (f"not an extension: {one!r}" for one in extensions if not one.isdigit())
        chosen = [*(queue.name for queue in self.queues), self.manager.username, self.context]
        own = {*OWN_NAMES, *(trunk.name for trunk in self.trunks)}
        yield from (f"{one} is a name of the exchange's own" for one in chosen if one in own or "hotline-" in one)
        if any(char in ";\\" or not char.isprintable() for char in self.manager.secret):
            yield "the manager's secret has a character that no file of an exchange can hold (; or \\ or a line's end)"
        yield from (f"no strategy: {queue.strategy!r}" for queue in self.queues if queue.strategy not in STRATEGIES)
        queue_names = {queue.name for queue in self.queues}
        yield from self.speaking.problems(queue_names)


def _is_name(text: str) -> bool:
    """Whether it can stand for itself in every file: letters, digits, and `+`, `-`, `_`, `.` behind the first. What
    begins with `_` is a pattern to a dialplan."""
    is_plain = text.isascii() and all(char.isalnum() or char in "+-_." for char in text)
    return is_plain and text[:1].isalnum()


def _is_address(text: str) -> bool:
    host, colon, port = text.partition(":")
    return _is_name(host) and (not colon or port.isdigit())


def hours_of(calendar: counting.Calendar, since: date) -> Hours | None:
    """A calendar as opening hours; None for one that never closes. Days that differ from their weekday are written out
    for this year and the next, as far as they are known, so that the files do not change with each day."""
    if calendar.round_the_clock:
        return None
    plain = replace(calendar, holidays=None, rows={})
    monday = since - timedelta(days=since.weekday())
    week = tuple(_spans(plain, monday + timedelta(days=number)) for number in range(7))
    days: dict[date, Spans] = {}
    day = date(since.year, 1, 1)
    try:
        while day.year <= since.year + 1:
            spans = _spans(calendar, day)
            if spans != week[day.weekday()]:
                days[day] = spans
            day += timedelta(days=1)
    except OutOfRangeError:
        pass
    return Hours(week=week, days=days, until=day)


def _spans(calendar: counting.Calendar, day: date) -> Spans:
    """The working time of one date, night shifts cut at midnight."""
    midnight = datetime.combine(day, time(), counting.ZONE)
    windows = [*calendar.windows(day - timedelta(days=1)), *calendar.windows(day)]
    return tuple(_joined((_minute(start - midnight), _minute(end - midnight)) for start, end in windows))


def _minute(since_midnight: timedelta) -> int:
    return max(0, min(A_DAY, int(since_midnight.total_seconds() // 60)))


def _joined(spans: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """Those that are not empty, with what touches made one."""
    begun: tuple[int, int] | None = None
    for start, end in spans:
        if start >= end:
            continue
        if begun and start <= begun[1]:
            begun = (begun[0], max(begun[1], end))
            continue
        if begun:
            yield begun
        begun = (start, end)
    if begun:
        yield begun
