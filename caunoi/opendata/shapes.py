"""The four shapes of the open tickets, made by DuckDB from the rows as PostgreSQL wrote them: first Parquet, which
keeps the types, then from it CSV, GeoJSON and GeoReport Bulk. Memory does not grow with the rows, and is freed with the
process that is started for them: a worker would keep DuckDB's for the rest of its life."""

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path

from caunoi.host import home
from caunoi.opendata.fields import FIELDS, STORED_FIELDS

MEMORY = "72MB"
GROUP = 5_000  # rows a group of the Parquet file
KIND = {"string": "VARCHAR", "number": "DOUBLE", "datetime": "TIMESTAMPTZ", "boolean": "BOOLEAN", "integer": "BIGINT"}
AREA = ("area_code", "area", "old_area_codes", "old_district_codes", "old_districts")


def _words(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _moment(name: str) -> str:
    """A time in the form of RFC 3339, in the province's own offset."""
    return f"strftime(timezone('Asia/Ho_Chi_Minh', \"{name}\"), '%Y-%m-%dT%H:%M:%S+07:00')"


def _safe(value: str) -> str:
    """A column, or another expression, as a cell that no spreadsheet takes for a formula."""
    return f"CASE WHEN {value} SIMILAR TO '[=+\\-@\\t\\r](.|\\n)*' THEN '''' || {value} ELSE {value} END"


def _plain(name: str, kind: str, *, safe: bool) -> str:
    if kind == "datetime":
        return _moment(name)
    return _safe(f'"{name}"') if safe and kind == "string" else f'"{name}"'


def _typed() -> str:
    """FIELDS from the raw rows joined with the areas."""
    columns = []
    for field in FIELDS:
        if field.name == "url":
            columns.append("$base || raw.code AS url")
        elif field.name in AREA[:2]:
            columns.append(f"coalesce(areas.{field.name}, raw.{field.name}) AS {field.name}")
        elif field.name in AREA:
            columns.append(f"areas.{field.name}")
        elif field.type == "string":
            columns.append(f"nullif(raw.{field.name}, '') AS \"{field.name}\"")
        elif field.type == "datetime":
            columns.append(f"date_trunc('second', raw.{field.name}) AS {field.name}")
        else:
            columns.append(f'raw."{field.name}"')
    return ", ".join(columns)


def _notes() -> str:
    """The answer; of a reopened ticket, labelled as the earlier one."""
    reopened = "WHEN disputed AND answer IS NOT NULL THEN 'Đã mở lại; trả lời trước: ' || answer"
    return f"CASE {reopened} ELSE {_safe('answer')} END"


def _georeport() -> str:
    """The columns of GeoReport Bulk (wiki.open311.org/GeoReport/bulk)."""
    over = f"CASE WHEN status = 'closed' THEN coalesce({_moment('closed')}, {_moment('answered')}) END"
    columns = {
        "service_request_id": "code",
        "requested_datetime": _moment("received"),
        "updated_datetime": _moment("updated"),
        "closed_date": over,
        "status_description": "status",
        "status_notes": _notes(),
        "source": _safe("channel"),
        "service_name": _safe("category"),
        "service_subtype": "NULL",
        "description": _safe("text"),
        "agency_responsible": _safe("agency"),
        "address": _safe("coalesce(place, area)"),
        "lat": "latitude",
        "long": "longitude",
    }
    return ", ".join(f"{column} AS {name}" for name, column in columns.items())


def _feature() -> str:
    point = "{'type': 'Point', 'coordinates': [longitude, latitude]}"
    inner = [
        f"'{f.name}': {_plain(f.name, f.type, safe=False)}" for f in FIELDS if f.name not in ("latitude", "longitude")
    ]
    geometry = f"CASE WHEN latitude IS NOT NULL AND longitude IS NOT NULL THEN {point} END"
    return f"to_json({{'type': 'Feature', 'geometry': {geometry}, 'properties': {{{', '.join(inner)}}}}})"


def write(
    raw: Path,
    folder: Path,
    areas: Iterable[Sequence[str | None]],
    base: str,
    done: Callable[[Path], None] = lambda _: None,
) -> int:
    """Write the shapes of `raw` (PostgreSQL's CSV of STORED_FIELDS, without a header) into `folder`; how many rows.
    `areas` are (code as recorded, *AREA), `base` is put before a code to make its address; `done` is called with each
    finished file. OSError when DuckDB gives up."""
    words = [sys.executable, "-P", "-m", "caunoi.opendata.shapes", str(raw), str(folder), base]
    rows = 0
    with subprocess.Popen(
        words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | home.python()
    ) as child:
        assert child.stdin and child.stdout
        json.dump([list(row) for row in areas], child.stdin)
        child.stdin.close()
        for line in child.stdout:
            message = json.loads(line)
            if isinstance(message, int):
                rows = message
            else:
                done(Path(message))
    if child.returncode:
        raise OSError(f"the open data could not be written: DuckDB's process ended with {child.returncode}")
    return rows


def _write(
    raw: Path, folder: Path, areas: Sequence[Sequence[str | None]], base: str, done: Callable[[Path], None]
) -> int:
    import duckdb

    config = {"memory_limit": MEMORY, "threads": 1, "temp_directory": str(folder)}
    with duckdb.connect(":memory:", config=config) as store:  # type: ignore[arg-type]
        store.execute(
            "SET TimeZone = 'UTC'; SET preserve_insertion_order = true; SET autoinstall_known_extensions = false"
        )
        store.execute(f"CREATE TABLE areas (recorded VARCHAR, {', '.join(f'{name} VARCHAR' for name in AREA)})")
        if areas:
            store.executemany("INSERT INTO areas VALUES (?, ?, ?, ?, ?, ?)", areas)
        names = ", ".join(f"'{field.name}': '{KIND[field.type]}'" for field in STORED_FIELDS)
        read = (
            f"read_csv({_words(str(raw))}, columns = {{{names}}}, header = false, delim = ',', quote = '\"', "
            "escape = '\"', nullstr = '', allow_quoted_nulls = false, auto_detect = false, parallel = false, "
            "max_line_size = 4194304, buffer_size = 8388608)"
        )
        parquet = folder / "tickets.parquet"
        typed = _typed().replace("$base", _words(base))
        source = f"SELECT {typed} FROM {read} raw LEFT JOIN areas ON areas.recorded = raw.area_code"  # noqa: S608
        store.execute(
            f"COPY ({source}) TO {_words(str(parquet))} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE {GROUP})"
        )
        done(parquet)
        table = f"read_parquet({_words(str(parquet))})"
        plain = ", ".join(f'{_plain(f.name, f.type, safe=True)} AS "{f.name}"' for f in FIELDS)
        whole = '{"type":"FeatureCollection","features":[\n'
        shapes = {  # the largest first: while it is packed the others are written
            "tickets.geojson": (
                f"{_feature()} AS feature",
                f"FORMAT csv, HEADER false, QUOTE '', ESCAPE '', DELIMITER '', PREFIX {_words(whole)}, "
                "SUFFIX '\n]}\n', NEW_LINE ',\n'",
            ),
            "tickets.csv": (plain, "FORMAT csv, HEADER true"),
            "georeport.csv": (_georeport(), "FORMAT csv, HEADER true"),
        }
        for name, (columns, options) in shapes.items():
            target = folder / name
            store.execute(f"COPY (SELECT {columns} FROM {table}) TO {_words(str(target))} ({options})")  # noqa: S608
            done(target)
        total = store.execute(f"SELECT count(*) FROM {table}").fetchone()  # noqa: S608
        return int(total[0]) if total else 0


if __name__ == "__main__":
    say = partial(print, flush=True)
    paths = Path(sys.argv[1]), Path(sys.argv[2])
    say(json.dumps(_write(*paths, json.load(sys.stdin), sys.argv[3], lambda path: say(json.dumps(str(path))))))
