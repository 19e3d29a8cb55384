"""A full register in minutes: histories of the demo's kind, written by the product itself, then copied by SQL.

`python -m bench.copies 1M` brings the database that the settings name to so many published tickets. A copy has everything
that the public pages, the open data and the board read: the ticket, its events and notes, custody, deadlines, answers, the
publication, its entry in the register's index, and what is counted. It lies up to ten years further back in
whole weeks, up to 600 m away, has a code of its own, and ends with a sentence of its own: words from common to rare, as a
hotline's are. Copies have lower ids than what they were copied from, so that ids grow with time.

What is not true of a copy: its deadlines were not counted by the calendar of its own year, it shares contact and
conversation with the original, the desk's search does not know it, and the public log (which states what was published in
bulk by and by) has no leaf of it.
"""

import json
import random
import secrets
import sys
import time
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any

from bench.copied import COUNTED, TABLES, Table
from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

from django.db import connection, transaction
from django.utils.timezone import localtime

from caunoi.lib import codes
from caunoi.lib.gazetteer import everything
from caunoi.lib.squares import BLOCK, LEVELS, LIMIT
from caunoi.lib.vietnamese import fold, lexemes, norm, tokens
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.publication.queries import published
from caunoi.statistics import rollup, spans
from caunoi.tickets import tally
from caunoi.tickets.actions import numbers
from caunoi.tickets.lifecycle import HANDLED

SEED = 10_000
YEARS, STILL_OPEN = 10, timedelta(days=90)
METRES_600 = 6  # steps of 0.001°, the grid of public places
LOW = {"tickets_ticket": 3, "publication_publication": 3}  # ids that are left free below the originals, for each copy
LOW_ELSEWHERE = 60
"""What the product writes gets ids from so many times the wanted number on."""
LAMP_POSTS = 200_000
AT_ONCE = 10  # generations a statement
ENOUGH = 0.99  # some may have been taken back since

SENTENCE = " Ngay trước quán zzwá zzwé, cột đèn {number}."
"""What a copy says besides; zzwá and zzwé become words with marks, {number} a lamp post's."""


def _all(sql: str, *given: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, given or None)
        return list(cursor.fetchall()) if cursor.description else []


def _said(what: str, begun: float) -> None:
    print(f"{time.perf_counter() - begun:>7.0f} s  {what}", file=sys.stderr, flush=True)


# --- the originals ---


def _room(wanted: int) -> None:
    """Let the ids of what the product writes begin above those of the copies."""
    for table in TABLES:
        for column, kept in _all("SELECT a.attname, pg_get_serial_sequence(%s, a.attname) FROM pg_attribute a "
                                 "WHERE a.attrelid = %s::regclass AND a.attname = 'id'", table.name, table.name):  # fmt: skip
            low = wanted * LOW.get(table.name, LOW_ELSEWHERE)
            if kept:
                _all(f"ALTER TABLE {table.name} ALTER COLUMN {column} RESTART WITH {low}")


def _empty() -> None:
    tables = (
        "conversations_contact",
        "events_event",
        *COUNTED,
        "statistics_span",
        "statistics_hold",
        "statistics_cursor",
    )
    _all(f"TRUNCATE {', '.join(tables)} CASCADE")  # tickets and all that is theirs go with their contacts


def originals(size: int, wanted: int) -> None:
    """About `size` histories of the last year, written by the product into an empty database, and counted."""
    from bench.fill import load

    _room(wanted)
    load(size)
    rollup.rebuild()


# --- what copies say ---


def _vocabulary() -> tuple[list[str], list[int]]:
    """Words with marks, from common to rare: those of the country's place names, with how often they stand there."""
    found = Counter(
        word
        for unit in everything()
        for word in map(norm, tokens(unit.name.lower()))
        if word != fold(word) and word.isalpha()
    )
    return list(found), list(found.values())


def _templates(chosen: Sequence[Publication]) -> Iterable[tuple[int, str]]:
    """(ticket, its entry's words) as the product would write them, with the sentence's words left open."""
    said = SENTENCE.format(number="zznumber")
    for p in chosen:
        yield p.ticket_id, lexemes([(p.title, "A"), (p.text + said, "B"), (p.place, "B"), (p.answer, "C")])


