"""Reading what an exchange wrote down in a gap: its files or its tables, as the settings of its inbox name them."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from django.utils.timezone import get_current_timezone

from caunoi.calls import log_tables, pbx
from caunoi.calls.models import Gap
from caunoi.telephony.asterisk import EXAMPLE
from caunoi.telephony.events import CallEvent, MessageLeft
from caunoi.telephony.gaps import LOGS, Row, events, moment
from caunoi.telephony.log_files import Place, lines, place

MARGIN = timedelta(minutes=15)  # before a gap, where no place was kept: clocks differ
EMPTY = 16_044  # bytes: a message of less than a second is none


class UnreadLogError(Exception):
    """The logs could not be read: `no_logs` where the settings name none, `no_files` where none is there, `bad_address`
    where the database's cannot be read (its own words hold the password), else the system's words."""


def places(settings: Mapping[str, Any]) -> dict[str, Place]:
    """How far each log has come, by name; only of files."""
    folder = settings.get("logs")
    ends = {name: place(Path(str(folder)) / name) for name in LOGS} if folder else {}
    return {name: where for name, where in ends.items() if where}


def read(settings: Mapping[str, Any], gap: Gap) -> list[CallEvent]:
    """What the exchange wrote since the gap began, or a little before. UnreadLogError."""
    folder, dsn = str(settings.get("logs") or ""), str(settings.get("logs_database") or "")
    if not folder and not dsn:
        raise UnreadLogError("no_logs")
    if dsn and not log_tables.is_address(dsn):
        raise UnreadLogError("bad_address")
    since, zone = gap.since - MARGIN, get_current_timezone()
    try:
        ami = pbx.ami(settings)
        tables = log_tables.rows(dsn, since, zone) if dsn else {}
        files = {name: list(_file(Path(folder), name, gap, since)) for name in LOGS} if folder else {}
        if not tables and not any((Path(folder) / name).exists() for name in LOGS):
            raise UnreadLogError("no_files")
    except (OSError, EOFError, ValueError, psycopg.Error) as error:
        raise UnreadLogError(str(error)[:200] or type(error).__name__) from error
    queue, cdr, cel = (
        [*files.get(file, ()), *tables.get(table, ())]
        for file, table in zip(LOGS, ("queue_log", "cdr", "cel"), strict=True)
    )
    return events(queue, cdr, cel, zone=zone, dialplan=ami.dialplan if ami else EXAMPLE)


def _file(folder: Path, name: str, gap: Gap, since: datetime) -> Iterator[Row]:
    (parse, column), zone = LOGS[name], get_current_timezone()

    def moment_of(line: str) -> datetime | None:
        row = parse(line)
        return moment(row[column], zone) if row else None

    noted = gap.places.get(name)
    for line in lines(folder / name, (noted[0], noted[1]) if noted else None, since, moment_of):
        if row := parse(line):
            yield row


def message(settings: Mapping[str, Any], call_id: str, at: datetime) -> list[CallEvent]:
    """The message that a caller left, where it lies in the folder of recordings under its call's name."""
    folder = settings.get("recordings")
    if not folder or "/" in call_id:
        return []
    file = Path(str(folder)) / f"{call_id}-message.wav"
    try:
        long_enough = file.stat().st_size > EMPTY
    except OSError:
        return []
    return [MessageLeft(call_id=call_id, at=at, file=file.name)] if long_enough else []
