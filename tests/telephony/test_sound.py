"""Whatever WAV a person uploads, or a machine speaks, comes out as a telephone carries it, or is refused with why."""

import io
import wave

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.telephony.sound import LONGEST, RATE, BadSoundError, telephone_wav


def tone(
    hertz: float, rate: int, *, seconds: float = 0.5, width: int = 2, channels: int = 1, loud: float = 0.5
) -> bytes:
    values = loud * np.sin(2 * np.pi * hertz * np.arange(int(rate * seconds)) / rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        if width == 1:
            raw = np.round((values + 1) * 127.5).astype(np.uint8)[:, None].repeat(channels, 1).tobytes()
        else:
            whole = np.round(values * (2**31 - 1)).astype("<i4")[:, None].repeat(channels, 1)
            raw = whole.reshape(-1).view(np.uint8).reshape(-1, 4)[:, 4 - width :].tobytes()
        file.writeframes(raw)
    return out.getvalue()


def read(data: bytes) -> np.ndarray:
    with wave.open(io.BytesIO(data)) as file:
        assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 2, RATE)
        return np.frombuffer(file.readframes(file.getnframes()), "<i2").astype(float)


def strength(samples: np.ndarray, hertz: float) -> float:
    at = np.arange(len(samples))
    return float(abs(np.sum(samples * np.exp(-2j * np.pi * hertz * at / RATE))) / len(samples))


@pytest.mark.parametrize("rate", [8000, 11025, 16000, 22050, 44100, 48000])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
@pytest.mark.parametrize("channels", [1, 2])
def test_every_usual_wav_keeps_its_tone(rate: int, width: int, channels: int) -> None:
    data, seconds = telephone_wav(tone(440, rate, width=width, channels=channels))
    samples = read(data)
    assert seconds == pytest.approx(0.5, abs=0.01) and len(samples) == pytest.approx(RATE * 0.5, abs=2)
    assert strength(samples, 440) > 5 * max(strength(samples, other) for other in (220, 880, 1500, 3000))


def test_what_a_telephone_cannot_carry_does_not_come_back_as_another_tone() -> None:
    mixed = read(telephone_wav(tone(440, 48000))[0])
    with_hiss = tone(440, 48000, loud=0.4)
    high = tone(6500, 48000, loud=0.4)
    joined = io.BytesIO()
    with wave.open(joined, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(48000)
        one, other = (np.frombuffer(each[44:], "<i2").astype(int) for each in (with_hiss, high))
        file.writeframes(((one + other) // 2).astype("<i2").tobytes())
    heard = read(telephone_wav(joined.getvalue())[0])
    assert strength(heard, 1500) < 0.05 * strength(heard, 440), "6500 Hz would fold to 1500"
    assert strength(mixed, 440) > 0


def test_quiet_and_loud_recordings_are_equally_loud() -> None:
    peaks = [np.max(np.abs(read(telephone_wav(tone(440, 16000, loud=loud))[0]))) for loud in (0.02, 0.9)]
    assert peaks[0] == pytest.approx(peaks[1], rel=0.01)


def test_a_length_that_a_writing_program_did_not_know_is_not_believed() -> None:
    data = bytearray(tone(440, 22050))
    data[4:8], data[40:44] = (0x7FFFF024).to_bytes(4, "little"), (0x7FFFF000).to_bytes(4, "little")
    assert telephone_wav(bytes(data))[1] == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "unreadable"),
        (b"ID3\x04 an mp3", "unreadable"),
        (tone(440, 8000)[:30], "unreadable"),
        (tone(440, 8000, seconds=0), "empty"),
        (tone(440, 8000, loud=0), "silent"),
        (tone(440, 8000, seconds=LONGEST + 1), "long"),
    ],
)
def test_what_is_no_sound_is_refused_with_why(data: bytes, code: str) -> None:
    with pytest.raises(BadSoundError) as refused:
        telephone_wav(data)
    assert refused.value.code == code


@given(st.binary(max_size=200), st.integers(0, 60))
def test_whatever_bytes_come_it_is_a_sound_or_refused(noise: bytes, at: int) -> None:
    data = bytearray(tone(440, 8000, seconds=0.02))
    data[at : at + len(noise)] = noise
    try:
        read(telephone_wav(bytes(data))[0])
    except BadSoundError:
        pass
