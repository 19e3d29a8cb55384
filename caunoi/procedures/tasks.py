import contextlib

from caunoi.events.actor import Actor, Role, kind_of
from caunoi.jobs import queue
from caunoi.procedures import actions, queries


@queue.task()
def look(pk: int) -> None:
    """Read an uploaded file and plan the import."""
    row = queries.waiting(pk)
    if row is not None:
        actions.look(row)


@queue.task()
def bring_in(pk: int, name: str, user: int | None, roles: list[str]) -> None:
    """Carry out an import that somebody looked at; in one transaction, so that a worker that dies changes nothing."""
    row = queries.import_row(pk)
    by = Actor(name=name, kind=kind_of(name, user), user_id=user, roles=frozenset(map(Role, roles)))
    if row is not None:
        with contextlib.suppress(actions.WrongStateError):  # the page shows the new plan
            actions.bring_in(row, by=by)


@queue.task()
def take_back(pk: int, name: str, user: int | None, roles: list[str]) -> None:
    """Undo an import; in one transaction, so that a worker that dies changes nothing."""
    row = queries.import_row(pk)
    by = Actor(name=name, kind=kind_of(name, user), user_id=user, roles=frozenset(map(Role, roles)))
    if row is not None:
        with contextlib.suppress(actions.WrongStateError):  # the page says why not
            actions.undo_import(row, by=by)


@queue.every("5 17 * * *")  # 00:05 in Vietnam
def come_into_force(timestamp: int) -> None:
    """Just after midnight: what begins today becomes the current version."""
    actions.come_into_force()
