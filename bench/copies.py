"""A full register in minutes: histories of the demo's kind, written by the product itself, then copied by SQL.

`python -m bench.copies 1M` brings the database that the settings name to so many published tickets. A copy has
everything that the public pages, the open data and the board read: the ticket, its events and notes, custody,
deadlines, answers, the publication, its entry in the register's index, and what is counted. It lies up to ten years
further back in whole weeks, up to 600 m away, has a code of its own, and ends with a sentence of its own: words from
common to rare, as a hotline's are. Copies have lower ids than what they were copied from, so that ids grow with time.

What is not true of a copy: its deadlines were not counted by the calendar of its own year, it shares contact and
conversation with the original, the desk's search does not know it, and the public log (which states what was published
in bulk by and by) has no leaf of it."""

import json
import sys
import time

from bench.copied import COUNTED, TABLES, Table
from bench.generations import execute, plan
from caunoi.cli import product  # noqa: F401  makes Django ready

# isort: split

from django.db import transaction

from caunoi.lib.places.squares import BLOCK, LEVELS, LIMIT
from caunoi.publication import actions as publication
from caunoi.publication.queries import published
from caunoi.statistics import rollup, spans
from caunoi.tickets import tally

SEED = 10_000
LOW = {"tickets_ticket": 3, "publication_publication": 3}  # ids that are left free below the originals, for each copy
LOW_ELSEWHERE = 60
"""What the product writes gets ids from so many times the wanted number on."""
AT_ONCE = 10  # generations a statement
ENOUGH = 0.99  # some may have been taken back since


def _said(what: str, begun: float) -> None:
    print(f"{time.perf_counter() - begun:>7.0f} s  {what}", file=sys.stderr, flush=True)


# --- the originals ---


def _room(wanted: int) -> None:
    """Let the ids of what the product writes begin above those of the copies."""
    for table in TABLES:
        for column, kept in execute(
            "SELECT a.attname, pg_get_serial_sequence(%s, a.attname) FROM pg_attribute a "
            "WHERE a.attrelid = %s::regclass AND a.attname = 'id'",
            table.name,
            table.name,
        ):
            low = wanted * LOW.get(table.name, LOW_ELSEWHERE)
            if kept:
                execute(f"ALTER TABLE {table.name} ALTER COLUMN {column} RESTART WITH {low}")


def _empty() -> None:
    tables = (
        "conversations_contact",
        "events_event",
        *COUNTED,
        "statistics_span",
        "statistics_hold",
        "statistics_cursor",
    )
    execute(f"TRUNCATE {', '.join(tables)} CASCADE")  # tickets and all that is theirs go with their contacts


def originals(size: int, wanted: int) -> None:
    """About `size` histories of the last year, written by the product into an empty database, and counted."""
    from bench.fill import load

    _room(wanted)
    load(size)
    rollup.rebuild()


# --- copying ---


def _spans() -> dict[str, int]:
    """By how much the ids of a table are lower in each generation."""
    result = {}
    for table in TABLES:
        if any(name == "id" for name, _ in _columns(table.name)):
            low, high = execute(f"SELECT coalesce(min(id), 0), coalesce(max(id), 0) FROM {table.name}")[0]
            result[table.name] = high - low + 1
    return result


def _columns(table: str) -> list[tuple[str, str]]:
    return [
        (name, kind)
        for name, kind in execute(
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
    made = execute(
        """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) FROM pg_index i
        WHERE i.indrelid = ANY(%s::regclass[]) AND NOT i.indisunique
        """,
        [*(table.name for table in TABLES), *COUNTED],
    )
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    for name, _ in made:
        execute(f"DROP INDEX {name}")
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
    execute(
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
    execute("SET LOCAL maintenance_work_mem = '512MB'; SET LOCAL work_mem = '128MB'; SET LOCAL jit = off")
    generations = plan(chosen, lacking)
    distances = _spans()
    definitions = _without_indexes()
    execute("SET LOCAL session_replication_role = replica")  # every row is a copy of one whose references were checked
    _said(f"{lacking:,} copies of {len(chosen):,} in {generations} generations", begun)
    for table in TABLES:
        execute(_originals_of(table))
        statement = _statement(table, distances)
        for last in range(generations, 0, -AT_ONCE):
            execute(statement, last - AT_ONCE + 1, last)
        _said(table.name, begun)
    _squares()
    spans.tally_all()
    tally.recount()
    tally.fold()
    _said("counted", begun)
    for definition in definitions:
        execute(definition)
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
            execute(f"VACUUM (ANALYZE) {name}")
        _said("vacuumed", begun)
    return published().count()


if __name__ == "__main__":
    from bench.pages import size

    print(json.dumps({"published": fill(size(sys.argv[1]))}))
