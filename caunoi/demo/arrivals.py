"""When and with what people come to the demo's hotline: a year up to its last day, shaped like the source's province.

Bình Phước had 9 tickets a day, a quarter of them about procedures, and seven of ten by telephone. Ours has working
weeks, rush hours, a holiday lull, a rainy season and one day of flood, and ends with what lies open on the desk right
now."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from itertools import count
from random import Random

from caunoi.demo.hours import VIETNAM, works
from caunoi.demo.matters import Matter, Refusal, matters, refusals
from caunoi.demo.places import Map, Place

YEAR = 365
WEEK = (1.25, 1.2, 1.1, 1.05, 1.05, 0.65, 0.5)  # Monday first
MONTHS = (0.9, 0.75, 0.95, 1.0, 1.05, 1.1, 1.15, 1.15, 1.15, 1.1, 1.0, 0.95)  # rain brings reports, Tết keeps them away
HOURS = (1, 1, 0.5, 0.5, 0.5, 2, 5, 11, 16, 15, 12, 7, 5, 9, 13, 12, 10, 8, 7, 8, 8, 6, 5, 2)
CHANNELS = {
    "phone": 70,
    "web": 9,
    "zalo": 9,
    "facebook": 4,
    "email": 3,
    "app": 3.2,
    "counter": 1.2,
    "sms": 0.4,
    "paper": 0.5,
}
QUESTIONS = 0.27  # about procedures
REFUSED, REPEATED, REPEATED_IN_FLOOD = 0.055, 0.03, 0.12
FLOOD, STORM = 0.06, (15, 22)  # share of the year's reports, hours


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """Something that somebody reports. `again` = a repetition of an earlier one. `must` names what happens in its
    history (ask, wrong, extension, reopen); `stop` the last move made so far (`new` = none); `pace` the share of its
    time used."""

    number: int
    at: datetime
    channel: str
    place: Place
    matter: Matter | None = None
    refusal: Refusal | None = None
    again: "Arrival | None" = None
    must: frozenset[str] = field(default_factory=frozenset)
    stop: str = ""
    pace: float | None = None

    @property
    def random(self) -> Random:
        """The dice of this arrival alone, so that no history depends on another."""
        return Random(f"{self.number} {self.at.isoformat()}")


def flood_day(day: date) -> date:
    """The last day in the rains that lies at least three weeks back."""
    back = day - timedelta(days=21)
    while not 6 <= back.month <= 10:
        back -= timedelta(days=1)
    return back


def arrivals(day: date, until: datetime, size: int, map: Map) -> list[Arrival]:
    """About `size` arrivals of the year that ends with `day`, none after `until`, oldest first; always the same
    ones."""
    r, numbers = Random(day.isoformat()), count(1)
    on_desk = list(_on_the_desk(until, map, numbers, r))
    flood = round(size * FLOOD)
    days = [day - timedelta(days=back) for back in range(YEAR - 1, -1, -1)]
    weights = [_weight(d, (day - d).days) for d in days]
    scale = max(0, size - flood - len(on_desk)) / sum(weights)
    usual: list[Arrival] = []
    for d, weight in zip(days, weights, strict=True):
        for _ in range(int(weight * scale + r.random())):
            usual.append(_usual(next(numbers), d, map, r, usual))
    wet: list[Arrival] = []
    for _ in range(flood):
        wet.append(_flooded(next(numbers), flood_day(day), map, r, wet))
    return sorted((a for a in usual + wet + on_desk if a.at <= until), key=lambda a: (a.at, a.number))


def _weight(day: date, back: int) -> float:
    holiday = 0.45 if day.weekday() < 5 and not works(day) else 1.0
    lately = 1.8 if back < 12 else 1.0 - 0.3 * back / YEAR
    return WEEK[day.weekday()] * MONTHS[day.month - 1] * holiday * lately


def _moment(day: date, hour: int, r: Random) -> datetime:
    return datetime.combine(day, time(hour, r.randint(0, 59), r.randint(0, 59)), VIETNAM)


def _channel(matter: Matter | Refusal | None, hour: int, r: Random) -> str:
    if matter and matter.channel:
        return matter.channel
    channel = r.choices(list(CHANNELS), list(CHANNELS.values()))[0]
    closed = channel in ("counter", "paper") and not 7 <= hour <= 16
    return "phone" if closed else channel


def _matter(hour: int, r: Random) -> Matter:
    is_question = r.random() < QUESTIONS
    night = hour >= 20 or hour < 4
    pool = [m for m in matters() if (m.category == "procedures") == is_question]
    return r.choices(pool, [m.weight * (1 if not m.hours else 4 if night else 0.15) for m in pool])[0]


def _usual(number: int, day: date, map: Map, r: Random, earlier: list[Arrival]) -> Arrival:
    hour = r.choices(range(24), HOURS)[0]
    at, dice = _moment(day, hour, r), r.random()
    if dice < REFUSED:
        refusal = refusals()[number % len(refusals())] if r.random() < 0.5 else r.choice(refusals())
        return Arrival(
            number=number, at=at, channel=_channel(refusal, hour, r), place=map.somewhere(r), refusal=refusal
        )
    if dice < REFUSED + REPEATED:
        recent = [a for a in earlier[-25:] if a.matter and not a.matter.direct and not a.again and a.at < at]
        recent = [a for a in recent if at - a.at < timedelta(days=3)]
        if recent:
            return _again(number, at, r.choice(recent), r)
    matter = _matter(hour, r)
    return Arrival(
        number=number, at=at, channel=_channel(matter, hour, r), place=map.somewhere(r, matter.side), matter=matter
    )


def _again(number: int, at: datetime, first: Arrival, r: Random) -> Arrival:
    channel = _channel(None, at.hour, r)
    return Arrival(number=number, at=at, channel=channel, place=first.place, matter=first.matter, again=first)


def _flooded(number: int, day: date, map: Map, r: Random, earlier: list[Arrival]) -> Arrival:
    at = _moment(day, r.choices((13, 14, 15, 16, 17, 18, 19, 20, 21), (1, 3, 9, 14, 12, 9, 6, 3, 1))[0], r)
    before = [a for a in earlier if a.at < at and not a.again]
    if before and r.random() < REPEATED_IN_FLOOD:
        return _again(number, at, r.choice(before), r)
    pool = [m for m in matters() if m.flood]
    matter = r.choices(pool, [m.flood for m in pool])[0]
    return Arrival(
        number=number, at=at, channel=_channel(matter, at.hour, r), place=map.somewhere(r, matter.side), matter=matter
    )


#  how long ago (a float: hours; an int: working days), last move so far, what must happen, share of the time, the field
DESK: tuple[tuple[float, str, str, float | None, str], ...] = (
    *((minutes / 60, "new", "", None, "") for minutes in (3, 9, 17, 31, 48, 75, 130)),
    (2.2, "accept", "", None, "roads"),
    (3.1, "accept", "", None, "noise"),
    (1.4, "accept", "", None, "land"),
    (5.5, "accept", "", None, "education"),
    (30.0, "ask", "ask", None, "drains"),
    (52.0, "ask", "ask", None, "noise"),
    (97.0, "ask", "ask", None, "building"),
    (9.0, "ask", "ask", None, "lamps"),
    (140.0, "ask", "ask", None, "land"),
    (75.0, "ask", "ask", None, "pollution"),
    (1.1, "route", "", None, "lamps"),
    (2.8, "route", "", None, "trees"),
    (4.0, "route", "", None, "lamps"),
    (1, "route", "", None, "lamps"),
    (1, "route", "", None, "rubbish"),
    (1, "route", "", None, "water"),
    (3, "route", "", None, "encroachment"),
    (4, "route", "", None, "roads"),
    (6.0, "route", "", None, "power"),
    (3, "leg_accept", "", 1.4, "lamps"),
    (2, "start", "", 0.9, "lamps"),
    (2, "start", "", 0.9, "trees"),
    (2, "start", "", 0.9, "lamps"),
    (4, "start", "", 1.6, "trees"),
    (3, "start", "", 1.2, "drains"),
    (5, "start", "", 0.9, "rubbish"),
    (5, "start", "", 0.9, "encroachment"),
    (17, "start", "", 1.5, "land"),
    (14, "start", "", 0.9, "pollution"),
    (18, "start", "", 1.5, "building"),
    (7, "start", "", 1.5, "welfare"),
    (6, "start", "", 1.5, "noise"),
    (9, "start", "", 1.5, "rubbish"),
    (20, "start", "", 1.8, "pollution"),
    (2, "result", "", 0.3, "lamps"),
    (3, "result", "", 0.4, "trees"),
    (1, "result", "", 0.3, "lamps"),
    (6, "result", "", 0.6, "noise"),
    (5, "result", "", 0.6, "order"),
    (4, "result", "", 0.7, "rubbish"),
    (2, "leg_return", "wrong", None, "rubbish"),
    (1, "leg_return", "wrong", None, "traffic"),
    (2, "leg_return", "wrong", None, "lamps"),
    (2, "leg_ask_extension", "extension", 1.0, "lamps"),
    (9, "leg_ask_extension", "extension", 1.0, "pollution"),
    (12, "reopen", "reopen", 0.4, "drains"),
    (11, "reopen", "reopen", 0.4, "lamps"),
)


def _ago(until: datetime, ago: float, r: Random) -> datetime:
    """`ago` hours before `until` (float), or in the morning of the day `ago` working days back (int)."""
    if isinstance(ago, float):
        return until - timedelta(hours=ago, seconds=r.randint(0, 50))
    day = until.astimezone(VIETNAM).date()
    while ago:
        day -= timedelta(days=1)
        ago -= works(day)
    return _moment(day, r.choice((7, 8, 9)), r)


def _on_the_desk(until: datetime, map: Map, numbers: Iterator[int], r: Random) -> Iterator[Arrival]:
    """What lies open at the end, whatever the hour: new, waiting, due soon, overdue, to be approved, returned,
    reopened."""
    for ago, stop, must, pace, category in DESK:
        pool = [m for m in matters() if not m.direct and (m.category == category or not category)]
        pool = [m for m in pool if (must != "ask" or m.ask) and (must != "wrong" or m.wrong)] or pool
        matter = r.choice(pool)
        at = _ago(until, ago, r)
        channel = _channel(matter, at.hour, r)
        yield Arrival(
            number=next(numbers),
            at=at,
            channel=channel,
            place=map.somewhere(r, matter.side),
            matter=matter,
            must=frozenset(must.split()),
            stop=stop,
            pace=pace,
        )
