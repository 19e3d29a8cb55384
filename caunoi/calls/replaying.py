"""Transcripts played as calls of now: the third adapter beside Asterisk and the webhooks, to show the product without a
PBX."""

import asyncio
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

from caunoi.calls import actions
from caunoi.conversations.queries import inbox
from caunoi.telephony import transcript
from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import fold
from caunoi.telephony.events import CallEvent
from caunoi.telephony.replay import play as frames
from caunoi.telephony.replay import retimed


async def play(name: str, paths: Iterable[Path], *, start: datetime, speed: float = 1.0) -> None:
    """Play files one after another into an inbox, with the pauses they had. OSError, NotATranscriptError."""
    box = await asyncio.to_thread(inbox, name)
    for number, path in enumerate(paths):
        read = transcript.read(path).received
        again = list(retimed(read, start=start, tag=f"-{start:%Y%m%d%H%M%S}-{number}"))
        async for frame in frames(again, speed=speed):
            events = [event for event in translate(frame.packet, frame.at) if isinstance(event, CallEvent)]
            if events:
                await asyncio.to_thread(actions.absorb, box, fold(events).values())
        start = again[-1].at
