"""`caunoi deadline`: when so many working days or hours are over, and why then."""

import argparse
import re
import sys
from datetime import datetime, timedelta
from typing import Any

from caunoi.cli.lines import answer, dumps, objects
from caunoi.lib.worktime.counting import CALENDARS, OFFICE
from caunoi.lib.worktime.worktrace import WEEKDAYS, trace_days, trace_work

NAME = "deadline"
HELP = "say when so many working days or hours are over, and why"

_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.\d+)?)?([Zz]|[+-]\d\d:\d\d)?", re.ASCII)
_FIELDS = ("start", "days", "hours", "calendar")


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("lines", nargs="?", choices=["-"], help="read JSON lines {start, days or hours, calendar}")
    parser.add_argument("--start", metavar="TS", help="RFC 3339 with an offset: 2026-08-21T15:00:00+07:00")
    amount = parser.add_mutually_exclusive_group()
    amount.add_argument("--days", metavar="N", help="working days, from 1 on")
    amount.add_argument("--hours", metavar="N", help="working hours, from 1 on")
    parser.add_argument("--calendar", metavar="CODE", help=f"{' or '.join(CALENDARS)} (default: {OFFICE.code})")
    parser.add_argument("--json", action="store_true", help="print one object instead of words")


def run(args: argparse.Namespace) -> int:
    """Print an answer for each question; 0, or 2 where one was not understood."""
    options = {name: value for name in _FIELDS if (value := getattr(args, name)) is not None}
    if args.lines:
        if options:
            print("caunoi deadline: with - everything is in the lines, nothing in options", file=sys.stderr)
            return 2
        return answer(objects(), deadline)
    try:
        question = {
            name: _number(name, value) if name in ("days", "hours") else value for name, value in options.items()
        }
        result = deadline(question)
    except ValueError as error:
        print(f"caunoi deadline: {error}", file=sys.stderr)
        return 2
    print(dumps(result) if args.json else _words(result))
    return 0


def deadline(question: dict[str, Any]) -> dict[str, Any]:
    """`{start, due, calendar, trace}` for `{start, days or hours, calendar}`. ValueError says what to write instead."""
    if unknown := sorted(set(question) - set(_FIELDS)):
        raise ValueError(f"unknown field {', '.join(unknown)}; known are {', '.join(_FIELDS)}")
    start = moment(question.get("start"))
    amounts = {name: question[name] for name in ("days", "hours") if question.get(name) is not None}
    if len(amounts) != 1:
        raise ValueError("give days or hours, one of them")
    ((unit, number),) = amounts.items()
    if type(number) is not int or number < 1:
        raise ValueError(f"{unit} must be a positive whole number, written without quotes, not {number!r}")
    code = OFFICE.code if question.get("calendar") is None else question["calendar"]
    if not isinstance(code, str) or code not in CALENDARS:
        raise ValueError(f"no calendar {code!r}; known are {', '.join(CALENDARS)}")
    calendar = CALENDARS[code]
    try:
        if unit == "days":
            due, trace = calendar.add_days(start, number), trace_days(calendar, start, number)
        else:
            work = timedelta(hours=number)
            due, trace = calendar.add(start, work), trace_work(calendar, start, work)
    except OverflowError:
        raise ValueError(f"{number} {unit} is too far away") from None
    return {"start": question["start"], "due": due.isoformat(), "calendar": code, "trace": trace}


def moment(text: object) -> datetime:
    """An RFC 3339 instant. ValueError says how to write one."""
    example = "write it like 2026-08-21T15:00:00+07:00"
    if text is None:
        raise ValueError(f"start is missing; {example}")
    match = _MOMENT.fullmatch(text) if isinstance(text, str) else None
    if not match:
        raise ValueError(f"start is no RFC 3339 time: {text!r}; {example}")
    if not match[3]:
        raise ValueError(f"start has no offset: {text!r}; add +07:00 for Vietnamese time, or Z for UTC")
    try:
        return datetime.fromisoformat(match[0].upper())
    except ValueError as error:
        raise ValueError(f"start is no time: {text!r} ({error}); {example}") from None


def _number(name: str, text: str) -> int:
    if not re.fullmatch(r"[0-9]{1,18}", text):
        raise ValueError(f"{name} must be a positive whole number, not {text!r}")
    return int(text)


def _words(answer: dict[str, Any]) -> str:
    due = datetime.fromisoformat(answer["due"])
    when = f"{due:%H:%M} {WEEKDAYS[due.weekday()]} {due:%d/%m/%Y}"
    return "\n".join(
        [f"Hạn: {when} ({answer['due']}, {answer['calendar']})", *(f"  {line}" for line in answer["trace"])]
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"caunoi {NAME}", description=HELP)
    arguments(parser)
    sys.exit(run(parser.parse_args()))
