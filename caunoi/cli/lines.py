"""The small questions' common part: many questions in, one answer a line out, an error that names its line."""

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from caunoi.host.finding import Text

type Answer = Mapping[str, Any]


class BadLineError(Exception):
    """A line of the input that cannot be a question."""

    def __init__(self, number: int, reason: str) -> None:
        super().__init__(f"line {number}: {reason}")


def objects() -> Iterator[tuple[int, dict[str, Any]]]:
    """(line number from 1, object) of the JSON lines of standard input, as they arrive. Blank lines are passed over;
    BadLineError for what is no object."""
    for number, line in enumerate(sys.stdin, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise BadLineError(number, f"not JSON: {error}") from None
        if not isinstance(value, dict):
            raise BadLineError(number, "not a JSON object")
        yield number, value


@contextmanager
def naming(number: int) -> Iterator[None]:
    """Errors of a line's fields as BadLineError: one that lacks, is of the wrong type, or cannot be."""
    try:
        yield
    except KeyError as error:
        raise BadLineError(number, f"{error.args[0]} is missing") from error
    except (ValueError, TypeError) as error:
        raise BadLineError(number, str(error)) from error


def answer[Q](
    questions: Iterable[tuple[int, Q]], one: Callable[[Q], Answer], *, text: Callable[[Answer], str] | None = None
) -> int:
    """Prints the answer to each question as soon as it is known; returns the exit code.

    `one` may raise ValueError (KeyError, TypeError: a field lacks or is of the wrong type): the line and the reason go
    to stderr, and the code is 2. Without `text` an answer is printed as one JSON object a line.
    """
    try:
        for number, question in questions:
            with naming(number):
                result = one(question)
            print(dumps(result) if text is None else text(result), flush=True)
    except BadLineError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def language(environ: Mapping[str, str] = os.environ) -> str:
    """What the shell speaks (POSIX: LC_ALL before LC_MESSAGES before LANG): vi, else en."""
    locale = next(filter(None, (environ.get(name, "") for name in ("LC_ALL", "LC_MESSAGES", "LANG"))), "")
    return "vi" if locale.lower().startswith("vi") else "en"


def add_language(parser: argparse.ArgumentParser) -> None:
    """`--lang` of a command that people read; what programs read (`--json`) is the same in both."""
    parser.add_argument(
        "--lang", choices=("vi", "en"), default=language(), help="of what people read (default: as LANG says)"
    )


def print_table(heads: Sequence[Text], rows: Iterable[Sequence[str]], lang: str) -> None:
    """Rows under their heads, in columns."""
    whole = [[head.in_(lang) for head in heads], *rows]
    widths = [max(len(row[n]) for row in whole) for n in range(len(heads))]
    for row in whole:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def dumps(value: Answer) -> str:
    """One JSON object on one line, Vietnamese left readable."""
    return json.dumps(value, ensure_ascii=False, separators=(", ", ": "))
