"""Lists of agencies and people: looked at, carried out in one transaction, undone."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.accounts import actions as accounts
from caunoi.accounts import queries as people
from caunoi.directory import actions as directory
from caunoi.directory import queries as rows
from caunoi.directory.models import Agency
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, Role, administrators_only
from caunoi.imports import agencies as agencies_list
from caunoi.imports import people as people_list
from caunoi.imports import queries
from caunoi.imports.actions import files
from caunoi.imports.actions.batches import WrongStateError, failed, set_to
from caunoi.imports.mapping import from_json
from caunoi.imports.models import Batch, Oddity
from caunoi.imports.plan import Odd, Plan, outline
from caunoi.imports.table import Table, missing_columns, open_table
from caunoi.lib import locks
from caunoi.lib.tables.sheets import BadSheetError, sheets

MOST = 20_000
EVERY = 250


def heading(row: Batch, path: Path) -> Table | None:
    """The file's heading, recorded; None, and the import has failed, where it cannot be read by this mapping."""
    try:
        table = open_table(path, row.what, from_json(row.mapping))
        pages = sheets(path)
    except BadSheetError as error:
        failed(row, error.problem, error.text)
        return None
    columns = {name: list(called) for name, called in table.columns.items()}
    row.heading = {"names": list(table.names), "header": table.header, "columns": columns, "sheets": pages}
    if missing := missing_columns(table, row.what, from_json(row.mapping)):
        set_to(row, heading=row.heading)
        failed(row, "column_lacks", ", ".join(missing))
        return None
    return table


def look(row: Batch, path: Path) -> None:
    """Read a list and record what it would change."""
    table = heading(row, path)
    if table is None:
        return None
    try:
        made, cells = _plan(row, table, lambda count: _progress(row, count))
    except BadSheetError as error:
        return failed(row, error.problem, error.text)
    if not (made.fresh or made.changed or made.same or made.left):
        return failed(row, "no_rows")
    with transaction.atomic():
        note(row, made.odd, cells, anew=True)
        data = made.as_json()
        set_to(row, state=Batch.State.READY, heading=row.heading, plan=data, counts=counts(made), total=row.done)
    return None


def counts(plan: Plan) -> dict[str, int]:
    return {"fresh": len(plan.fresh), "changed": len(plan.changed), "same": plan.same, "left": plan.left}


def _progress(row: Batch, count: int) -> None:
    row.done = count
    if count > MOST:
        raise BadSheetError("too_many_rows")
    if count % EVERY == 0:
        Batch.objects.filter(pk=row.pk).update(done=count)


def _plan(row: Batch, table: Table, progress: Callable[[int], None]) -> tuple[Plan, dict[int, list[str]]]:
    """The plan, and the cells of every line."""
    cells: dict[int, list[str]] = {}

    def entries() -> Any:
        for entry in table.entries():
            cells[entry.line] = ["" if cell is None else str(cell) for cell in entry.row]
            yield entry

    if row.what == "agencies":
        return agencies_list.plan(entries(), from_json(row.mapping), queries.agencies_ground(), progress), cells
    return people_list.plan(entries(), from_json(row.mapping), queries.people_ground(row.by), progress), cells


def note(row: Batch, odd: list[Odd], cells: Mapping[int, list[str]], *, anew: bool) -> None:
    """Record oddities; the cells of a line that is left out only once."""
    if anew:
        Oddity.objects.filter(batch=row).delete()
    lines: set[int] = set()
    made = []
    for one in odd:
        row_cells = cells.get(one.line) if one.out and one.line not in lines else None
        lines |= {one.line} if one.out else set()
        made.append(Oddity(batch=row, cells=row_cells, **{**asdict(one), "text": one.text[:200]}))
    Oddity.objects.bulk_create(made, batch_size=2000)


