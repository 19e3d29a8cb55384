"""The transcripts that the tests of the phone read: invented and short ones, and those recorded from an exchange."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from caunoi.telephony import transcript
from caunoi.telephony.ami import Packet
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


OURS = {
    "conference_with_114": {"conf-114": "with-7-1795785912.736"},
    "supervisor_listen_whisper_barge": {
        f"spy-{how}": f"spy-{number}-1795785883.731" for number, how in enumerate(("listen", "whisper", "barge"))
    },
}
"""Ids that whoever recorded chose for the channels that they called in, and those that the product chooses."""


def frames_of(name: str) -> tuple[Frame, ...]:
    frames = transcript.read(path_of(name)).received
    ids = OURS.get(name)
    return tuple(replace(frame, packet=_with(frame.packet, ids)) for frame in frames) if ids else frames


def _with(packet: Packet, ids: dict[str, str]) -> Packet:
    return Packet((key, ids.get(value, value)) for key, value in packet.pairs)


def call_events(frames: tuple[Frame, ...]) -> list[CallEvent]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, CallEvent)]


def members_seen(frames: tuple[Frame, ...]) -> list[MemberSeen]:
    return [event for frame in frames for event in translate(frame.packet, frame.at) if isinstance(event, MemberSeen)]
