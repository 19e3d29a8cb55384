"""`caunoi calls`: the calls in a PBX transcript."""

import argparse
import json
import sys
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import Call, fold
from caunoi.telephony.events import CallEvent
from caunoi.telephony.transcript import NotATranscriptError, Transcript, read

NAME = "calls"
HELP = "read PBX transcripts as calls: who rang whom, who answered, how long"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("files", nargs="+", metavar="FILE", help='transcripts, or "-": JSON lines {"files": […]}')
    parser.add_argument("--json", action="store_true", help="one object a line")


def run(args: argparse.Namespace) -> int:
    """Print every call; 0, or 1 where a file could not be read, 2 where a line of `-` was not understood."""
    worst = 0
    for file in _files(args.files):
        if file is None:
            worst = 2
            continue
        try:
            transcript = read(Path(file))
        except (OSError, NotATranscriptError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            print(f"{file}: cannot be read: {reason}", file=sys.stderr)
            worst = max(worst, 1)
            continue
        calls = list(fold(_events(transcript)).values())
        _warn(file, transcript, calls)
        for call in calls:
            print(json.dumps(row(call), ensure_ascii=False) if args.json or "-" in args.files else _line(call))
    return worst


def row(call: Call) -> dict[str, Any]:
    """A call as the contract prints it: seconds whole, `talked` the sum of the legs' as printed."""
    legs = [
        {"operator": leg.operator, "rang": round(leg.rang), "outcome": leg.outcome.value, "talked": round(leg.talked)}
        for leg in call.legs
    ]
    return {
        "call_id": call.call_id,
        "direction": call.direction.value,
        "from": call.caller,
        "to": call.dialled,
        "queue": call.queue,
        "outcome": call.outcome.value,
        "waited": round(call.waited),
        "talked": sum(round(leg.talked) for leg in call.legs),
        "legs": legs,
        "recording": call.recording and call.recording.rpartition("/")[2],
        "transferred": call.transferred,
    }


def _events(transcript: Transcript) -> Iterator[CallEvent]:
    for frame in transcript.received:
        yield from (event for event in translate(frame.packet, frame.at) if isinstance(event, CallEvent))


def _files(names: Iterable[str]) -> Iterator[str | None]:
    """The files to read; None for a line of `-` that names none."""
    for name in names:
        if name != "-":
            yield name
            continue
        for number, line in enumerate(sys.stdin, start=1):
            if not line.strip():
                continue
            try:
                files = json.loads(line)["files"]
            except (ValueError, KeyError, TypeError, RecursionError):
                files = None
            files = [files] if isinstance(files, str) else files
            if isinstance(files, list) and all(isinstance(file, str) for file in files):
                yield from files
            else:
                print(f'-: line {number} is not {{"files": ["…"]}}', file=sys.stderr)
                yield None


def _warn(file: str, transcript: Transcript, calls: list[Call]) -> None:
    if transcript.cut:
        print(f"{file}: cut off inside its last packet; what stands before it was read", file=sys.stderr)
    for call in calls:
        if not call.over_at:
            print(f"{file}: call {call.call_id} has no end in it: outcome unknown", file=sys.stderr)


def _line(call: Call) -> str:
    fields = row(call)
    when: datetime = call.started_at or call.joined_at or call.seen_at
    arrow = "→" if call.dialled else ""
    legs = ", ".join(f"{leg['operator']} {leg['outcome']} {leg['rang']}+{leg['talked']} s" for leg in fields["legs"])
    parts = [
        f"{when:%Y-%m-%d %H:%M:%S}Z  {call.call_id}  {fields['direction']:3} {call.caller or '?'} {arrow} "
        f"{call.dialled or ''}".rstrip(),
        f"{fields['outcome']}, waited {fields['waited']} s, talked {fields['talked']} s",
        *([f"queue {call.queue}"] if call.queue else []),
        *([legs] if legs else []),
        *(["transferred"] if call.transferred else []),
        *([f"recording {fields['recording']}"] if fields["recording"] else []),
    ]
    return " | ".join(parts)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog=f"caunoi {NAME}", description=HELP)
    arguments(parser)
    sys.exit(run(parser.parse_args()))
