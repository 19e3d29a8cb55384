"""What an Asterisk would have written into its logs while it said what a transcript has: app_queue's `queue_log`, CEL
in the columns of its example, CDR with `loguniqueid = yes`. The formats are those of Asterisk's documentation."""

import csv
import io
from collections.abc import Iterable
from datetime import datetime

from caunoi.telephony.ami import Packet
from caunoi.telephony.transcript import Frame

QUEUE_STATUS = {"TIMEOUT": "EXITWITHTIMEOUT", "LEAVEEMPTY": "EXITEMPTY"}


def queue_log(frames: Iterable[Frame]) -> str:
    joined: dict[str, datetime] = {}
    gone: set[str] = set()  # whose leaving is written already
    lines: list[str] = []

    def write(frame: Frame, event: str, *data: object, agent: str = "NONE") -> None:
        packet = frame.packet
        root = packet["Uniqueid"] or packet["TransfererUniqueid"]
        lines.append("|".join(map(str, (int(frame.at.timestamp()), root, packet["Queue"], agent, event, *data))))

    for frame in frames:
        packet = frame.packet
        call, agent = packet["Uniqueid"], packet["MemberName"]
        waited = int((frame.at - joined[call]).total_seconds()) if call in joined else 0
        match packet["Event"]:
            case "QueueCallerJoin":
                joined[call] = frame.at
                write(frame, "ENTERQUEUE", "", packet["CallerIDNum"], packet["Position"])
            case "AgentRingNoAnswer":
                write(frame, "RINGNOANSWER", packet["RingTime"], agent=agent)
            case "AgentConnect":
                gone.add(call)
                write(frame, "CONNECT", packet["HoldTime"], packet["DestUniqueid"], packet["RingTime"], agent=agent)
            case "AgentComplete" if call:
                who = {"agent": "COMPLETEAGENT", "caller": "COMPLETECALLER"}.get(packet["Reason"])
                if who:
                    write(frame, who, packet["HoldTime"], packet["TalkTime"], 1, agent=agent)
            case "UserEvent" if packet["UserEvent"] == "HotlineQueueExit" and packet["QueueStatus"] in QUEUE_STATUS:
                gone.add(call)
                write(frame, QUEUE_STATUS[packet["QueueStatus"]], 1, 1, waited)
            case "UserEvent" if packet["UserEvent"] == "HotlineCallbackAsked" and call in joined:
                gone.add(call)
                write(frame, "EXITWITHKEY", 1, 1, 1, waited)
            case "Hangup" if call in joined and call not in gone:
                write(frame, "ABANDON", 1, 1, waited)
    return "".join(f"{line}\n" for line in lines)


def _csv(rows: Iterable[Iterable[object]]) -> str:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n").writerows(rows)
    return out.getvalue()


def cel(frames: Iterable[Frame]) -> str:
    frames = list(frames)
    queues = {frame.packet["DestUniqueid"] for frame in frames if frame.packet["Event"] == "AgentCalled"}
    return _csv(row for frame in frames if (row := _cel_row(frame, queues)))


def _cel_row(frame: Frame, queues: set[str]) -> list[object] | None:
    packet = frame.packet
    match packet["Event"]:
        case "Newchannel":
            return _cel("CHAN_START", frame.at, packet)
        case "DialEnd" if packet["DialStatus"] == "ANSWER":
            return _cel("ANSWER" if packet["DestUniqueid"] in queues else "BRIDGE_ENTER", frame.at, packet, "Dest")
        case "AgentConnect":
            return _cel("BRIDGE_ENTER", frame.at, packet, "Dest")
        case "BlindTransfer" if packet["Result"] == "Success":
            return _cel("BLINDTRANSFER", frame.at, packet, "Transferer", f'{{"extension":"{packet["Extension"]}"}}')
        case "Hangup":
            return _cel("HANGUP", frame.at, packet, "", f'{{"hangupcause":{packet["Cause"]},"dialstatus":""}}')
    return None


def _cel(kind: str, at: datetime, packet: Packet, of: str = "", extra: str = "") -> list[object]:
    said = {name: packet[f"{of}{name}"] for name in ("Exten", "Context", "Channel", "Uniqueid", "Linkedid")}
    number = packet[f"{of}CallerIDNum"].replace("<unknown>", "")
    head = [kind, f"{at.timestamp():.6f}", "", number, number, "", "", said["Exten"], said["Context"], said["Channel"]]
    return [*head, "", "", "DOCUMENTATION", "", said["Uniqueid"], said["Linkedid"], "", "", "", extra]
