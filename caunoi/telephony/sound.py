"""Sound as a telephone carries it: a WAV of any usual kind becomes 8000 samples a second of 16 bits, one channel.
Pure."""

import io
import math
import sys
import wave
from array import array
from collections.abc import Sequence
from operator import mul

RATE = 8000  # samples a second
LONGEST = 120.0  # seconds
LOUD = 0.7  # of full scale: what a line carries without clipping
SILENT = 0.001  # of full scale
PASSED = 0.9  # of what the new rate can carry; what lies above would come back as another tone
LOBES = 5  # of the low-pass on each side
PHASES = 64  # places between two samples at which it is known


class BadSoundError(ValueError):
    """`code`: unreadable | empty | long | silent."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def telephone_wav(data: bytes) -> tuple[bytes, float]:
    """The WAV for the telephone, and its seconds. BadSoundError."""
    samples, rate = _read(data)
    if not samples:
        raise BadSoundError("empty")
    seconds = len(samples) / rate
    if seconds > LONGEST:
        raise BadSoundError("long")
    samples = _resampled(samples, rate) if rate != RATE else samples
    peak = max(max(samples, default=0.0), -min(samples, default=0.0))
    if peak < SILENT:
        raise BadSoundError("silent")
    scale = LOUD * 32767 / peak
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_little(array("h", [round(sample * scale) for sample in samples])).tobytes())
    return out.getvalue(), seconds


def _read(data: bytes) -> tuple[Sequence[float], int]:
    """Samples from -1 to 1, channels joined, and the rate."""
    try:
        with wave.open(io.BytesIO(data)) as file:
            rate, width, channels = file.getframerate(), file.getsampwidth(), file.getnchannels()
            # A program that writes as it speaks states the greatest length there is.
            raw = file.readframes(min(file.getnframes(), int((LONGEST + 1) * rate)))
    except (wave.Error, EOFError, ValueError, OverflowError, RuntimeError):
        raise BadSoundError("unreadable") from None
    if not (4000 <= rate <= 192_000 and 1 <= channels <= 8 and 1 <= width <= 4):
        raise BadSoundError("unreadable")
    raw = raw[: len(raw) // (width * channels) * width * channels]
    if width == 1:  # alone without a sign
        raw = bytes(byte ^ 0x80 for byte in raw)
    wide = bytearray(len(raw) // width * 4)
    for place in range(width):
        wide[4 - width + place :: 4] = raw[place::width]
    whole = _little(array("i", bytes(wide)))
    full = channels * 2.0**31
    return [sum(values) / full for values in zip(*[iter(whole)] * channels, strict=True)], rate


def _little(values: array[int]) -> array[int]:
    """Between this machine's order of bytes and the files'."""
    if sys.byteorder == "big":
        values.byteswap()
    return values


def _resampled(samples: Sequence[float], rate: int) -> Sequence[float]:
    """At RATE: each new sample is what a low-pass makes of those around its place."""
    passed = min(1.0, RATE / rate) * PASSED
    reach = math.ceil(LOBES / passed)
    filters = [_low_pass(passed, reach, phase / PHASES) for phase in range(PHASES + 1)]
    around = [*[0.0] * reach, *samples, *[0.0] * (reach + 1)]
    result = []
    for number in range(len(samples) * RATE // rate):
        place, rest = divmod(number * rate, RATE)
        taps = filters[round(rest / RATE * PHASES)]
        result.append(sum(map(mul, taps, around[place : place + len(taps)])))
    return result


def _low_pass(passed: float, reach: int, at: float) -> list[float]:
    """A windowed sinc around `at`, from -reach to reach + 1; its taps sum to one."""
    taps = []
    for tap in range(-reach, reach + 2):
        far = tap - at
        window = 0.54 + 0.46 * math.cos(math.pi * far / (reach + 1)) if abs(far) <= reach + 1 else 0.0
        angle = math.pi * far * passed
        taps.append(window * (math.sin(angle) / angle if angle else 1.0))
    total = sum(taps)
    return [tap / total for tap in taps]
