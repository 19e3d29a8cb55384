"""Shows how each periodic task is doing; exit 1 when one is overdue."""

import argparse
import os
import sys
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from django.db import ProgrammingError
from django.utils.timezone import localtime

from caunoi.cli import lines
from caunoi.host.finding import NOTHING, _
from caunoi.jobs import clock
from caunoi.jobs.clock import Standing

NAME = "jobs"
HELP = "how each task that runs by the clock fares; exit 1 when one is overdue"
NEEDS = "database"
HEADS = (
    _("TASK"),
    _("EVERY"),
    _("LAST SUCCESS"),
    _("TOOK"),
    _("RUNNING SINCE"),
    _("FAILURES"),
    _("NEXT"),
    NOTHING,
)
OVERDUE = _("OVERDUE")
NO_TABLES = _("the database is not set up yet; `caunoi up` or `caunoi migrate` does that")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object a task a line; every and took in seconds")
    lines.add_language(parser)


def run(args: argparse.Namespace) -> int:
    try:
        standings = [set_up(one) for one in clock.standings()]
    except ProgrammingError:
        print(f"caunoi: {NO_TABLES.in_(args.lang)}", file=sys.stderr)
        return 2
    if args.json:
        for one in standings:
            print(lines.dumps(as_json(one)))
    else:
        lines.print_table(HEADS, [as_row(one, args.lang) for one in standings], args.lang)
    return 1 if any(one.overdue for one in standings) else 0


def set_up(one: Standing) -> Standing:
    """A task that has nothing to do here succeeds each time, which must not be read as if it had been done."""
    if one.task != "backups.make" or os.environ.get("CAUNOI_BACKUP_DIR"):
        return one
    return replace(one, last_success=None, took=None, error="not set up: CAUNOI_BACKUP_DIR")


def as_json(one: Standing) -> dict[str, Any]:
    """A task's standing under the keys of docs/operating.md; times in RFC 3339."""
    return {
        "task": one.task,
        "every": one.every,
        "last_success": _stamp(one.last_success),
        "took": one.took,
        "running_since": _stamp(one.running_since),
        "failures": one.failures,
        "next": _stamp(one.next),
        "overdue": one.overdue,
        "error": one.error,
    }


def as_row(one: Standing, lang: str = "en") -> tuple[str, ...]:
    return (
        one.task,
        _span(one.every, lang),
        _time(one.last_success),
        "" if one.took is None else f"{one.took:g} s",
        _time(one.running_since),
        str(one.failures or ""),
        _time(one.next),
        (f"{OVERDUE.in_(lang)}  " if one.overdue else "") + one.error,
    )


def _span(seconds: int, lang: str) -> str:
    days, rest = divmod(seconds, 86_400)
    if not rest and days:
        return (_("day") if days == 1 else _("%(count)s days", count=days)).in_(lang)
    return str(timedelta(seconds=seconds))


def _stamp(at: datetime | None) -> str | None:
    return localtime(at).isoformat(timespec="seconds") if at else None


def _time(at: datetime | None) -> str:
    return f"{localtime(at):%Y-%m-%d %H:%M:%S}" if at else "-"
