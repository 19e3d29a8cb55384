"""Three years of a hotline for the benches of figures: tickets with about six events each, their deadlines, calls and
ratings.

Hours, weekdays and how unevenly fields are asked for are drawn in the shape of the cases of San Francisco's and New
York's 311 where CAUNOI_SHARED (or ../shared/data) holds them, else in a shape taken from them. Written by the database
itself, a slice of tickets a transaction: a million in one to two minutes. What is filled is kept with KEEP=1 and serves
the next run."""

import csv
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench.clocks import empty

# isort: split

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.conversations.models import Contact, Conversation, Inbox
from caunoi.directory import past
from caunoi.directory import queries as directory
from caunoi.directory.models import AreaSuccession
from caunoi.sla import queries
from caunoi.vault import blind

VERSION = 1  # of what is written: another one is never kept
PROVINCE, REFORM = "75", date(2025, 7, 1)
DAYS = 3 * 365
CHUNK = 200_000
HOURS = (6, 4, 3, 2, 2, 4, 12, 33, 55, 70, 75, 73, 68, 66, 64, 58, 52, 42, 33, 27, 23, 20, 16, 10)
WEEKDAYS = (16, 16, 16, 15, 15, 11, 11)
FIELDS = tuple(1 / (n + 1) for n in range(40))
CHANNELS, SHARES = ("phone", "web", "app", "zalo", "email"), (40, 22, 18, 14, 6)
FILES = (("sf311_10000.csv", "Opened", "Category"), ("nyc311_open_cases.csv", "Created Date", "Complaint Type"))
TABLES = ("tickets_ticket", "events_event", "sla_deadline", "sla_due", "calls_call", "ratings_rating")

