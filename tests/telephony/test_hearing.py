"""How a recording sounds, from its samples: loud, soft, cut off, silent for long, or nothing in it.

Proves: Recordings: level, silence and one-way sound are flagged"""

import io
import wave
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.telephony import facts
from caunoi.telephony.ami import parse
from caunoi.telephony.asterisk import translate
from caunoi.telephony.calls import Call, fold, reduce
from caunoi.telephony.events import (
    Answered,
    CallEvent,
    CitizenPackets,
    Direction,
    Ended,
    LegEnded,
    LegPackets,
    Queued,
    Started,
)
from caunoi.telephony.hearing import DEAD_AIR, NOTHING, RecordingTrouble, loudness

RATE = 8000
DICE = np.random.default_rng(1022)


def decibels(level: float) -> float:
    return float(10 ** (level / 20))


def speech(seconds: float, level: float) -> np.ndarray:
    """Noise in syllables: 0.3 s of sound, 0.1 s of a quiet room, the sound at this level below full scale."""
    at = np.arange(int(seconds * RATE)) / RATE
    loud = DICE.normal(0, decibels(level), at.size)
    return np.where(at % 0.4 < 0.3, loud, DICE.normal(0, decibels(-75), at.size))


def wav(*parts: np.ndarray, channels: int = 1, width: int = 2) -> bytes:
    values = np.clip(np.concatenate(parts or (np.zeros(0),)), -1, 1)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(RATE)
        whole = np.round(values * 32767).astype("<i2")[:, None].repeat(channels, 1)
        file.writeframes(whole.tobytes() if width == 2 else bytes(whole.size * width))
    return out.getvalue()


@pytest.mark.parametrize("level", [-30.0, -22.0, -16.0])
@pytest.mark.parametrize("channels", [1, 2])
def test_speech_as_it_is_said_on_a_line_is_well(level: float, channels: int) -> None:
    sound = loudness(wav(speech(20, level), channels=channels))
    assert sound and sound.trouble is None
    assert sound.level == pytest.approx(level, abs=1.5) and sound.silent == pytest.approx(0.25, abs=0.1)
    assert sound.seconds == pytest.approx(20)


@pytest.mark.parametrize(
    ("parts", "trouble"),
    [
        ([speech(20, -90)], RecordingTrouble.SILENT),
        ([np.zeros(20 * RATE)], RecordingTrouble.SILENT),
        ([speech(20, -45)], RecordingTrouble.QUIET),
        ([speech(20, 0)], RecordingTrouble.CUT_OFF),
        ([speech(20, -22), speech(DEAD_AIR + 5, -80), speech(20, -22)], RecordingTrouble.DEAD_AIR),
        ([speech(20, -22), speech(DEAD_AIR - 10, -80), speech(20, -22)], None),
        ([speech(3, -90)], None),  # too short to say anything
    ],
)
def test_what_is_wrong_is_said(parts: list[np.ndarray], trouble: RecordingTrouble | None) -> None:
    sound = loudness(wav(*parts))
    assert sound and sound.trouble is trouble


@given(st.binary(max_size=400))
def test_what_is_no_sound_of_ours_says_nothing(junk: bytes) -> None:
    assert loudness(junk) is None
    torn = loudness(wav(speech(6, -22))[:44] + junk)  # its head promises more than there is
    assert torn and torn.trouble is None and torn.seconds <= len(junk) / 2 / RATE


def test_an_empty_one_and_other_widths() -> None:
    empty = loudness(wav())
    assert empty and empty.trouble is None and empty.level == NOTHING
    assert loudness(wav(speech(6, -22), width=1)) is None


# --- who was not heard, from the packets that came ---

AT = datetime(2026, 8, 6, 1, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return AT + timedelta(seconds=seconds)


def call(*events: CallEvent, direction: Direction = Direction.IN, seconds: float = 30) -> Call:
    every: list[CallEvent] = [
        Started(call_id="1", at=at(0), direction=direction, caller="0900000001", dialled="1022"),
        Queued(call_id="1", at=at(1), queue="tongdai1022"),
        Answered(call_id="1", at=at(5), leg="p", member="lan"),
        LegEnded(call_id="1", at=at(5 + seconds), leg="p", member="lan", talked=seconds),
        *events,
        Ended(call_id="1", at=at(6 + seconds)),
    ]
    (made,) = fold(every).values()
    return made


def packets(citizen: int | None, operator: int | None) -> list[CallEvent]:
    events: list[CallEvent] = []
    if citizen is not None:
        events.append(CitizenPackets(call_id="1", at=at(40), packets=citizen))
    if operator is not None:
        events.append(LegPackets(call_id="1", at=at(40), leg="p", packets=operator))
    return events


@pytest.mark.parametrize(
    ("citizen", "operator", "whose"),
    [(1500, 1500, ""), (0, 1500, "citizen"), (1500, 0, "operator"), (None, None, ""), (None, 0, "operator")],
)
def test_whose_words_never_came_is_known(citizen: int | None, operator: int | None, whose: str) -> None:
    assert call(*packets(citizen, operator)).one_way == whose


def test_a_call_of_a_few_seconds_says_nothing() -> None:
    assert call(*packets(0, 0), seconds=3).one_way == ""


@given(st.permutations([*packets(0, 1500), *packets(7, 3)]))
def test_it_matters_to_nothing_in_which_order_it_is_told(events: list[CallEvent]) -> None:
    told = call(*events)
    assert told.one_way == "" and facts.load(facts.dump(told)) == told
    half: Any = reduce(None, events[0])
    assert facts.join(told, half) == facts.join(half, told) == told


def test_the_dialplan_says_how_many_came() -> None:
    head = "Event: UserEvent\nTimestamp: 1785978000.0\nLinkedid: 1.1\n"
    (of_citizen,) = translate(parse(head + "Uniqueid: 1.1\nUserEvent: HotlineHangup\nReceived: 0"), AT)
    (of_operator,) = translate(parse(head + "Uniqueid: 1.2\nUserEvent: HotlineLegEnd\nReceived: 812"), AT)
    assert isinstance(of_citizen, CitizenPackets) and of_citizen.packets == 0
    assert isinstance(of_operator, LegPackets) and (of_operator.leg, of_operator.packets) == ("1.2", 812)
    assert translate(parse(head + "Uniqueid: 1.1\nUserEvent: HotlineHangup\nReceived: "), AT) == ()
