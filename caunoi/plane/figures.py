"""One table of all provinces, from what each publishes as open data: by month and cell the published tickets, how many
of them were handled, and how many in time. Nothing is added to what is public already, and nothing put together that
names a ticket: only counts leave the files, which are removed at once."""

import csv
import json
import tempfile
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from hashlib import sha256
from pathlib import Path
from typing import Any

import duckdb
import httpx

from caunoi.lib.cells import Cell
from caunoi.plane import asking
from caunoi.plane.asking import SilentCellError

TICKETS, PACKAGE = "tickets.parquet", "datapackage.json"
MEMORY = "256MB"
COUNTED = """
SELECT strftime(timezone('Asia/Ho_Chi_Minh', received), '%Y-%m') AS month, count(*),
    count(*) FILTER (status = 'closed'), count(*) FILTER (status = 'closed' AND NOT late),
    count(*) FILTER (status = 'open' AND late)
FROM read_parquet($file) WHERE received IS NOT NULL AND state NOT IN ('refused', 'merged')
GROUP BY 1 ORDER BY 1
"""


@dataclass(frozen=True, kw_only=True)
class Month:
    """Published tickets of a cell that came in within a month: how many, of these no longer open, of these not late;
    and those open past their deadline. `as_of`: when the cell's edition was made."""

    month: str
    code: str
    cell: str
    published: int
    handled: int
    on_time: int
    overdue: int
    as_of: str


@dataclass(frozen=True, kw_only=True)
class Missing:
    """A cell that is not in the table, and why."""

    cell: Cell
    why: str


def gather(members: Iterable[Cell]) -> tuple[list[Month], list[Missing]]:
    """One cell after the other, so that one file at a time lies here. OSError."""
    rows, missing = list[Month](), list[Missing]()
    with asking.client() as http:
        for cell in sorted(members, key=lambda one: one.code):
            try:
                rows += _months(http, cell)
            except SilentCellError as error:
                missing.append(Missing(cell=cell, why=str(error)))
    return sorted(rows, key=lambda one: (one.month, one.code)), missing


def _months(http: httpx.Client, cell: Cell) -> list[Month]:
    address = f"{cell.address}/open-data"
    package = asking.get(http, f"{address}/{PACKAGE}")
    try:
        content = json.loads(package)
        as_of = str(content["created"])
        expected = next(one["hash"] for one in content["resources"] if one["path"] == TICKETS)
    except (KeyError, TypeError, ValueError, StopIteration, RecursionError):
        raise SilentCellError("its open data cannot be read") from None
    with tempfile.TemporaryDirectory(prefix="cells-") as room:
        path = Path(room) / TICKETS
        asking.download(http, f"{address}/{TICKETS}", path)
        with path.open("rb") as file:
            digest = _digest(file)
        if digest != str(expected).removeprefix("sha256:"):
            raise SilentCellError("its open data is being made anew; ask again in ten minutes")
        try:
            counts = _counted(path, room)
        except duckdb.Error as error:
            raise SilentCellError(f"its open data cannot be read ({type(error).__name__})") from None
    return [
        Month(
            month=month,
            code=cell.code,
            cell=cell.name,
            published=published,
            handled=handled,
            on_time=on_time,
            overdue=overdue,
            as_of=as_of,
        )
        for month, published, handled, on_time, overdue in counts
    ]


def _digest(file: Any) -> str:
    digest = sha256()
    while piece := file.read(1 << 20):
        digest.update(piece)
    return digest.hexdigest()


def _counted(path: Path, room: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(config={"memory_limit": MEMORY, "temp_directory": room, "threads": 1}) as own:
        own.execute("SET TimeZone = 'UTC'")
        return own.execute(COUNTED, {"file": str(path)}).fetchall()


def write(path: Path, rows: Iterable[Month]) -> None:
    """As CSV. OSError."""
    with path.open("w", encoding="utf-8-sig", newline="") as out:
        table = csv.DictWriter(out, [one.name for one in fields(Month)], lineterminator="\n")
        table.writeheader()
        table.writerows(asdict(one) for one in rows)
