"""The transcripts that the tests of the phone read: ours, invented and short, and the recorded ones where they lie."""

import json
from pathlib import Path
from typing import Any

import pytest

from caunoi.telephony import transcript
from caunoi.telephony.asterisk import translate
from caunoi.telephony.events import CallEvent, MemberSeen
from caunoi.telephony.transcript import Frame

HERE = Path(__file__).parent
INVENTED = HERE / "transcripts"
SHARED = next((up / "shared" / "data" for up in HERE.resolve().parents if (up / "shared" / "data").is_dir()), HERE)
RECORDED = (SHARED / "telephony", SHARED / "telephony-2")

GOLDEN: dict[str, list[dict[str, Any]]] = {
    **json.loads((INVENTED / "golden.json").read_text("utf-8")),
    **json.loads((HERE / "golden.json").read_text("utf-8")),
}


def path_of(name: str) -> Path:
    """The transcript's file; skips the test aloud where a recorded one is not at hand."""
    own = INVENTED / f"{name}.ami.txt"
    if own.exists():
        return own
    recorded = next((path for folder in RECORDED if (path := folder / f"{name}.ami.txt").exists()), None)
    if recorded is None:
        pytest.skip(f"no recorded transcripts at {SHARED}")
    return recorded


def frames_of(name: str) -> tuple[Frame, ...]:
    return transcript.read(path_of(name)).received


def call_events(frames: tuple[Frame, ...]) -> list[CallEvent]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, CallEvent)]


def members_seen(frames: tuple[Frame, ...]) -> list[MemberSeen]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, MemberSeen)]
