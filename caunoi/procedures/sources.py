"""The files procedures come in: the portal's XLSX list, or its full records as JSON lines (.jsonl, .jsonl.gz). Pure.

A file is read whole or not at all: `read` returns everything in it, or raises BadFileError with the lines that are at
fault."""

import gzip
import io
import json
import zlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any

from caunoi.lib.tables.sheets import BadSheetError, Cell, lines
from caunoi.procedures.record import BadRecordError, Oddity, Record, from_row, header, parse

LIST, FULL = "list", "full"
LONGEST_LINE = 2_000_000
"""Bytes of one JSON line; the longest of the portal's has about 130,000."""
LARGEST = 1_500_000_000
"""Bytes of a file once unpacked."""
MOST = 100_000
"""Records in one file; the whole country has about 6,000."""
LONGEST_CELL = 32_767
"""Characters Excel lets a cell have."""
FLAWS_SHOWN = 20
ROWS_BEFORE_HEADER = 15
EVERY = 100


@dataclass(frozen=True, kw_only=True)
class Flaw:
    """Why a line cannot be read: `problem` is a word of oddities.py; line 0 is the file itself."""

    line: int
    problem: str
    text: str = ""


class BadFileError(ValueError):
    """A file that cannot be read, with its flaws; nothing of it is used."""

    def __init__(self, *flaws: Flaw) -> None:
        super().__init__("; ".join(f"line {f.line}: {f.problem} {f.text}".strip() for f in flaws))
        self.flaws = flaws


@dataclass(frozen=True, kw_only=True)
class Source:
    """The content of a file. `aside`: codes whose record is not used because its page is another procedure's;
    `labels`: by code the list that it belongs to, as the file calls it."""

    kind: str
    records: tuple[Record, ...]
    oddities: tuple[Oddity, ...]
    aside: tuple[str, ...] = ()
    labels: dict[str, str]


def read(raw: bytes, progress: Callable[[int], None] = lambda count: None) -> Source:
    """A file by its content, whatever its name. `progress` is called now and then with the number of records read."""
    if not raw.strip():
        raise BadFileError(Flaw(line=0, problem="file_empty"))
    if raw[:2] == b"PK":
        return _list(raw, progress)
    return _full(raw, progress)


def _full(raw: bytes, progress: Callable[[int], None]) -> Source:
    labels: dict[str, str] = {}

    def parsed(text: bytes) -> tuple[Record, Sequence[Oddity]]:
        source = _object(text)
        record, odd = parse(source)
        labels[record.code] = str(source.get("_agency_dir") or "")
        return record, odd

    records, odd = _records(_lines(raw), parsed, progress)
    own, aside, shared = _own_pages(records)
    return Source(kind=FULL, records=own, oddities=(*odd, *shared), aside=aside, labels=labels)


def _records[T](
    lines: Iterable[tuple[int, T]],
    parsed: Callable[[T], tuple[Record, Sequence[Oddity]]],
    progress: Callable[[int], None],
) -> tuple[list[Record], list[Oddity]]:
    """The record of every line, one a code. BadFileError with the flaws of those that cannot be read."""
    records: list[tuple[int, Record]] = []
    oddities: list[Oddity] = []
    flaws: list[Flaw] = []
    for number, line in lines:
        try:
            record, odd = parsed(line)
        except BadRecordError as error:
            flaws.append(Flaw(line=number, problem=error.problem, text=error.text))
            if len(flaws) >= FLAWS_SHOWN:
                break
            continue
        records.append((number, record))
        oddities += odd
        if len(records) % EVERY == 0:
            progress(len(records))
        if len(records) > MOST:
            raise BadFileError(Flaw(line=number, problem="too_many_records"))
    if flaws:
        raise BadFileError(*flaws)
    if not records:
        raise BadFileError(Flaw(line=0, problem="no_records"))
    single, twice = _once(records)
    return single, [*oddities, *twice]