def _copy(table: str, rows: Iterable[tuple[Any, ...]]) -> None:
    with connection.cursor() as cursor:
        raw = cursor.connection.cursor()  # type: ignore[union-attr]  # psycopg's own
        with raw.copy(f"COPY {table} FROM STDIN") as out:
            for row in rows:
                out.write_row(row)


def _plan(chosen: Sequence[Publication], lacking: int) -> int:
    """Write down, in a table `copies`, each copy that is to be made; how many generations there are."""
    over = [p for p in chosen if p.ticket.state in HANDLED]
    dice = random.Random(6)
    words, weights = _vocabulary()
    generations = max(1, -(-lacking // max(1, len(over))))
    step = YEARS * 52 / generations
    _all(
        """
        CREATE TEMP TABLE templates (ticket bigint, entry_words text) ON COMMIT DROP;
        CREATE TEMP TABLE drawn (ticket bigint, generation int, back interval, north int, east int, code text, follow text,
                                 one text, one_plain text, two text, two_plain text, number text) ON COMMIT DROP
        """
    )
    _copy("templates", _templates(chosen))

    def rows() -> Iterable[tuple[Any, ...]]:
        left, received = lacking, {p.ticket_id: localtime(p.ticket.received) for p in chosen}
        plain = {word: fold(word) for word in words}
        for generation in range(1, generations + 1):
            back = timedelta(weeks=max(1, round(generation * step)))
            some = list(islice((p for p in (chosen if back <= STILL_OPEN else over)), left))
            left -= len(some)
            years = Counter((received[p.ticket_id] - back).year for p in some)
            known = {year: iter(numbers(year, count)) for year, count in years.items()}
            drawn = iter(dice.choices(words, weights, k=2 * len(some)))
            for p in some:
                year, one, two = (received[p.ticket_id] - back).year, next(drawn), next(drawn)
                yield (
                    p.ticket_id, generation, back, dice.randint(-METRES_600, METRES_600),
                    dice.randint(-METRES_600, METRES_600), codes.make(year, next(known[year])), secrets.token_urlsafe(15),
                    one, plain[one], two, plain[two], str(dice.randint(1, LAMP_POSTS)),
                )  # fmt: skip

    planned = list(rows())
    _copy("drawn", planned)
    filled = "{}"
    for left_open, column in (("zzwá", "one"), ("zzwa", "one_plain"), ("zzwé", "two"), ("zzwe", "two_plain"), ("zznumber", "number")):  # fmt: skip
        filled = f"replace({filled}, '{left_open}', {column})"
    sentence = "'" + SENTENCE.format(number="zznumber") + "'"
    _all(
        f"""
        CREATE TEMP VIEW copies AS
        SELECT d.ticket, d.generation, d.back, d.north, d.east, d.code, d.follow, {filled.format(sentence)} AS said,
               {filled.format("entry_words")} AS entry_words
        FROM drawn d JOIN templates USING (ticket);
        CREATE INDEX ON drawn (generation);
        ANALYZE drawn, templates
        """
    )
    return generations


# --- copying ---


def _spans() -> dict[str, int]:
    """By how much the ids of a table are lower in each generation."""
    found = {}
    for table in TABLES:
        if any(name == "id" for name, _ in _columns(table.name)):
            low, high = _all(f"SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM {table.name}")[0]
            found[table.name] = high - low + 1
    return found


def _columns(table: str) -> list[tuple[str, str]]:
    return [
        (name, kind)
        for name, kind in _all(
            "SELECT attname, atttypid::regtype::text FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 "
            "AND NOT attisdropped AND attgenerated = '' ORDER BY attnum",
            table,
        )
    ]


def _originals_of(table: Table) -> str:
    """The rows that are copied, in a small table of their own: the large one grows while it is copied."""
    rows, ticket = f"{table.name} s", f"s.{table.ticket}"
    if table.via:
        rows, ticket = f"{rows} JOIN {table.via} v ON v.id = s.{table.ticket}", "v.ticket_id"
    only = f"WHERE {table.only}" if table.only else ""
    return (
        f"DROP TABLE IF EXISTS source; CREATE TEMP TABLE source ON COMMIT DROP AS SELECT s.*, t.ticket AS of_ticket "
        f"FROM {rows} JOIN templates t ON t.ticket = {ticket} {only} ORDER BY 1; ANALYZE source"
    )


def _statement(table: Table, spans: dict[str, int]) -> str:
    """The copies of some generations of a table's `source`."""
    values = {}
    leads_to = table.via or "tickets_ticket"
    for name, kind in _columns(table.name):
        shifted = {table.ticket: leads_to, **table.moved}.get(name) or (table.name if name == "id" else "")
        if name in table.told:
            values[name] = table.told[name]
        elif shifted:
            values[name] = f"s.{name} - c.generation * {spans[shifted]}::bigint"
        else:
            values[name] = f's."{name}" - c.back' if kind == "timestamp with time zone" else f's."{name}"'
    names = ", ".join(f'"{name}"' for name in values)
    return (
        f"INSERT INTO {table.name} ({names}) OVERRIDING SYSTEM VALUE SELECT {', '.join(values.values())} "
        "FROM source s JOIN copies c ON c.ticket = s.of_ticket WHERE c.generation BETWEEN %s AND %s ORDER BY 1"
    )


def _without_indexes() -> list[str]:
    """Drop the indexes of the copied tables that no constraint needs; what makes them again."""
    made = _all(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique
        """,
        [*(table.name for table in TABLES), *COUNTED],
    )
    _all("SET CONSTRAINTS ALL IMMEDIATE")
    for name, _ in made:
        _all(f"DROP INDEX {name}")
    return [definition for _, definition in made]


def _squares() -> None:
    """The squares of the map as folding would leave them, from all entries."""
    north = f"radians(least(greatest(latitude, -{LIMIT}), {LIMIT}))"
    levels = " UNION ALL ".join(
        f"""
        SELECT {level}, least(greatest(floor((longitude + 180) / 360 * {2**level}), 0), {2**level - 1})::int,
               least(greatest(floor((1 - asinh(tan({north})) / pi()) / 2 * {2**level}), 0), {2**level - 1})::int,
               category_id, area_id, agency_id, done, longitude, latitude
        FROM publication_entry WHERE shown AND latitude IS NOT NULL AND longitude IS NOT NULL
        """
        for level in LEVELS
    )
    _all(
        f"""
        DELETE FROM publication_square;
        INSERT INTO publication_square (level, block, x, y, category, area, agency, done, count, east, north, folded)
        SELECT level, (x >> {BLOCK})::bigint << 32 | (y >> {BLOCK}), x, y, category, area, agency, done, count(*),
               coalesce(sum(east), 0), coalesce(sum(north), 0), true
        FROM (
            SELECT 0 AS level, 0 AS x, 0 AS y, category_id AS category, area_id AS area, agency_id AS agency, done,
                   0.0::float AS east, 0.0::float AS north
            FROM publication_entry WHERE shown UNION ALL {levels}
        ) AS counted GROUP BY level, x, y, category, area, agency, done
        """
    )


@transaction.atomic
def copy(wanted: int) -> int:
    """Copy published tickets until there are `wanted`; how many copies were made. All or nothing."""
    begun = time.perf_counter()
    lacking = wanted - published().count()
    if lacking <= 0:
        return 0
    chosen = list(published().order_by("pk"))
    _all("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
    generations = _plan(chosen, lacking)
    distances = _spans()
    definitions = _without_indexes()
    _all("SET LOCAL session_replication_role = replica")  # every row is a copy of one whose references were checked
    _said(f"{lacking:,} copies of {len(chosen):,} in {generations} generations", begun)
    for table in TABLES:
        _all(_originals_of(table))
        statement = _statement(table, distances)
        for last in range(generations, 0, -AT_ONCE):
            _all(statement, last - AT_ONCE + 1, last)
        _said(table.name, begun)
    _squares()
    spans.tally_all()
    tally.recount()
    tally.fold()
    _said("counted", begun)
    for definition in definitions:
        _all(definition)
    publication.renew()
    _said(f"{len(definitions)} indexes", begun)
    return lacking


def fill(wanted: int, seed: int = SEED) -> int:
    """Bring the database to `wanted` published tickets; how many there are. One that is too small is written anew."""
    begun = time.perf_counter()
    if published().count() < wanted * ENOUGH:
        _empty()
        originals(min(seed, wanted), wanted)
    if copy(wanted):
        _said("committed", begun)
        for name in (*(table.name for table in TABLES), *COUNTED):
            _all(f"VACUUM (ANALYZE) {name}")
        _said("vacuumed", begun)
    return published().count()


if __name__ == "__main__":
    from bench.pages import size

    print(json.dumps({"published": fill(size(sys.argv[1]))}))
