"""What can be done with a file, whatever it contains. Without a path it is the stored one."""

from contextlib import nullcontext
from pathlib import Path

from caunoi.events.actor import Actor
from caunoi.imports.actions import files, lists, tickets
from caunoi.imports.actions.batches import WrongStateError as WrongStateError
from caunoi.imports.actions.batches import begin as begin
from caunoi.imports.actions.batches import drop as drop
from caunoi.imports.actions.batches import failed
from caunoi.imports.actions.batches import forget_old as forget_old
from caunoi.imports.actions.batches import open_batch as open_batch
from caunoi.imports.actions.batches import read_as as read_as
from caunoi.imports.actions.batches import upload as upload
from caunoi.imports.models import Batch

TICKETS = "tickets"


def look(row: Batch, path: Path | None = None) -> Batch:
    """Read a file and record what it would change; one that cannot be read fails, and says why."""
    with nullcontext(path) if path else files.local(row) as file:
        if file.stat().st_size == 0:
            failed(row, "file_empty")
        elif row.what == TICKETS:
            tickets.look(row, file)
        else:
            lists.look(row, file)
    return row


def bring_in(row: Batch, *, by: Actor, path: Path | None = None) -> Batch:
    """Carry out what `look` showed. WrongStateError as of the kind of file."""
    with nullcontext(path) if path else files.local(row) as file:
        return tickets.bring_in(row, file, by=by) if row.what == TICKETS else lists.bring_in(row, file, by=by)


def undo(row: Batch, *, by: Actor) -> Batch:
    """Take it back. WrongStateError as of the kind of file."""
    return tickets.undo(row, by=by) if row.what == TICKETS else lists.undo(row, by=by)