# Half are answered within 37 hours, one in seven after the five days; one in seventeen is given back once, one in
# twenty-five reopened. A commune that ended at the reform is where its tickets were.
BORN = """
    CREATE UNLOGGED TABLE bench_born AS
    SELECT row_number() OVER (ORDER BY came) AS id, came, field, place, whose, way, hours, dice,
           came + hours * interval '1 hour' AS answered
    FROM (
        SELECT least((%(days)s::timestamptz[])[1 + width_bucket(random(), %(weekdays)s::float[])]
                     + make_interval(hours => width_bucket(random(), %(hours)s::float[]), secs => random() * 3600),
                     %(at)s - make_interval(secs => random() * 600)) AS came,
               1 + width_bucket(random(), %(fields)s::float[]) AS field,
               1 + floor(random() * cardinality(%(areas)s::bigint[]))::int AS place,
               1 + floor(random() * cardinality(%(agencies)s::bigint[]))::int AS whose,
               1 + width_bucket(random(), %(ways)s::float[]) AS way,
               exp(random_normal(3.6, 1.1)) AS hours, random() AS dice
        FROM generate_series(1, %(size)s)
    ) AS drawn
"""
NAMED = """
    WITH b AS (
        SELECT id, came, answered, answered < %(at)s AS done, hours, dice, (%(channels)s::text[])[way] AS channel,
               (%(categories)s::bigint[])[field] AS category, (%(category_codes)s::text[])[field] AS category_code,
               (%(areas)s::bigint[])[place] AS area, (%(agencies)s::bigint[])[whose] AS agency,
               (%(agency_codes)s::text[])[whose] AS agency_code,
               CASE WHEN came < %(reform)s THEN (%(before)s::bigint[])[place] END AS area_then
        FROM bench_born WHERE id > %(after)s AND id <= %(last)s
    )
"""
WRITTEN = (
    """
    INSERT INTO tickets_ticket
        (id, code, follow, state, asked_from, kind, urgency, channel, restricted, text, summary, address, received,
        category_id,
         area_id, area_then_id, agency_id, contact_id, conversation_id, operator, reopened, touched, answered, closed)
    SELECT id, '99-' || id, 'bench-' || id, CASE WHEN done THEN 'closed' ELSE 'working' END, '', 'report', 'normal',
           channel,
           false, 'Đèn tắt', '', '', came, category, area, area_then, agency, %(contact)s, %(conversation)s, 'lan', 0,
           came,
           CASE WHEN done THEN answered END, CASE WHEN done THEN answered END
    FROM b ORDER BY id
    """,
    """
    INSERT INTO events_event (at, recorded, kind, subject, subject_id, "by", data, pending)
    SELECT moment, moment, 'ticket.' || name, 'ticket', id, 'lan', data, false
    FROM b CROSS JOIN LATERAL (VALUES
        (0, 1, 'create', jsonb_build_object('to', 'new', 'channel', channel, 'area_id', coalesce(area_then, area))),
        (0.01, 1, 'accept', jsonb_build_object('from', 'new', 'to', 'accepted', 'category', category_code)),
        (0.02, 1, 'route', jsonb_build_object('from', 'accepted', 'to', 'routed', 'agency', agency_code)),
        (0.1, 0.06, 'leg_return', '{"from": "routed", "to": "accepted"}'),
        (0.12, 0.06, 'route', jsonb_build_object('from', 'accepted', 'to', 'routed', 'agency', agency_code)),
        (0.3, 1, 'start', '{"from": "routed", "to": "working"}'),
        (0.99, 1, 'result', '{"from": "working", "to": "resulted"}'),
        (1, 1, 'approve', '{"from": "resulted", "to": "answered"}'),
        (1.2, 0.04, 'reopen', '{"from": "answered", "to": "working"}'),
        (1.5, 0.04, 'result', '{"from": "working", "to": "resulted"}'),
        (1.6, 0.04, 'approve', '{"from": "resulted", "to": "answered"}')
    ) AS told(part, chance, name, data)
    CROSS JOIN LATERAL (SELECT came + part * hours * interval '1 hour' AS moment) AS timed
    WHERE dice < chance AND moment < %(at)s ORDER BY moment
    """,
    """
    INSERT INTO sla_deadline (ticket_id, clock, target_id, fixed, extra_days, state, started, due, due_first,
                              first_due, late)
    SELECT id, 'handle', %(target)s, true, 0, CASE WHEN done THEN 'met' ELSE 'running' END, came, came + %(late)s,
           came + %(late)s, came + %(late)s, false
    FROM b ORDER BY id
    """,
    "INSERT INTO sla_due (ticket_id, at, due) SELECT id, came, came + %(late)s FROM b ORDER BY id",
    """
    INSERT INTO calls_call (call_id, direction, state, outcome, queue, began, connected, ended, waited, talked, sound,
                            inbox_id)
    SELECT 'bench-' || id || '-' || n, 'in', 'ended', CASE n WHEN 0 THEN 'answered' ELSE 'abandoned' END,
           'q', came - n * interval '2 minutes', CASE n WHEN 0 THEN came END, came + interval '3 minutes', 30 * dice,
           CASE n WHEN 0 THEN 180 ELSE 0 END, '', %(inbox)s
    FROM b CROSS JOIN generate_series(0, 1) n WHERE channel = 'phone' AND (n = 0 OR dice < 0.1) ORDER BY came
    """,
    """
    INSERT INTO ratings_rating (ticket_id, round, grade, reasons, comment, at, agency_id, how)
    SELECT id, CASE WHEN dice < 0.04 AND came + 1.6 * hours * interval '1 hour' < %(at)s THEN 1 ELSE 0 END,
           CASE WHEN dice < 0.06 THEN 'dissatisfied' WHEN dice < 0.1 THEN 'acceptable' ELSE 'satisfied' END, '[]', '',
           answered + interval '3 hours', agency, 'page'
    FROM b WHERE dice < 0.3 AND answered + interval '3 hours' < %(at)s ORDER BY answered
    """,
)


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


def _steps(weights: list[float]) -> list[float]:
    """The inner borders of (0, 1) cut by weight, as width_bucket wants them."""
    return [part / sum(weights) for part in accumulate(weights)][:-1]


