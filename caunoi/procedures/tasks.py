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


def _actor(name: str, user: int | None, roles: list[str]) -> Actor:
    return Actor(name=name, kind=kind_of(name, user), user_id=user, roles=frozenset(map(Role, roles)))


@queue.task()
def bring_in(pk: int, name: str, user: int | None, roles: list[str]) -> None:
    """Apply a confirmed import; in one transaction, so that a worker that dies changes nothing."""
    if row := queries.import_row(pk):
        with contextlib.suppress(actions.WrongStateError):  # the page shows the new plan
            actions.bring_in(row, by=_actor(name, user, roles))


@queue.task()
def take_back(pk: int, name: str, user: int | None, roles: list[str]) -> None:
    """Undo an import; in one transaction, so that a worker that dies changes nothing."""
    if row := queries.import_row(pk):
        with contextlib.suppress(actions.WrongStateError):  # the page says why not
            actions.undo_import(row, by=_actor(name, user, roles))


@queue.every("5 17 * * *")  # 00:05 in Vietnam
def come_into_force(timestamp: int) -> None:
    """Just after midnight: versions that begin today become the current ones."""
    actions.come_into_force()


@queue.every("* * * * *")
def index(timestamp: int) -> None:
    """Each minute: where procedures were changed one by one, or this release is new, an index for all processes."""
    actions.hand_over()