def bring_in(row: Batch, path: Path, *, by: Actor) -> Batch:
    """Carry out what `look` showed, all of it or nothing. WrongStateError when it was carried out or dropped already,
    or when what we have has changed since: then the new plan is there to be looked at."""
    administrators_only(by)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [locks.IMPORTS_LISTS])
        row = Batch.objects.select_for_update().get(pk=row.pk)
        if row.state not in (Batch.State.READY, Batch.State.APPLYING) or row.plan is None:
            raise WrongStateError("not_ready")
        made, cells = _plan(row, open_table(path, row.what, from_json(row.mapping)), lambda count: None)
        holds = outline(made.as_json()) == outline(row.plan)
        if holds:
            write = _write_agencies if row.what == "agencies" else _write_people
            write(made, by)
            record("import.apply", row, by=by, what=row.what, label=row.file_name, counts=counts(made))
            set_to(row, state=Batch.State.DONE, applied=now(), done=row.total)
        else:
            note(row, made.odd, cells, anew=True)
            set_to(row, state=Batch.State.READY, plan=made.as_json(), counts=counts(made))
    if not holds:
        raise WrongStateError("changed_meanwhile")
    files.forget(row)
    return row


def _agency_values(values: Mapping[str, str]) -> dict[str, Any]:
    result: dict[str, Any] = dict(values)
    if "area" in result:
        result["area"] = rows.area(result["area"]) if result["area"] else None
    if "calendar" in result:
        result["calendar"] = rows.calendars().filter(code=result["calendar"]).first()
    return result


def _person_values(values: Mapping[str, str], agencies: Mapping[str, Agency]) -> dict[str, Any]:
    result: dict[str, Any] = dict(values)
    if "agency" in result:
        result["agency"] = agencies[result["agency"]] if result["agency"] else None
    if "role" in result:
        result["role"] = Role(result["role"])
    return result


def _write_agencies(plan: Plan, by: Actor) -> None:
    for step in plan.fresh:
        directory.add_agency(step.key, by=by, **_agency_values(step.after))
    by_code = {row.code: row for row in rows.every_agency()}
    for step in plan.changed:
        directory.edit_agency(by_code[step.key], by=by, **_agency_values(step.after))


def _write_people(plan: Plan, by: Actor) -> None:
    agencies = {row.code: row for row in rows.every_agency()}
    for step in plan.fresh:
        accounts.add_person(step.key, by=by, **_person_values(step.after, agencies))
    by_username = {user.username: user for user in people.everyone()}
    for step in plan.changed:
        accounts.edit_person(by_username[step.key], by=by, **_person_values(step.after, agencies))


@transaction.atomic
def undo(row: Batch, *, by: Actor) -> Batch:
    """Undo a list: rows it made that nobody used are removed, rows it changed get their old values back. What was
    changed or used since stays as it is now, and is counted (`counts["kept"]`). WrongStateError when there is nothing
    to undo."""
    administrators_only(by)
    row = Batch.objects.select_for_update().get(pk=row.pk)
    if row.state not in (Batch.State.DONE, Batch.State.UNDOING) or row.plan is None:
        raise WrongStateError("not_ready")
    back = _agency_back if row.what == "agencies" else _person_back
    steps = [*row.plan["changed"], *reversed(row.plan["fresh"])]
    keys = [step["key"] for step in steps if not back(step, by)]
    record("import.undo", row, by=by, what=row.what, label=row.file_name, kept=len(keys))
    set_to(row, state=Batch.State.UNDONE, counts={**row.counts, "kept": len(keys)}, plan={**row.plan, "kept": keys})
    return row


def _agency_back(step: Mapping[str, Any], by: Actor) -> bool:
    current = next((one for one in queries.known_agencies() if one.code == step["key"]), None)
    row = rows.every_agency().filter(code=step["key"]).first()
    if row is None or current is None or any(current.values[name] != value for name, value in step["after"].items()):
        return False
    if step["before"]:
        directory.edit_agency(row, by=by, **_agency_values(step["before"]))
        return True
    return directory.remove_agency(row, by=by)


def _person_back(step: Mapping[str, Any], by: Actor) -> bool:
    user = people.person(step["key"])
    if user is None:
        return False
    now_is = {"agency": user.agency.code if user.agency else ""}
    if any(now_is.get(name, getattr(user, name, "")) != value for name, value in step["after"].items()):
        return False
    try:
        if not step["before"]:
            return accounts.remove_person(user, by=by)
        before = dict(step["before"])
        agencies = {one.code: one for one in rows.every_agency()}
        accounts.edit_person(user, by=by, **_person_values(before, agencies))
    except NotAllowedError:
        return False
    return True
