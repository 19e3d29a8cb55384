"""The transcripts that the tests of the phone read: invented and short ones, and those recorded from an exchange."""

import json
from pathlib import Path
from typing import Any

from caunoi.telephony import transcript
from caunoi.telephony.asterisk import translate
from caunoi.telephony.events import CallEvent, MemberSeen
from caunoi.telephony.transcript import Frame

HERE = Path(__file__).parent
INVENTED = HERE / "transcripts"
RECORDED = HERE / "recorded"

GOLDEN: dict[str, list[dict[str, Any]]] = {
    **json.loads((INVENTED / "golden.json").read_text("utf-8")),
    **json.loads((HERE / "golden.json").read_text("utf-8")),
}


def path_of(name: str) -> Path:
    """The transcript's file."""
    invented = INVENTED / f"{name}.ami.txt"
    return invented if invented.exists() else RECORDED / f"{name}.ami.txt"


def frames_of(name: str) -> tuple[Frame, ...]:
    return transcript.read(path_of(name)).received


def call_events(frames: tuple[Frame, ...]) -> list[CallEvent]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, CallEvent)]


def members_seen(frames: tuple[Frame, ...]) -> list[MemberSeen]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, MemberSeen)]
