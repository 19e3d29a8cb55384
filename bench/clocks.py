"""A hotline with very many open tickets, written by COPY, for the benches of clocks.

Everything lies with agencies; each ticket has its history, its leg and its deadlines, as the product would have left
them.
"""

import random
import secrets
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

from django.db import connection
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Inbox
from caunoi.directory import queries as directory
from caunoi.lib.numbers import codes
from caunoi.lib.worktime.counting import Calendar
from caunoi.sla import queries
from caunoi.sla.models import Deadline
from caunoi.sla.readings import amount, wake
from caunoi.vault import blind

DAYS, CHUNK = 5, 50_000
MOVES = (("create", "new"), ("accept", "accepted"), ("route", "routed"), ("start", "working"))


def copy(table: str, columns: Sequence[str], rows: Iterator[tuple[Any, ...]]) -> None:
    """Write rows by COPY, so many at a time: while one runs, the connection answers nothing else."""
    while chunk := list(islice(rows, CHUNK)):
        with connection.cursor() as cursor:
            raw = cursor.connection.cursor()  # type: ignore[union-attr]  # psycopg's own
            with raw.copy(f"COPY {table} ({', '.join(columns)}) FROM STDIN") as out:
                for row in chunk:
                    out.write_row(row)


def empty() -> None:
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE tickets_ticket, events_event, sla_recount CASCADE")


def fill(count: int, spread: timedelta, *, ahead: timedelta | None = None) -> datetime:
    """So many open tickets, that came in over the last `spread`; returns the moment they were written. With `ahead`
    only the tickets and one open deadline each, whose due and next rung lie anywhere in that time from now."""
    empty()
    dice, at = random.Random(4), now().replace(microsecond=0)
    contact = Contact.objects.create()
    conversation = Conversation.objects.filter(blind.equal(Conversation, "address", "bench")).first()
    if conversation is None:
        conversation = Conversation.objects.create(inbox=Inbox.objects.first(), address="bench", contact=contact)
    agencies, areas = list(directory.agencies()), list(directory.areas())
    category = directory.categories()[0]
    target = next(t for t in queries.targets() if t.clock == "handle" and t.days == DAYS)
    quick = {
        name: next(t for t in queries.targets() if t.clock == name) for name in ("accept", "forward", "agency_accept")
    }
    calendar = directory.calendar(target.calendar)
    began = [at - spread * dice.random() for _ in range(count)]
    whose = [dice.choice(agencies).pk for _ in range(count)]
    ids, year = range(1, count + 1), at.year
    copy(
        "tickets_ticket",
        ("id", "code", "follow", "state", "asked_from", "kind", "urgency", "channel", "restricted", "text", "summary",
         "address", "received", "category_id", "area_id", "agency_id", "contact_id", "conversation_id", "operator",
         "reopened", "touched"),
        (
            (pk, codes.make(year, pk) if pk < 1_000_000 else f"99-{pk}", secrets.token_urlsafe(12), "working", "",
            "report",
             "normal", "web", False, "Đèn tắt", "", "", since, category.pk, dice.choice(areas).pk, agency, contact.pk,
             conversation.pk, "lan", 0, since)
            for pk, since, agency in zip(ids, began, whose, strict=True)
        ),
    )  # fmt: skip
    if ahead is not None:
        _open(zip(ids, began, whose, strict=True), at, ahead, dice)
        _finish(count)
        return at
    copy(
        "events_event", ("at", "kind", "subject", "subject_id", "by", "data", "pending"),
        (
            (since + timedelta(minutes=n), f"ticket.{move}", "ticket", pk, "bench", f'{{"to": "{to}"}}', False)
            for pk, since in zip(ids, began, strict=True) for n, (move, to) in enumerate(MOVES)
        ),
    )  # fmt: skip
    copy(
        "routing_handover",
        ("id", "ticket_id", "agency_id", "role", "state", "hop", "by", "note", "reason", "sent", "accepted",
        "asked_days",
         "asked_reason", "granted_days"),
        (
            (pk, pk, agency, "lead", "accepted", 1, "lan", "", "", since + timedelta(minutes=2),
             since + timedelta(minutes=3), 0, "", 0)
            for pk, since, agency in zip(ids, began, whose, strict=True)
        ),
    )  # fmt: skip

    def hours(name: str, agency: int) -> Calendar:
        own = queries.agency_calendars().get(agency) if name == "agency_accept" else None
        return directory.calendar(own or quick[name].calendar)

    def rows() -> Iterator[tuple[Any, ...]]:
        known: dict[Any, datetime] = {}
        for pk, since, agency in zip(ids, began, whose, strict=True):
            due = known.setdefault(since.date(), calendar.add_days(since, DAYS))
            row = Deadline(clock="handle", agency_id=agency, state="running", started=since, due=due, told=[])
            yield (
                pk,
                None,
                "handle",
                agency,
                target.pk,
                True,
                0,
                "running",
                since,
                due,
                due,
                due,
                None,
                False,
                wake(row),
                "{}",
            )
            for name, begun, met in (("accept", 0, 1), ("forward", 1, 2), ("agency_accept", 2, 3)):
                leg, who = (pk, agency) if name == "agency_accept" else (None, None)
                started, done = since + timedelta(minutes=begun), since + timedelta(minutes=met)
                soon = amount(quick[name]).due(started, hours(name, agency))
                yield (
                    pk,
                    leg,
                    name,
                    who,
                    quick[name].pk,
                    True,
                    0,
                    "met",
                    started,
                    soon,
                    soon,
                    soon,
                    done,
                    done > soon,
                    None,
                    "{}",
                )

    copy(
        "sla_deadline",
        ("ticket_id", "leg_id", "clock", "agency_id", "target_id", "fixed", "extra_days", "state", "started", "due",
         "due_first", "first_due", "met", "late", "wake", "told"),
        rows(),
    )  # fmt: skip
    _finish(count)
    return at


def _open(rows: Iterable[tuple[int, datetime, int]], at: datetime, ahead: timedelta, dice: random.Random) -> None:
    columns = ("ticket_id", "clock", "agency_id", "fixed", "extra_days", "state", "started", "due", "due_first",
               "first_due", "late", "wake", "told")  # fmt: skip
    copy(
        "sla_deadline", columns,
        (
            (pk, "handle", agency, True, 0, "running", since, due := at + ahead * dice.random(), due, due, False,
             at + ahead * dice.random(), "{}")
            for pk, since, agency in rows
        ),
    )  # fmt: skip


def _finish(count: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        for table in ("routing_handover", "tickets_ticket"):
            cursor.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), %s)", [count + 1])