def _object(text: bytes) -> dict[str, Any]:
    try:
        source = json.loads(text)
    except UnicodeDecodeError as error:
        raise BadRecordError("not_utf8") from error
    except (ValueError, RecursionError) as error:
        raise BadRecordError("not_json", text[-40:].decode(errors="replace")) from error
    if not isinstance(source, dict):
        raise BadRecordError("not_an_object", text[:40].decode(errors="replace"))
    return source


def _lines(raw: bytes) -> Iterator[tuple[int, bytes]]:
    """The lines that are not empty, numbered from 1, unpacked one by one."""
    stream: Any = io.BytesIO(raw)
    if raw[:2] == b"\x1f\x8b":
        stream = gzip.GzipFile(fileobj=stream)
    number = size = 0
    try:
        while text := stream.readline(LONGEST_LINE + 1):
            number += 1
            size += len(text)
            if len(text) > LONGEST_LINE:
                raise BadFileError(Flaw(line=number, problem="line_too_long"))
            if size > LARGEST:
                raise BadFileError(Flaw(line=number, problem="file_too_large"))
            text = text.removeprefix(b"\xef\xbb\xbf") if number == 1 else text
            if text.strip():
                yield number, text
    except (EOFError, zlib.error, OSError) as error:  # BadGzipFile is an OSError
        raise BadFileError(Flaw(line=number, problem="cut_off")) from error


def _list(raw: bytes, progress: Callable[[int], None]) -> Source:
    rows = _rows(raw)
    columns: dict[str, int] | None = None
    for number, titles in rows:
        columns = header(titles)
        if columns is not None or number >= ROWS_BEFORE_HEADER:
            break
    if columns is None:
        raise BadFileError(Flaw(line=0, problem="wrong_columns"))

    def parsed(row: tuple[Cell, ...]) -> tuple[Record, Sequence[Oddity]]:
        if any(isinstance(cell, str) and len(cell) > LONGEST_CELL for cell in row):
            raise BadRecordError("cell_too_long")
        return from_row(row, columns)

    records, odd = _records(rows, parsed, progress)
    labels = {record.code: record.issuer for record in records}
    return Source(kind=LIST, records=tuple(records), oddities=tuple(odd), labels=labels)


def _rows(raw: bytes) -> Iterator[tuple[int, tuple[Cell, ...]]]:
    """The rows that are not empty, numbered from 1."""
    with NamedTemporaryFile() as file:
        file.write(raw)
        file.flush()
        try:
            for row in lines(Path(file.name)):
                yield row.number, row.cells
        except BadSheetError as error:
            problem = error.problem if error.problem == "file_too_large" else "not_xlsx"
            raise BadFileError(Flaw(line=0, problem=problem, text=error.text)) from error


def _once(records: list[tuple[int, Record]]) -> tuple[list[Record], list[Oddity]]:
    """One record a code: of several the last one, with an oddity that says whether they differed."""
    by_code: dict[str, Record] = {}
    odd = []
    for line, record in records:
        if old := by_code.get(record.code):
            problem = "code_twice" if old == record else "code_twice_differs"
            odd.append(Oddity(code=record.code, field="code", problem=problem, text=f"line {line}"))
        by_code[record.code] = record
    return list(by_code.values()), odd


def _own_pages(records: list[Record]) -> tuple[tuple[Record, ...], tuple[str, ...], list[Oddity]]:
    """Leaves out records whose page is shared by several codes: it can be the page of one of them only, and nobody can
    tell which, so its words would be wrong answers."""
    shared = {url for url, count in Counter(record.url for record in records).items() if url and count > 1}
    aside = [record for record in records if record.url in shared]
    odd = [Oddity(code=record.code, field="url", problem="page_of_several", text=record.name[:80]) for record in aside]
    return tuple(r for r in records if r.url not in shared), tuple(r.code for r in aside), odd
