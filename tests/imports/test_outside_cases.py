"""Two American cities' cases as tickets, and the figures about them equal to those that duckdb works out from the CSV
alone.

The real files (NYC Open Data, DataSF; see SOURCES.md beside them) are read where they lie, in $CAUNOI_SHARED or
../shared/data; the same is proved everywhere on rows of the same shape that are made here.

Proves: Outside data: four numbers, median and 90th percentile equal duckdb's
"""

import csv
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random

import duckdb
import pytest

from caunoi.directory import queries as directory
from caunoi.sla.models import Target
from caunoi.statistics.measures import MEASURES, four_numbers
from caunoi.statistics.scope import Scope

SHARED = Path(os.environ.get("CAUNOI_SHARED") or Path(__file__).parents[3] / "shared" / "data") / "requests311"
CITIES = {
    "nyc": (
        "nyc311_open_cases.csv",
        datetime(2025, 2, 10, tzinfo=UTC),
        "Created Date",
        "Closed Date",
        {
            "code": ("Unique Key",),
            "received": ("Created Date",),
            "answered": ("Closed Date",),
            "text": ("Complaint Type",),
            "summary": ("Descriptor",),
            "state": ("Status",),
            "latitude": ("Latitude",),
            "longitude": ("Longitude",),
        },
    ),
    "sf": (
        "sf311_10000.csv",
        datetime(2016, 1, 28, tzinfo=UTC),
        "Opened",
        "Closed",
        {
            "code": ("CaseID",),
            "received": ("Opened",),
            "answered": ("Closed",),
            "text": ("Category",),
            "summary": ("Request.Details",),
            "state": ("Status",),
        },
    ),
}
OPEN = ("in progress", "assigned", "open", "pending", "unspecified")
WORDS = {"state": {"closed": "closed"} | dict.fromkeys(OPEN, "working")}
FIGURES = """
    WITH cases AS (
        SELECT "Status" = 'Closed' AND ended IS NOT NULL AS done, born, ended, ended < born AS turned,
               born + INTERVAL 10 DAY AS due
        FROM (SELECT *, strptime("{opened}", '%m/%d/%Y %I:%M:%S %p') AS born,
                     strptime(nullif("{closed}", ''), '%m/%d/%Y %I:%M:%S %p') AS ended
              FROM read_csv($path, all_varchar = true, header = true, quote = '"', escape = '"'))
    )
    SELECT count(*) FILTER (done AND NOT turned AND ended <= due) AS on_time,
           count(*) FILTER (done AND ended > due) AS late,
           count(*) FILTER (NOT done AND due >= $at) AS open_within,
           count(*) FILTER (NOT done AND due < $at) AS open_overdue,
           count(*) FILTER (turned) AS turned,
           count(*) FILTER (turned AND done) AS turned_done,
           quantile_cont(epoch(greatest(ended, born)) - epoch(born), 0.5) FILTER (done) AS median,
           quantile_cont(epoch(greatest(ended, born)) - epoch(born), 0.9) FILTER (done) AS tenth,
           quantile_cont(epoch(ended) - epoch(born), 0.5) FILTER (done AND NOT turned) AS median_straight,
           quantile_cont(epoch(ended) - epoch(born), 0.9) FILTER (done AND NOT turned) AS tenth_straight
    FROM cases
"""


def made_up(path: Path, city: str, rows: int) -> Path:
    """Rows of the same shape: mostly closed within days, some late, some open, a few closed before they open."""
    _file, until, opened, closed, columns = CITIES[city]
    random = Random(311)
    with path.open("w", encoding="utf-8", newline="") as out:
        names = [name for (name,) in columns.values()]
        table = csv.DictWriter(out, names)
        table.writeheader()
        for number in range(rows):
            at = until - timedelta(seconds=random.randrange(90 * 86400))
            ends = at + timedelta(seconds=round(random.expovariate(1 / (5 * 86400))) + 1)
            if number % 40 == 7:
                ends = at - timedelta(seconds=random.randrange(1, 5000))
            done = ends < until and number % 5 != 3
            values = dict.fromkeys(names, "") | {
                columns["code"][0]: str(number),
                columns["text"][0]: "Pothole, “deep”",
                "Status": "Closed" if done else "Open",
                opened: f"{at:%m/%d/%Y %I:%M:%S %p}",
                closed: f"{ends:%m/%d/%Y %I:%M:%S %p}" if done else "",
            }
            table.writerow(values)
    return path


def independent(path: Path, city: str) -> dict[str, float]:
    _file, at, opened, closed, _columns = CITIES[city]
    sql = FIGURES.format(opened=opened, closed=closed)
    with duckdb.connect() as own:
        found = own.execute(sql, {"path": str(path), "at": at.replace(tzinfo=None)})
        names = [column[0] for column in found.description]
        return dict(zip(names, found.fetchone() or (), strict=True))


@pytest.fixture
def same_figures(town, brought, time_machine):
    """Bring a city's file in on its last day, and hold every figure against duckdb's."""

    def check(path: Path, city: str) -> dict[str, float]:
        _file, at, _opened, _closed, columns = CITIES[city]
        time_machine.move_to(at, tick=False)
        directory.forget()
        Target.objects.create(clock="handle", category=town.noise, days=10, calendar="always")
        defaults = {"category": "noise", "agency": "dienluc"}
        batch = brought(
            "tickets",
            path.read_bytes(),
            columns=columns,
            words=WORDS,
            defaults=defaults,
            order="mdy",
            zone="UTC",
            source=city,
        )
        truth = independent(path, city)
        assert batch.counts["left"] == 0
        assert batch.counts["apart"] == truth["turned"] > 0
        since = datetime(2000, 1, 1, tzinfo=UTC)
        (figures,) = four_numbers(since, at, at=at)
        assert {part: figures[part] for part in ("late", "open_within", "open_overdue")} == {
            part: truth[part] for part in ("late", "open_within", "open_overdue")
        }
        assert figures["on_time"] - truth["turned_done"] == truth["on_time"]
        assert figures["total"] == sum(
            truth[p] for p in ("on_time", "late", "open_within", "open_overdue", "turned_done")
        )
        scope = Scope(since=since, until=at, at=at)
        for name, of in (("handling", "median"), ("handling_p90", "tenth")):
            (row,) = MEASURES[name].read(scope, "")  # hours, to a third of a second
            assert row["value"] * 3600 == pytest.approx(truth[of], abs=0.2)
        return truth

    return check


@pytest.mark.parametrize("city", sorted(CITIES))
def test_figures_of_made_up_cases_equal_those_counted_apart(same_figures, tmp_path, city):
    truth = same_figures(made_up(tmp_path / "cases.csv", city, 400), city)
    assert min(truth[part] for part in ("on_time", "late", "open_within", "open_overdue", "turned")) > 0


@pytest.mark.slow
@pytest.mark.parametrize("city", sorted(CITIES))
def test_figures_of_two_real_cities_equal_those_counted_apart(same_figures, city):
    path = SHARED / CITIES[city][0]
    if not path.exists():
        pytest.skip(f"no {path}: real cases are not part of the project")
    truth = same_figures(path, city)
    assert truth["turned"] == {"nyc": 2, "sf": 129}[city]