def filled() -> tuple[int, str]:
    """How many tickets a fill of this version has left here, and the source of its shape; 0 for none."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description('tickets_ticket'::regclass)")
        words = (cursor.fetchone()[0] or "").split("|")
    return (int(words[1]), words[2]) if words[0] == f"bench.years {VERSION}" else (0, "")


def fill(size: int) -> str:
    """Write so many tickets and about six times as many events, or with KEEP=1 keep those that are there; says where
    the shape is from."""
    here, source = filled()
    if here == size and os.environ.get("KEEP"):
        return source
    given, source = _drawn(size)
    with connection.cursor() as cursor:
        cursor.execute("COMMENT ON TABLE tickets_ticket IS NULL")
        empty()
        cursor.execute("TRUNCATE calls_call CASCADE")
        cursor.execute("TRUNCATE statistics_span, statistics_hold, statistics_tally, statistics_cursor")
        cursor.execute("SET work_mem = '256MB'; SET maintenance_work_mem = '512MB'; SET synchronous_commit = off")
        cursor.execute(
            "SET session_replication_role = replica"
        )  # rows that refer to what is there: not looked up one by one
        cursor.execute("DROP TABLE IF EXISTS bench_born")
        cursor.execute("SELECT setseed(0.5)")
        cursor.execute(BORN, given)
        cursor.execute("CREATE INDEX ON bench_born (id)")
    with without_indexes(TABLES):
        for after in range(0, size, CHUNK):
            with transaction.atomic(), connection.cursor() as cursor:
                for statement in WRITTEN:
                    cursor.execute(NAMED + statement, {**given, "after": after, "last": after + CHUNK})
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_born")
        cursor.execute("SELECT setval(pg_get_serial_sequence('tickets_ticket', 'id'), %s)", [size + 1])
        cursor.execute(f"COMMENT ON TABLE tickets_ticket IS 'bench.years {VERSION}|{size}|{source}'")
        cursor.execute("RESET ALL")
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return source


def _drawn(size: int) -> tuple[dict[str, Any], str]:
    """What the statements are given, and where the shape is from."""
    past.save_past(PROVINCE)
    hours, weekdays, fields, source = shape()
    at = now().replace(microsecond=0)
    contact = Contact.objects.create()
    inbox = Inbox.objects.first()
    conversation = Conversation.objects.filter(blind.equal(Conversation, "address", "bench")).first()
    if conversation is None:
        conversation = Conversation.objects.create(inbox=inbox, address="bench", contact=contact)
    areas, agencies, every = list(directory.areas()), list(directory.agencies()), list(directory.categories())
    was = dict(AreaSuccession.objects.filter(on=REFORM).order_by("-old_id").values_list("new_id", "old_id"))
    target = next(t for t in queries.targets() if t.clock == "handle" and t.days)
    midnight = at.replace(hour=0, minute=0, second=0)
    days = [midnight - timedelta(days=n) for n in range(DAYS)]
    return {
        "size": size,
        "at": at,
        "days": days,
        "weekdays": _steps([weekdays[day.weekday()] for day in days]),
        "hours": _steps(hours),
        "fields": _steps((fields * len(every))[: len(every)]),
        "ways": _steps(list(SHARES)),
        "channels": list(CHANNELS),
        "categories": [c.pk for c in every],
        "category_codes": [c.code for c in every],
        "areas": [a.pk for a in areas],
        "before": [was.get(a.pk, a.pk) for a in areas],
        "agencies": [a.pk for a in agencies],
        "agency_codes": [a.code for a in agencies],
        "reform": REFORM,
        "contact": contact.pk,
        "conversation": conversation.pk,
        "inbox": inbox.pk if inbox else None,
        "target": target.pk,
        "late": timedelta(days=5),
    }, source


@contextmanager
def without_indexes(tables: Sequence[str]) -> Iterator[None]:
    """While rows are written only what keeps them unique; the other indexes are made once they are there."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index
               WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique""",
            [list(tables)],
        )
        known = cursor.fetchall()
        for name, _ in known:
            cursor.execute(f"DROP INDEX {name}")
    yield
    with connection.cursor() as cursor:
        for _, words in known:
            cursor.execute(words)
