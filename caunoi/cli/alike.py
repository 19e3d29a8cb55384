"""`caunoi alike`: of a set of open reports, the three that are most alike to each, with the probability that they tell
of the same thing. Nothing is joined by it.

An installation's communes count where there is one; `area` is read as `area_code`.
"""

import argparse
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from caunoi.cli.address import home
from caunoi.cli.installation import places, rows
from caunoi.cli.lines import Answer, answer, naming, objects
from caunoi.lib.places import spoken
from caunoi.lib.places.gazetteer import Geography
from caunoi.triage.alike import Report, of_set

NAME = "alike"
HELP = "find the three most alike of open reports, each with a probability"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "reports",
        choices=["-"],
        metavar="-",
        help='JSON lines {"id", "text", "at", "lat", "long", "category", "area_code"} of standard input: one set',
    )
    parser.add_argument("--json", action="store_true", help="print one object a line, as it always does")


def run(args: argparse.Namespace) -> int:
    """Print the alike ones of each report, in the order of the set; 0, or 2 where a line was not understood."""
    with rows() as there:
        geography, province = places(there)
    return answer(_answers(geography, home(province)), lambda line: line)


def _answers(geography: Geography, province: str) -> Iterator[tuple[int, Answer]]:
    """(line, answer) of each report, once all are read."""
    ids: list[Any] = []
    reports = []
    lines = []
    for number, row in objects():
        with naming(number):
            ids.append(row["id"])
            reports.append(_report(row, geography, province))
        lines.append(number)
    for at, (number, likely) in enumerate(zip(lines, of_set(reports), strict=True)):
        yield number, {"id": ids[at], "alike": [{"id": ids[one.at], "p": one.p} for one in likely]}


def _report(row: Mapping[str, Any], geography: Geography, province: str) -> Report:
    text, at = row["text"], row.get("at")
    if not isinstance(text, str):
        raise TypeError("text is not a string")
    area = row.get("area_code") or row.get("area") or ""
    if not area and (commune := spoken.commune(text, home=province, geography=geography)):
        area = commune.code
    return Report(
        text=text,
        at=_moment(at) if at else None,
        lat=_degrees(row, "lat"),
        long=_degrees(row, "long"),
        category=str(row.get("category") or ""),
        area=str(area),
    )


def _moment(at: Any) -> datetime:
    try:
        moment = datetime.fromisoformat(at)
    except (TypeError, ValueError):
        raise ValueError(f"at is no time: {at!r}") from None
    if moment.tzinfo is None:
        raise ValueError(f"at has no offset: {at!r}")
    return moment


def _degrees(row: Mapping[str, Any], name: str) -> float | None:
    value = row.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise TypeError(f"{name} is not a number: {value!r}")
    return float(value)
