"""Files as offices send them, made here."""

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from caunoi.events.actor import SYSTEM
from caunoi.imports import actions
from caunoi.imports.mapping import ColumnMapping
from caunoi.imports.models import Batch


def workbook(rows: Iterable[Iterable[Any]], merged: Iterable[str] = ()) -> bytes:
    """An XLSX of one sheet."""
    book = openpyxl.Workbook()
    sheet = book.active
    for row in rows:
        sheet.append(list(row))
    for cells in merged:
        sheet.merge_cells(cells)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def table(rows: Iterable[Iterable[Any]], separator: str = ",") -> bytes:
    """A CSV as Excel writes it."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=separator).writerows(rows)
    return out.getvalue().encode("utf-8-sig")


@pytest.fixture
def file(tmp_path: Path) -> Callable[[bytes], Path]:
    def write(content: bytes) -> Path:
        path = tmp_path / f"file{len(list(tmp_path.iterdir()))}"
        path.write_bytes(content)
        return path

    return write


@pytest.fixture
def looked(town: Any, file: Callable[[bytes], Path]) -> Callable[..., Batch]:
    """Look at a file of a kind; nothing is carried out."""

    def look(what: str, content: bytes, **mapping: Any) -> Batch:
        path = file(content)
        row = actions.open_batch(what, path, by=SYSTEM, mapping=ColumnMapping(**mapping))
        return actions.look(row, path)

    return look


@pytest.fixture
def brought(town: Any, file: Callable[[bytes], Path]) -> Callable[..., Batch]:
    """Look at a file of a kind and carry it out."""

    def bring(what: str, content: bytes, by: Any = SYSTEM, **mapping: Any) -> Batch:
        path = file(content)
        row = actions.look(actions.open_batch(what, path, by=by, mapping=ColumnMapping(**mapping)), path)
        assert row.state == Batch.State.READY, row.error
        assert actions.begin(row, Batch.State.APPLYING, by=by)
        row.refresh_from_db()
        return actions.bring_in(row, by=by, path=path)

    return bring
