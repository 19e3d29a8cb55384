"""How a recording sounds: how loud it is where somebody speaks, and for how long nobody does. Pure.

A recording has all who talk in one channel; who of them was not heard is known from the packets that came from each
(calls.Call.one_way), and at browser phones from what the browser measured.
"""

import io
import math
import sys
import wave
from array import array
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby
from operator import mul

FRAME = 0.02  # seconds that are looked at together
EVERY = 4  # one frame of so many is looked at
LONG_ENOUGH = 5.0  # seconds, before anything is said of it
NOTHING = -100.0  # decibels below full scale
SILENCE = -55.0  # what a line without anybody speaking stays below
QUIET = -38.0  # whoever speaks as softly is hard to understand
FULL = 32_600  # of 32,767: cut off
MUCH_CUT_OFF = 0.05  # of the frames in which somebody speaks
DEAD_AIR = 60.0  # seconds in one piece


class RecordingTrouble(StrEnum):
    SILENT = "silent"  # nobody is heard in it
    QUIET = "quiet"
    CUT_OFF = "cut_off"  # too loud for the line
    DEAD_AIR = "dead_air"  # long silence in the middle of it


@dataclass(frozen=True, kw_only=True)
class Loudness:
    """`level`: where somebody speaks, in decibels below full scale (-100: nowhere); of all frames the share that is
    `silent`, of those that are not the share that is `cut_off`; `longest`: silence in one piece, in seconds."""

    seconds: float
    level: float
    silent: float
    cut_off: float
    longest: float

    @property
    def trouble(self) -> RecordingTrouble | None:
        """The worst that is wrong with it."""
        if self.seconds < LONG_ENOUGH:
            return None
        wrong = {
            RecordingTrouble.SILENT: self.level == NOTHING,
            RecordingTrouble.QUIET: self.level < QUIET,
            RecordingTrouble.CUT_OFF: self.cut_off > MUCH_CUT_OFF,
            RecordingTrouble.DEAD_AIR: self.longest >= DEAD_AIR,
        }
        return next((trouble for trouble, so in wrong.items() if so), None)


def loudness(data: bytes) -> Loudness | None:
    """Of a WAV of 16 bits, all channels together; None for any other sound."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate = file.getframerate() * file.getnchannels()
            if file.getsampwidth() != 2 or not rate:
                return None
            raw = file.readframes(file.getnframes())
    except (wave.Error, EOFError, ValueError, OverflowError, RuntimeError):
        return None
    samples = array("h", raw[: len(raw) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    width = max(1, int(rate * FRAME))
    frames = [samples[at : at + width] for at in range(0, len(samples) - width + 1, width * EVERY)]
    powers = [sum(map(mul, frame, frame)) / (width * 32_768.0**2) for frame in frames]
    least = 10 ** (SILENCE / 10)
    spoken = [(power, frame) for power, frame in zip(powers, frames, strict=True) if power > least]
    runs = [len(list(run)) for silent, run in groupby(power <= least for power in powers) if silent]
    cut_off = sum(max(frame) > FULL or min(frame) < -FULL for _, frame in spoken)
    return Loudness(
        seconds=len(samples) / rate,
        level=10 * math.log10(sum(power for power, _ in spoken) / len(spoken)) if spoken else NOTHING,
        silent=1 - len(spoken) / len(frames) if frames else 1.0,
        cut_off=cut_off / len(spoken) if spoken else 0.0,
        longest=max(runs, default=0) * FRAME * EVERY,
    )
