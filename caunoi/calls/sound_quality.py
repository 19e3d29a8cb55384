"""How a call was heard at a browser phone: what its figures say is wrong. Pure."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LONG_ENOUGH = 5.0  # seconds of talk, before silence says anything
SILENCE = -65.0  # decibels below full; a quiet room is at about -50
MUCH_LOST, MUCH_JITTER, LATE = 0.05, 0.05, 0.4
NOTHING = -100.0


class SoundTrouble(StrEnum):
    NOTHING_CAME = "nothing_came"  # no packet: one-way audio
    SILENT_CITIZEN = "silent_citizen"
    SILENT_OPERATOR = "silent_operator"
    LOSS = "loss"
    JITTER = "jitter"
    DELAY = "delay"


@dataclass(frozen=True, kw_only=True)
class Sound:
    """Figures as models.CallQuality keeps them."""

    seconds: float
    received: int
    lost: float
    jitter: float | None = None
    round_trip: float | None = None
    incoming: float | None = None
    outgoing: float | None = None

    def troubles(self) -> Iterator[SoundTrouble]:
        if self.seconds >= LONG_ENOUGH:
            if not self.received:
                yield SoundTrouble.NOTHING_CAME
            elif self.incoming is not None and self.incoming < SILENCE:
                yield SoundTrouble.SILENT_CITIZEN
            if self.outgoing is not None and self.outgoing < SILENCE:
                yield SoundTrouble.SILENT_OPERATOR
        if self.lost > MUCH_LOST:
            yield SoundTrouble.LOSS
        if (self.jitter or 0) > MUCH_JITTER:
            yield SoundTrouble.JITTER
        if (self.round_trip or 0) > LATE:
            yield SoundTrouble.DELAY


def sound(sent: Mapping[str, Any]) -> Sound:
    """What a browser sent. ValueError for what cannot be."""
    received = _number(sent, "received", 1e12)
    seconds, lost = _number(sent, "seconds", 86_400), _number(sent, "lost", 1)
    if received is None or seconds is None or lost is None:
        raise ValueError("a figure is missing")
    return Sound(
        seconds=seconds,
        received=int(received),
        lost=lost,
        jitter=_number(sent, "jitter", 600),
        round_trip=_number(sent, "round_trip", 600),
        incoming=_level(sent, "incoming"),
        outgoing=_level(sent, "outgoing"),
    )


def _number(sent: Mapping[str, Any], name: str, most: float) -> float | None:
    value = sent.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= most:
        raise ValueError(name)
    return float(value)


def _level(sent: Mapping[str, Any], name: str) -> float | None:
    """The root mean square of a sound, of 0 to 1, in decibels."""
    value = _number(sent, name, 1)
    return None if value is None else max(NOTHING, 20 * math.log10(value)) if value else NOTHING
