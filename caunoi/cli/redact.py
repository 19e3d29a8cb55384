"""`caunoi redact`: texts as they may be published, with people's data masked."""

import argparse
import sys
from collections.abc import Iterator
from operator import itemgetter
from pathlib import Path
from typing import BinaryIO

from caunoi.cli import lines
from caunoi.cli.main import main
from caunoi.lib.privacy import redact

NAME = "redact"
HELP = "mask people's data in texts, one a line: names, numbers, addresses"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", help='a text file, one text a line; "-": standard input')
    parser.add_argument("--json", action="store_true", help="one object a line, with what was found where")


def run(args: argparse.Namespace) -> int:
    """Print each line's public text; 0, or 1 where the file cannot be read. Bytes that are no UTF-8 become U+FFFD."""
    try:
        with sys.stdin.buffer if args.file == "-" else Path(args.file).open("rb") as stream:
            text = None if args.json else itemgetter("public")
            return lines.answer(_texts(stream, args.file), row, text=text)
    except OSError as error:
        print(f"{args.file}: cannot be read: {error.strerror}", file=sys.stderr)
        return 1


def row(text: str) -> lines.Answer:
    """The output of the contract for a text."""
    spans = redact.find(text)
    items = [{"kind": span.kind, "start": span.start, "end": span.end, "text": span.text} for span in spans]
    return {"public": redact.masked(text, spans), "found": items}


def _texts(stream: BinaryIO, name: str) -> Iterator[tuple[int, str]]:
    for number, line in enumerate(stream, 1):
        raw = line.removesuffix(b"\n").removesuffix(b"\r").removeprefix(b"\xef\xbb\xbf" if number == 1 else b"")
        try:
            yield number, raw.decode()
        except UnicodeDecodeError:
            print(f"{name}: line {number}: not UTF-8, read with \ufffd for what is broken", file=sys.stderr)
            yield number, raw.decode(errors="replace")


if __name__ == "__main__":
    sys.exit(main([NAME, *sys.argv[1:]]))
