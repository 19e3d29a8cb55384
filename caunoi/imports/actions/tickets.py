"""An old system's tickets: looked at, written in bulk a chunk at a time, continued after an interruption, undone."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from itertools import batched
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.timezone import now

from caunoi import moves
from caunoi.channels.adapters.paper import Paper
from caunoi.conversations import queries as conversations
from caunoi.conversations.actions import make_inbox
from caunoi.directory import queries as directory
from caunoi.directory.geography import geography
from caunoi.directory.models import Agency
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, administrators_only
from caunoi.events.models import Event
from caunoi.imports import queries
from caunoi.imports.actions import files
from caunoi.imports.actions.batches import WrongStateError, failed, set_to
from caunoi.imports.actions.lists import heading, note
from caunoi.imports.histories import INBOX, Counts, Row, TicketGround, read
from caunoi.imports.mapping import ColumnMapping, from_json
from caunoi.imports.models import Batch, Imported
from caunoi.imports.places import Places
from caunoi.imports.plan import Odd, Words
from caunoi.imports.table import Entry, open_table
from caunoi.lib.tables.sheets import BadSheetError
from caunoi.tickets.removal import remove

CHUNK = 500
MOST = 1_000_000


def ground() -> TicketGround:
    places = Places(directory.province_code(), geography())

    def area_of(words: str, on: date) -> tuple[Any, str]:
        place = places.find(words, on)
        row = directory.area(place.code) if place.code else None
        return row, "" if row else place.why or "area_unclear"

    return TicketGround(
        category_names=queries.category_names(),
        categories={c.code: c for c in directory.categories()},
        agency_names=queries.agency_names(),
        agencies={a.code: a for a in Agency.objects.filter(directory.in_force())},
        area_of=area_of,
        at=now(),
    )


class _Chunk:
    """Some rows read, what was odd about them, and their cells."""

    def __init__(
        self, entries: Iterable[Entry], mapping: ColumnMapping, ground: TicketGround, words: Words, seen: dict[str, int]
    ) -> None:
        self.rows: list[Row] = []
        self.odd: list[Odd] = []
        self.cells: dict[int, list[str]] = {}
        self.last, self.size = 0, 0
        for entry in entries:
            row, made = read(entry, mapping, ground, words)
            if row is not None and (first := seen.setdefault(row.key, entry.line)) != entry.line:
                made.odd.append(Odd(line=entry.line, problem="twice", field="code", text=str(first), out=True))
                row = None
            if any(odd.out for odd in made.odd):
                self.cells[entry.line] = ["" if cell is None else str(cell) for cell in entry.row]
            self.odd += made.odd
            self.last, self.size = entry.line, self.size + 1
            if row is not None:
                self.rows.append(row)

    def imported_before(self, source: str) -> dict[str, str]:
        """The rows of this chunk that were imported before, with their digests of then."""
        keys = [row.key for row in self.rows]
        return dict(Imported.objects.filter(source=source, key__in=keys).values_list("key", "digest"))


def _chunks(row: Batch, path: Path, words: Words, after: int = 0) -> Iterator[_Chunk]:
    mapping, here, seen = from_json(row.mapping), ground(), dict[str, int]()
    entries = (entry for entry in open_table(path, "tickets", mapping).entries() if entry.line > after)
    for some in batched(entries, CHUNK):
        yield _Chunk(some, mapping, here, words, seen)


def _count(counts: Counts, chunk: _Chunk, before: dict[str, str]) -> list[Row]:
    """The rows of a chunk that are new; those that say something else now are odd."""
    fresh = []
    for row in chunk.rows:
        if row.key not in before:
            counts.add(row.history, row.state)
            counts.apart += row.apart
            fresh.append(row)
        elif before[row.key] == row.digest:
            counts.known += 1
        else:
            counts.known, counts.changed = counts.known + 1, counts.changed + 1
            chunk.odd.append(Odd(line=row.line, problem="changed_since", field="code", text=row.key))
    counts.left += len({odd.line for odd in chunk.odd if odd.out})
    return fresh


def look(row: Batch, path: Path) -> None:
    """Read the whole file as it would be imported, and record its content; nothing else is written."""
    if heading(row, path) is None:
        return None
    counts, words, total = Counts(), Words(), 0
    source = from_json(row.mapping).source
    note(row, [], {}, anew=True)
    try:
        for chunk in _chunks(row, path, words):
            _count(counts, chunk, chunk.imported_before(source))
            note(row, chunk.odd, chunk.cells, anew=False)
            total += chunk.size
            Batch.objects.filter(pk=row.pk).update(done=total)
            if total > MOST:
                raise BadSheetError("too_many_rows")
    except BadSheetError as error:
        return failed(row, error.problem, error.text)
    if not total:
        return failed(row, "no_rows")
    plan = {"words": words.seen}
    set_to(row, state=Batch.State.READY, heading=row.heading, plan=plan, counts=counts.as_json(), total=total, done=0)
    return None


def bring_in(row: Batch, path: Path, *, by: Actor) -> Batch:
    """Write the rows that are not there yet, each chunk with its place in the file in one transaction: whoever is
    killed goes on from there. WrongStateError when it is not under way, or somebody else is at it."""
    administrators_only(by)
    counts, words = _counters(row.counts) if row.line else Counts(), Words()
    if not row.line:
        note(row, [], {}, anew=True)
        set_to(row, done=0)
    if not conversations.has_inbox(INBOX):
        make_inbox(INBOX, Paper.key, label=from_json(row.mapping).source)
    source = from_json(row.mapping).source
    for chunk in _chunks(row, path, words, after=row.line):
        with transaction.atomic():
            mine = Batch.objects.select_for_update().only("line", "state").get(pk=row.pk)
            if mine.line != row.line or mine.state != Batch.State.APPLYING:
                raise WrongStateError("somebody_else")
            fresh = _count(counts, chunk, chunk.imported_before(source))
            _write(row, source, fresh)
            note(row, chunk.odd, chunk.cells, anew=False)
            set_to(row, line=chunk.last, done=row.done + chunk.size, counts=counts.as_json())
    with transaction.atomic():
        record("import.apply", row, by=by, what=row.what, label=row.file_name, counts={"fresh": counts.rows})
        set_to(row, state=Batch.State.DONE, applied=now(), total=row.done)
    files.forget(row)
    return row


def _counters(data: Mapping[str, Any]) -> Counts:
    """Counts as they come back from JSON, ready to be added to."""
    tables = {name: Counter(data[name]) for name in ("states", "years", "channels")}
    return Counts(**{**data, **tables})


def _write(row: Batch, source: str, fresh: list[Row]) -> None:
    written = moves.write([one.history for one in fresh], quiet=True)
    Imported.objects.bulk_create(
        Imported(source=source, key=one.key, batch=row, ticket=ticket.pk, digest=one.digest, event=last.pk)
        for one, (ticket, last) in zip(fresh, written, strict=True)
    )


def touched(row: Batch, ids: Collection[int] | None = None) -> set[int]:
    """The tickets of an import that somebody has worked on since."""
    rows = Imported.objects.filter(batch=row)
    rows = rows if ids is None else rows.filter(ticket__in=ids)
    result: set[int] = set()
    for some in batched(rows.values_list("ticket", "event").iterator(2000), 2000):
        last = dict(some)
        later = Event.objects.filter(subject="ticket", subject_id__in=list(last), id__gt=min(last.values()))
        later = later.exclude(kind__startswith="sla.").exclude(by=SYSTEM.name)
        result |= {pk for pk, event in later.values_list("subject_id", "id") if event > last[pk]}
    return result


def undo(row: Batch, *, by: Actor) -> Batch:
    """Remove all tickets of an import, a chunk at a time. WrongStateError when there is nothing to undo, or somebody
    has worked on some of them since."""
    administrators_only(by)
    if row.state not in (Batch.State.DONE, Batch.State.UNDOING):
        raise WrongStateError("not_ready")
    if row.state == Batch.State.DONE and touched(row):
        raise WrongStateError("touched")
    set_to(row, state=Batch.State.UNDOING)
    worked_on: set[int] = set()
    while ids := list(
        Imported.objects.filter(batch=row)
        .exclude(ticket__in=worked_on)
        .order_by("-id")
        .values_list("ticket", flat=True)[:CHUNK]
    ):
        with transaction.atomic():
            own = touched(row, ids)
            count = remove(set(ids) - own, by=by, batch=row.pk)
            Imported.objects.filter(ticket__in=set(ids) - own).delete()
            set_to(row, done=max(row.done - count, 0))
        worked_on |= own
    with transaction.atomic():
        record("import.undo", row, by=by, what=row.what, label=row.file_name, kept=len(worked_on))
        set_to(row, state=Batch.State.UNDONE, counts={**row.counts, "kept": len(worked_on)}, line=0)
    return row
