"""Loads on the model of app_queue: what sipp made of a real exchange, thirty at once, and a day of a hotline."""

import math
import random
from collections.abc import Iterator

from app_queue import Caller, Exchange, Operator, Pick
from shipped import OLDER, Section, docs, queue_sections

from caunoi.telephony.waiting import QueueReading, expected_wait, minutes_said

QUEUE = "tongdai1022"
WRITTEN = queue_sections(docs("queues.conf"))
OLD = queue_sections((OLDER / "queues.conf").read_text("utf-8"))


def changed(sections: dict[str, Section], **changes: str) -> dict[str, Section]:
    """The queue with some settings otherwise, `_` for `-`; "" leaves one out."""
    values = sections[QUEUE] | {key.replace("_", "-"): value for key, value in changes.items()}
    return {**sections, QUEUE: {key: value for key, value in values.items() if value}}


def load(sections: dict[str, Section], *, calls: int, operators: int = 20, seed: int = 1) -> list[Caller]:
    """Two calls a second, at most thirty at once; who is not answered gives up after 15 s. Operators pick up after half
    a second to a second and a half, and talk for seven, as in the recordings of that day."""
    exchange = Exchange(sections, seed=seed)
    chance = random.Random(seed)
    for number in range(operators):
        exchange.add(Operator(f"op{number}", picks=lambda _: Pick(chance.uniform(0.5, 1.5))), QUEUE)
    callers: list[Caller] = []

    def ended(caller: Caller) -> bool:
        return caller.left is not None and (caller.answered is None or exchange.now >= caller.answered + caller.talks)

    def tick() -> None:
        if sum(not ended(caller) for caller in callers) < 30:
            callers.append(Caller(len(callers) + 1, came=exchange.now, patience=15, talks=7 + chance.random()))
            exchange.call(callers[-1], QUEUE)
        if len(callers) < calls:
            exchange.at(exchange.now + 0.5, tick)

    exchange.at(exchange.now, tick)
    exchange.run()
    return callers


def served(callers: list[Caller]) -> float:
    return sum(caller.answered is not None for caller in callers) / len(callers)


def ringing_within(sections: dict[str, Section], seconds: float, *, operators: int, callers: int) -> tuple[int, int]:
    """Of so many who call at once those whose call rings by then, and those who are answered in the end."""
    exchange = Exchange(sections)
    for number in range(operators):
        exchange.add(Operator(f"op{number}", picks=lambda _: Pick(3.0)), QUEUE)
    for number in range(callers):
        exchange.call(Caller(number, came=exchange.now), QUEUE)
    began = exchange.now
    exchange.run(began + seconds)
    rung = {(one.member, one.caller) for one in exchange.log if one.event == "AgentCalled"}
    exchange.run(began + 300)
    return len(rung), sum(one.event == "AgentConnect" for one in exchange.log)


def erlang_waits(calls_per_second: float, handling: float, operators: int, within: float) -> float:
    """Erlang C: the share that is answered within so many seconds."""
    load_ = calls_per_second * handling
    if load_ >= operators:
        return 0.0
    blocked = 1.0
    for number in range(1, operators + 1):
        blocked = load_ * blocked / (number + load_ * blocked)
    waits = operators * blocked / (operators - load_ * (1 - blocked))
    return 1 - waits * math.exp(-(operators - load_) * within / handling)


def arrivals(per_second: float, seconds: float, chance: random.Random) -> Iterator[float]:
    at = chance.expovariate(per_second)
    while at < seconds:
        yield at
        at += chance.expovariate(per_second)


def a_day(sections: dict[str, Section], *, calls: int, hours: float, talks: float, writes_up: float) -> list[Caller]:
    """An even day with twenty operators, who pick up after two to four seconds and write up after each call."""
    exchange = Exchange(sections)
    chance = random.Random(1022)
    for number in range(20):
        picks = lambda _: Pick(chance.uniform(2, 4))  # noqa: E731
        exchange.add(Operator(f"op{number}", picks=picks, writes_up=writes_up), QUEUE)
    callers = [
        Caller(
            number, came=exchange.now + at, talks=chance.expovariate(1 / talks), patience=chance.expovariate(1 / 180)
        )
        for number, at in enumerate(arrivals(calls / hours / 3600, hours * 3600, chance))
    ]
    for caller in callers:
        exchange.call(caller, QUEUE)
    exchange.run()
    return callers


def said_and_waited(
    sections: dict[str, Section], *, per_hour: float, hours: float, talks: float, writes_up: float, seed: int = 1022
) -> list[tuple[float, float]]:
    """What the product would have said to each caller of a busy time with twenty operators, and how long they waited
    then, in seconds; only those who were told of a wait, and were answered."""
    exchange = Exchange(sections, seed=seed)
    chance = random.Random(seed)
    people = [
        Operator(f"op{number}", picks=lambda _: Pick(chance.uniform(2, 4)), writes_up=writes_up) for number in range(20)
    ]
    for one in people:
        exchange.add(one, QUEUE)
    callers = [
        Caller(number, came=exchange.now + at, talks=chance.lognormvariate(math.log(talks) - 0.18, 0.6))
        for number, at in enumerate(arrivals(per_hour / 3600, hours * 3600, chance))
    ]
    estimates: dict[int, float] = {}

    def comes(caller: Caller) -> None:
        now = exchange.now
        before = [one for one in callers if one.came < caller.came]
        busy = [one for one in before if one.answered and now < one.answered + one.talks + writes_up]
        over = [one for one in before if one.answered and one.answered + one.talks <= now]
        latest = sorted(over, key=lambda one: (one.answered or 0) + one.talks)[-30:]
        reading = QueueReading(
            wait=sum(one.answered is None and one.left is None for one in before),
            free=len(people) - len(busy),
            busy=len(busy),
            took=[one.talks + writes_up for one in latest],
        )
        estimates[caller.number] = expected_wait(reading) or 0.0

    for caller in callers:
        exchange.at(caller.came, lambda caller=caller: comes(caller))  # type: ignore[misc]
        exchange.call(caller, QUEUE)
    exchange.run()
    answered = [caller for caller in callers if caller.answered is not None]
    return [(estimates[one.number], one.waited) for one in answered if minutes_said(estimates[one.number])]
