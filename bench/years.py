"""Three years of a hotline by COPY, for the benches of figures: tickets with about six events each, their deadlines and calls.

Hours, weekdays and how unevenly fields are asked for are drawn in the shape of the cases of San Francisco's and New York's 311
where CAUNOI_SHARED (or ../shared/data) holds them, else in a shape taken from them.
"""

import csv
import json
import os
import random
import secrets
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench.clocks import copy, empty

# isort: split

from django.db import connection
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Inbox
from caunoi.directory import queries as directory
from caunoi.lib import codes
from caunoi.sla import queries

DAYS = 3 * 365
HOURS = (6, 4, 3, 2, 2, 4, 12, 33, 55, 70, 75, 73, 68, 66, 64, 58, 52, 42, 33, 27, 23, 20, 16, 10)
WEEKDAYS = (16, 16, 16, 15, 15, 11, 11)
FIELDS = tuple(1 / (n + 1) for n in range(40))
CHANNELS, SHARES = ("phone", "web", "app", "zalo", "email"), (40, 22, 18, 14, 6)
FILES = (("sf311_10000.csv", "Opened", "Category"), ("nyc311_open_cases.csv", "Created Date", "Complaint Type"))


def shape() -> tuple[list[float], list[float], list[float], str]:
    """Weights of hours, weekdays and fields (the commonest first), and where they are from."""
    folder = Path(os.environ.get("CAUNOI_SHARED", Path(__file__).parents[2] / "shared" / "data")) / "requests311"
    hours, weekdays, fields = Counter[int](), Counter[int](), Counter[str]()
    for name, opened, field in FILES:
        if (folder / name).exists():
            with (folder / name).open(encoding="utf-8", newline="") as file:
                for row in csv.DictReader(file):
                    at = datetime.strptime(row[opened], "%m/%d/%Y %I:%M:%S %p")  # noqa: DTZ007  local to its city
                    hours[at.hour] += 1
                    weekdays[at.weekday()] += 1
                    fields[row[field]] += 1
    if not hours:
        return list(HOURS), list(WEEKDAYS), list(FIELDS), "built in"
    common = [float(n) for _, n in fields.most_common()]
    return [float(hours[h]) for h in range(24)], [float(weekdays[d]) for d in range(7)], common, "requests311"


def fill(size: int) -> str:
    """Write so many tickets and about six times as many events; says where the shape is from."""
    empty()
    hours, weekdays, fields, source = shape()
    dice, at = random.Random(5), now().replace(microsecond=0)
    contact = Contact.objects.create()
    conversation, _ = Conversation.objects.get_or_create(
        inbox=Inbox.objects.first(), address="bench", defaults={"contact": contact}
    )
    areas, agencies, every = list(directory.areas()), list(directory.agencies()), list(directory.categories())
    weights = (fields * len(every))[: len(every)] if len(fields) < len(every) else fields[: len(every)]
    target = next(t for t in queries.targets() if t.clock == "handle" and t.days)
    midnight = at.replace(hour=0, minute=0, second=0)
    days = [midnight - timedelta(days=n) for n in range(DAYS)]
    chosen = dice.choices(days, [weekdays[day.weekday()] for day in days], k=size)
    came = [
        min(day + timedelta(hours=h, seconds=dice.random() * 3600), at - timedelta(seconds=dice.random() * 600))
        for day, h in zip(chosen, dice.choices(range(24), hours, k=size), strict=True)
    ]
    came.sort()
    category, area = dice.choices(every, weights, k=size), dice.choices(areas, k=size)
    agency, channel = dice.choices(agencies, k=size), dice.choices(CHANNELS, SHARES, k=size)
    took = [dice.lognormvariate(3.6, 1.1) for _ in range(size)]  # hours to the answer: half within 37
    plain = list(zip(range(1, size + 1), came, category, area, agency, channel, took, strict=True))

    def tickets() -> Iterator[tuple[Any, ...]]:
        for pk, since, field, place, whose, way, length in plain:
            answered = since + timedelta(hours=length)
            done = answered < at
            code = codes.make(since.year, pk) if pk < 1_000_000 else f"99-{pk}"
            yield (
                pk, code, secrets.token_urlsafe(12), "closed" if done else "working", "", "report", "normal", way, False,
                "Đèn tắt", "", "", since, field.pk, place.pk, whose.pk, contact.pk, conversation.pk, "lan", 0, since,
                answered if done else None, answered if done else None,
            )  # fmt: skip

    copy(
        "tickets_ticket",
        ("id", "code", "follow", "state", "asked_from", "kind", "urgency", "channel", "restricted", "text", "summary",
         "address", "received", "category_id", "area_id", "agency_id", "contact_id", "conversation_id", "operator",
         "reopened", "touched", "answered", "closed"),
        tickets(),
    )  # fmt: skip

    def events() -> Iterator[tuple[Any, ...]]:
        for pk, since, field, place, whose, way, length in plain:
            for moment, name, data in story(since, field.code, place.pk, whose.code, way, length):
                if moment < at:
                    yield moment, moment, f"ticket.{name}", "ticket", pk, "lan", json.dumps(data), False

    copy("events_event", ("at", "recorded", "kind", "subject", "subject_id", '"by"', "data", "pending"), events())
    late = timedelta(days=5)
    copy(
        "sla_deadline",
        ("ticket_id", "clock", "target_id", "fixed", "extra_days", "state", "started", "due", "first_due", "late"),
        ((pk, "handle", target.pk, True, 0, "running", since, since + late, since + late, False) for pk, since, *_ in plain),
    )  # fmt: skip
    copy("sla_due", ("ticket_id", "at", "due"), ((pk, since, since + late) for pk, since, *_ in plain))
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE statistics_span, statistics_hold, statistics_tally, statistics_cursor")
        cursor.execute("ANALYZE")
    return source


def story(
    since: datetime, field: str, area: int, agency: str, way: str, length: float
) -> Iterator[tuple[datetime, str, dict[str, Any]]]:
    """What happens to a ticket that takes so many hours: (when, which move, what its event says)."""
    yield since, "create", {"to": "new", "channel": way, "area_id": area}
    for part, name, data in (
        (0.01, "accept", {"from": "new", "to": "accepted", "category": field}),
        (0.02, "route", {"from": "accepted", "to": "routed", "agency": agency}),
        (0.3, "start", {"from": "routed", "to": "working"}),
        (0.99, "result", {"from": "working", "to": "resulted"}),
        (1.0, "approve", {"from": "resulted", "to": "answered"}),
    ):
        yield since + timedelta(hours=length * part), name, data
