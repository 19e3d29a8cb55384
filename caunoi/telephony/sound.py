"""Sound as a telephone carries it: a WAV of any usual kind becomes 8000 samples a second of 16 bits, one channel.
Pure."""

import io
import wave

import numpy as np

RATE = 8000  # samples a second
LONGEST = 300.0  # seconds
LOUD = 0.7  # of full scale: what a line carries without clipping
TAPS = 65  # of the low-pass before samples are left out


class BadSoundError(ValueError):
    """`code`: unreadable | empty | long | silent."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


def telephone_wav(data: bytes) -> tuple[bytes, float]:
    """The WAV for the telephone, and its seconds. BadSoundError."""
    samples, rate = _read(data)
    if not len(samples):
        raise BadSoundError("empty")
    seconds = len(samples) / rate
    if seconds > LONGEST:
        raise BadSoundError("long")
    samples = _resampled(samples, rate)
    peak = float(np.max(np.abs(samples), initial=0.0))
    if peak < 1e-3:
        raise BadSoundError("silent")
    whole = np.round(samples * (LOUD / peak) * 32767).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(whole.tobytes())
    return out.getvalue(), seconds


def _read(data: bytes) -> tuple[np.ndarray, int]:
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
    count = len(raw) // (width * channels)
    raw = raw[: count * width * channels]
    if width == 1:
        values = np.frombuffer(raw, np.uint8).astype(float) / 128 - 1
    else:
        wide = np.zeros((count * channels, 4), np.uint8)
        wide[:, 4 - width :] = np.frombuffer(raw, np.uint8).reshape(-1, width)
        values = wide.reshape(-1).view("<i4").astype(float) / 2**31
    return values.reshape(count, channels).mean(axis=1), rate


def _resampled(samples: np.ndarray, rate: int) -> np.ndarray:
    if rate == RATE:
        return samples
    if rate > RATE:  # what lies above the half of the new rate would come back as another tone
        at = np.arange(TAPS) - TAPS // 2
        low_pass = np.sinc(at * RATE * 0.9 / rate) * np.hamming(TAPS)
        samples = np.convolve(samples, low_pass / low_pass.sum(), "same")
    places = np.arange(int(len(samples) * RATE / rate)) * (rate / RATE)
    return np.interp(places, np.arange(len(samples)), samples)
