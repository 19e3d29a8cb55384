"""What an exchange wrote down while nobody listened, as the events that were missed.

Three of Asterisk's own logs are read, from their files or from tables of the same columns: app_queue's `queue_log` (who
waited, who gave up, who answered), and the channels' events (CEL) or, without those, the calls' records (CDR), which
also know the calls that never came to a queue. A line that is broken or means nothing here is passed over; the events
join with those that were heard (facts.py), so that it matters to nothing what is read twice.
"""

import csv
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from .asterisk import EXAMPLE, HANGUP_CAUSE, Dialplan, dialled, leads_out, of_its_call
from .events import (
    Answered,
    CallEvent,
    Direction,
    Ended,
    GaveUp,
    LeftQueue,
    LegEnded,
    Missed,
    Outcome,
    PickedUp,
    PlaceKept,
    Queued,
    Rang,
    RingEnded,
    Started,
    Transferred,
)
from .names import CLICK_TO_CALL, KEEPS_PLACE, leads_outside
from .skills import is_written

type Row = Mapping[str, str]

QUEUE = ("time", "callid", "queuename", "agent", "event", "data1", "data2", "data3", "data4", "data5")
CDR = (
    *("accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
    *("start", "answer", "end", "duration", "billsec", "disposition", "amaflags", "uniqueid", "userfield"),
)
CEL = (
    *("eventtype", "eventtime", "cid_name", "cid_num", "cid_ani", "cid_rdnis", "cid_dnid", "exten", "context"),
    *("channame", "appname", "appdata", "amaflags", "accountcode", "uniqueid", "linkedid", "peer", "userfield"),
    *("userdeftype", "extra"),
)
QUEUE_LEFT = {"EXITWITHTIMEOUT": Outcome.TIMEOUT, "EXITEMPTY": Outcome.JOIN_EMPTY}


def queue_row(line: str) -> Row | None:
    """A line of `queue_log`; None for one that is broken off."""
    fields = line.split("|", len(QUEUE) - 1)
    return dict(zip(QUEUE, fields, strict=False)) if len(fields) > QUEUE.index("event") else None


def cdr_row(line: str) -> Row | None:
    """A line of `cdr-csv/Master.csv` with `loguniqueid = yes`; None for one that is broken off."""
    return _csv_row(line, CDR, "uniqueid")


def cel_row(line: str) -> Row | None:
    """A line of `cel-custom/Master.csv`, in the columns of Asterisk's own example; None for one that is broken off."""
    return _csv_row(line, CEL, "linkedid")


def _csv_row(line: str, columns: Sequence[str], last: str) -> Row | None:
    try:
        fields = next(csv.reader([line], strict=True), [])
    except csv.Error:
        return None
    return dict(zip(columns, fields, strict=False)) if len(fields) > columns.index(last) else None


def moment(text: str, zone: tzinfo = UTC) -> datetime | None:
    """A time as these logs write it: seconds since 1970, or a date and time of `zone` where it does not say another."""
    try:
        at = datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        try:
            at = datetime.fromisoformat(text.strip())
        except ValueError:
            return None
    return at.astimezone(UTC) if at.tzinfo else at.replace(tzinfo=zone).astimezone(UTC)


def events(
    queue: Iterable[Row], cdr: Iterable[Row], cel: Iterable[Row], *, zone: tzinfo = UTC, dialplan: Dialplan = EXAMPLE
) -> list[CallEvent]:
    """What the rows of these logs say, in our words. `zone`: of the times that do not say theirs."""
    channels = list(cel)
    linked: dict[str, str] = {}  # whose first channel is not the queue's caller: a call-back that keeps its place
    for row in channels:
        linked.setdefault(row["uniqueid"], row["linkedid"])
    rows = [*_of_queue(queue, zone), *([] if channels else _of_cdr(cdr, zone, dialplan))]
    ours = [replace(event, call_id=linked.get(event.call_id) or event.call_id) for event in rows]
    every = [*ours, *_of_cel(channels, zone, dialplan)]
    return [event for each in every if (event := of_its_call(each))]


def _of_queue(rows: Iterable[Row], zone: tzinfo) -> Iterator[CallEvent]:
    legs: dict[tuple[str, str], str] = {}  # by call and operator: the phone that the queue connected last
    callers: dict[str, str] = {}
    for row in rows:
        call_id, member, at = row["callid"], row["agent"], moment(row["time"], zone)
        if at is None or call_id in ("", "NONE"):
            continue
        data = _data(row)
        leg = legs.get((call_id, member), "")
        match row["event"]:
            case "ENTERQUEUE":
                callers[call_id] = data[1]
                yield Queued(call_id=call_id, at=at, queue=row["queuename"], caller=data[1] or None)
            case "ABANDON":
                yield LeftQueue(call_id=call_id, at=at)  # it may have left another before
                yield GaveUp(call_id=call_id, at=at, waited=_seconds(data[2]))
                yield Ended(call_id=call_id, at=at, expected_file=f"{call_id}.wav")
            case "EXITWITHTIMEOUT" | "EXITEMPTY":
                yield LeftQueue(call_id=call_id, at=at, waited=_seconds(data[2]))
                if not is_written(row["queuename"]):  # from there they are led on to all
                    yield Missed(call_id=call_id, at=at, reason=QUEUE_LEFT[row["event"]])
            case "EXITWITHKEY":
                yield LeftQueue(call_id=call_id, at=at, waited=_seconds(data[3]))
                if data[0] == KEEPS_PLACE and callers.get(call_id):
                    yield PlaceKept(call_id=call_id, at=at, number=callers[call_id])
            case "RINGNOANSWER":
                rang, no = _seconds(data[0], 0.001), Outcome.NO_ANSWER
                yield RingEnded(call_id=call_id, at=at, leg="", member=member, reason=no, rang=rang)
            case "CONNECT":
                leg = legs[call_id, member] = data[1]
                waited, rang = _seconds(data[0]), _seconds(data[2])
                yield Answered(call_id=call_id, at=at, leg=leg, member=member, waited=waited, rang=rang)
            case "COMPLETEAGENT" | "COMPLETECALLER" as event:
                yield LegEnded(call_id=call_id, at=at, leg=leg, member=member, talked=_seconds(data[1]) or 0.0)
                if event == "COMPLETECALLER":
                    yield Ended(call_id=call_id, at=at, expected_file=f"{call_id}.wav")
            case "BLINDTRANSFER":
                yield LegEnded(call_id=call_id, at=at, leg=leg, member=member, talked=_seconds(data[3]) or 0.0)
                yield Transferred(call_id=call_id, at=at, to=data[0] or None)


def _data(row: Row) -> list[str]:
    """What an event of the queue says, five fields: each in a column of its own, or all in one, between bars."""
    data = [row.get(name) or "" for name in QUEUE[5:]]
    if not any(data) and row.get("data"):
        data = row["data"].split("|")
    return [*data, *[""] * 5][:5]


def _of_cel(rows: Iterable[Row], zone: tzinfo, dialplan: Dialplan) -> Iterator[CallEvent]:
    """Calls' beginnings and ends, and who was put through; which phones rang in vain is the queue's to say."""
    for row in rows:
        call_id, leg, channel, at = row["linkedid"], row["uniqueid"], row["channame"], moment(row["eventtime"], zone)
        if at is None or not call_id:
            continue
        root = leg == call_id
        match row["eventtype"]:
            case "CHAN_START" if root:
                yield _started(call_id, at, row["cid_num"], row["exten"], row["context"], channel, dialplan)
            case "BRIDGE_ENTER" if not root:  # lifted alone is not put through
                yield PickedUp(call_id=call_id, at=at, leg=leg, channel=channel)
            case "ANSWER" if call_id.startswith(CLICK_TO_CALL) and root:
                yield PickedUp(call_id=call_id, at=at, leg=leg, channel=channel)
            case "HANGUP" if root:
                reason = HANGUP_CAUSE.get(str(_extra(row).get("hangupcause", "")))
                yield Ended(call_id=call_id, at=at, reason=reason, expected_file=f"{call_id}.wav")
            case "HANGUP":
                yield LegEnded(call_id=call_id, at=at, leg=leg, channel=channel)
            case "BLINDTRANSFER":
                to = _extra(row).get("extension")
                yield Transferred(call_id=call_id, at=at, to=str(to) if to else None)


def _extra(row: Row) -> Mapping[str, object]:
    try:
        extra = json.loads(row.get("extra") or "{}")
    except ValueError:
        return {}
    return extra if isinstance(extra, dict) else {}


def _of_cdr(rows: Iterable[Row], zone: tzinfo, dialplan: Dialplan) -> Iterator[CallEvent]:
    """A call has a record for each phone that it was led to, all written at its end; the last end is the call's."""
    ends: dict[str, datetime] = {}
    for row in rows:
        call_id, start, end = row["uniqueid"], moment(row["start"], zone), moment(row["end"], zone)
        if not call_id or start is None or end is None:
            continue
        ends[call_id] = max(end, ends.get(call_id, end))
        yield _started(call_id, start, row["src"], row["dst"], row["dcontext"], row["channel"], dialplan)
        far, answer = row["dstchannel"], moment(row["answer"], zone)
        if not far or row["lastapp"] == "Queue":  # the queue's own log knows better
            continue
        outside = row["dst"] if leads_outside(row["dst"]) else None
        yield Rang(call_id=call_id, at=start, leg="", channel=far, outside=outside)
        if row["disposition"] == "ANSWERED" and answer:
            yield PickedUp(call_id=call_id, at=answer, leg="", channel=far)
        yield LegEnded(call_id=call_id, at=end, leg="", channel=far)
    for call_id, at in ends.items():
        yield Ended(call_id=call_id, at=at, expected_file=f"{call_id}.wav")


def _started(
    call_id: str, at: datetime, caller: str, exten: str, context: str, channel: str, dialplan: Dialplan
) -> Started:
    out = leads_out(call_id, context, channel, dialplan)
    return Started(
        call_id=call_id,
        at=at,
        caller=None if out else caller or None,
        dialled=dialled(exten),
        direction=Direction.OUT if out else Direction.IN,
        channel=channel or None,
    )


def _seconds(text: str, unit: float = 1.0) -> float | None:
    return int(text) * unit if text.isascii() and text.isdecimal() and len(text) < 9 else None


type Parse = Callable[[str], Row | None]
LOGS: Mapping[str, tuple[Parse, str]] = {
    "queue_log": (queue_row, "time"),
    "cdr-csv/Master.csv": (cdr_row, "end"),
    "cel-custom/Master.csv": (cel_row, "eventtime"),
}
"""The files under Asterisk's folder of logs: how a line of each is read, and the column that they are in order of."""
