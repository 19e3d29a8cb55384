"""A transcript played as the stream it was: the demo's PBX, and the third adapter beside Asterisk and the webhooks."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator
from dataclasses import replace
from datetime import UTC, datetime

from .ami import Packet
from .transcript import Frame

LONGEST_PAUSE = 10.0  # seconds


def retimed(frames: Iterable[Frame], *, start: datetime, tag: str = "") -> Iterator[Frame]:
    """The same traffic as if it began at `start`. `tag` is added to the ids, so that a second playing is a new call."""
    frames = list(frames)
    if not frames:
        return
    shift = start - frames[0].at
    for frame in frames:
        pairs = []
        for key, value in frame.packet.pairs:
            if key == "Timestamp":
                value = f"{(datetime.fromtimestamp(float(value), UTC) + shift).timestamp():.6f}"
            elif tag and value and key.lower().endswith(("uniqueid", "linkedid")) and "Bridge" not in key:
                value += tag
            pairs.append((key, value))
        yield replace(frame, at=frame.at + shift, packet=Packet(pairs))


async def play(
    frames: Iterable[Frame],
    *,
    speed: float = 1.0,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncIterator[Frame]:
    """The PBX's traffic, with its pauses, `speed` times as fast; no pause longer than LONGEST_PAUSE."""
    previous: datetime | None = None
    for frame in frames:
        if frame.sent:
            continue
        if previous and (pause := (frame.at - previous).total_seconds() / speed) > 0:
            await sleep(min(pause, LONGEST_PAUSE))
        previous = frame.at
        yield frame
