import logging
from datetime import timedelta

from django.utils.timezone import now

from caunoi.events.actor import Actor, Role, kind_of
from caunoi.imports import actions, queries
from caunoi.imports.actions.batches import failed, set_to
from caunoi.imports.models import Batch
from caunoi.jobs import queue

log = logging.getLogger(__name__)
QUIET = timedelta(minutes=3)
"""An import that did nothing for so long lost its worker."""


@queue.task()
def look(pk: int) -> None:
    """Read an uploaded file and plan the import."""
    row = queries.batch(pk)
    if row is not None and row.state == Batch.State.WAITING:
        actions.look(row)


@queue.task()
def carry_on(pk: int, name: str = "", user: int | None = None) -> None:
    """Carry out an import that an administrator started, or its undoing."""
    row = queries.batch(pk)
    if row is None:
        return
    who, number = (name, user) if name else (row.by, row.by_user)
    by = Actor(name=who, kind=kind_of(who, number), user_id=number, roles=frozenset({Role.ADMIN}))
    try:
        if row.state == Batch.State.APPLYING:
            actions.bring_in(row, by=by)
        elif row.state == Batch.State.UNDOING:
            actions.undo(row, by=by)
    except FileNotFoundError:
        failed(row, "file_lost")
    except actions.WrongStateError as error:  # the page shows the new plan, or that somebody worked on it
        log.info("import %s: %s", pk, error.code)
        if error.code == "touched":
            set_to(row, state=Batch.State.DONE)


@queue.every("* * * * *")
def go_on(timestamp: int) -> None:
    """Continue the imports of dead workers where they stopped."""
    states = [Batch.State.APPLYING, Batch.State.UNDOING]
    halted = Batch.objects.filter(state__in=states, touched__lt=now() - QUIET).exclude(
        what="tickets", stored="", state="applying"
    )
    for pk in halted.values_list("pk", flat=True):
        carry_on.defer(pk=pk)


@queue.every("25 20 * * *")  # 03:25 in Vietnam
def forget(timestamp: int) -> None:
    """At night: no file, and nothing it contained, stays for ever."""
    actions.forget_old()
