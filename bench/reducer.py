"""How many AMI events a second one core makes into calls: bytes → packets → our events → calls and presence.

Budget: 5,000 events a second, about a thousand times what the busiest hour we know of needs (some 1,000 calls of 19
events each). Writes bench/out/reducer.json.
"""

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from caunoi.telephony import calls, presence, transcript
from caunoi.telephony.ami import Reader
from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import Call
from caunoi.telephony.events import MemberSeen
from caunoi.telephony.presence import Desk
from caunoi.telephony.replay import retimed

ROOT = Path(__file__).resolve().parents[1]
RECORDED = ROOT / "tests" / "telephony" / "recorded"
OUT = ROOT / "bench" / "out" / "reducer.json"
BUDGET = 5_000
START = datetime(2026, 8, 6, tzinfo=UTC)


def stream(copies: int) -> tuple[bytes, int]:
    """The transcripts at hand, over and over as new calls, as bytes on the wire; and how many packets."""
    read = [transcript.read(path).received for path in sorted(RECORDED.glob("*.ami.txt"))]
    wire = bytearray()
    packets = 0
    for copy in range(copies):
        for frames in read:
            for frame in retimed(frames, start=START + timedelta(seconds=copy), tag=f"-{copy}"):
                wire += "".join(f"{key}: {value}\r\n" for key, value in frame.packet.pairs).encode() + b"\r\n"
                packets += 1
    return bytes(wire), packets


def digest(wire: bytes) -> tuple[dict[str, Call], dict[str, Desk], float]:
    """Read it all in pieces as a socket gives them, looking at each call's state after each event, as a desk does."""
    reader, open_calls, desks = Reader(), dict[str, Call](), dict[str, Desk]()
    begun = time.perf_counter()
    for start in range(0, len(wire), 65536):
        for packet in reader.feed(wire[start : start + 65536]):
            for event in translate(packet, START):
                if isinstance(event, MemberSeen):
                    desks[event.interface] = presence.reduce(desks.get(event.interface), event)
                else:
                    call = calls.reduce(open_calls.get(event.call_id), event)
                    open_calls[event.call_id] = call
                    assert call.state
    return open_calls, desks, time.perf_counter() - begun


def main() -> int:
    wire, packets = stream(copies=20)
    made, desks, seconds = min((digest(wire) for _ in range(3)), key=lambda result: result[2])
    rate = packets / seconds
    figures = {
        "events_per_second": round(rate),
        "budget": BUDGET,
        "ratio": round(rate / BUDGET, 1),
        "events": packets,
        "calls": len(made),
        "desks": len(desks),
        "bytes": len(wire),
    }
    OUT.parent.mkdir(parents=True, exist_ok=True)
    OUT.write_text(json.dumps(figures, indent=1) + "\n")
    print(json.dumps(figures))
    return 0 if rate >= BUDGET else 1


if __name__ == "__main__":
    sys.exit(main())
