"""The AMI wire: packets whole whatever the network does to them, and no line let through that was not meant."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from caunoi.telephony.ami import Packet, Reader, UnsafeValueError, encode, parse

STREAM = (
    "Asterisk Call Manager/11.0.0\r\n"
    "Response: Success\r\nActionID: act-1\r\nMessage: Authentication accepted\r\n\r\n"
    "Event: Newchannel\r\nCallerIDName: Nguyễn Thị Hoà\r\nChanVariable: a=1\r\nChanVariable: b=2\r\n"
    "AccountCode: \r\n\r\n"
    "Event: Hangup\r\nCause-txt: Normal Clearing\r\nTime: 10:22:33\r\n\r\n"
).encode()


def read(*pieces: bytes) -> list[Packet]:
    reader = Reader()
    return [packet for piece in pieces for packet in reader.feed(piece)]


@given(st.lists(st.integers(0, len(STREAM)), max_size=12))
def test_a_stream_split_anywhere_even_inside_a_letter_reads_the_same(cuts: list[int]) -> None:
    marks = [0, *sorted(cuts), len(STREAM)]
    pieces = [STREAM[start:end] for start, end in pairwise(marks)]
    assert read(*pieces) == read(STREAM)


def test_a_stream_read_byte_by_byte_reads_the_same() -> None:
    assert read(*(bytes([byte]) for byte in STREAM)) == read(STREAM)


def test_the_greeting_is_kept_apart_from_the_first_packet() -> None:
    reader = Reader()
    first = next(reader.feed(STREAM))
    assert first["Response"] == "Success" and "Asterisk Call Manager/11.0.0" not in first


def test_fields_keep_repeats_colons_and_emptiness_and_names_ignore_case() -> None:
    _, newchannel, hangup = read(STREAM)
    assert newchannel["calleridname"] == "Nguyễn Thị Hoà"
    assert newchannel.all("ChanVariable") == ("a=1", "b=2") and newchannel["ChanVariable"] == "a=1"
    assert "AccountCode" in newchannel and newchannel.value("AccountCode") is None
    assert hangup["Time"] == "10:22:33"
    assert hangup["Queue"] == "" and "Queue" not in hangup


def test_unknown_is_a_literal_for_none() -> None:
    assert parse("CallerIDNum: <unknown>").value("CallerIDNum") is None


def test_a_packet_without_a_field_is_dropped_and_the_next_one_read() -> None:
    reader = Reader()
    assert [packet["Event"] for packet in reader.feed(b"no colon here\r\n\r\nEvent: Hangup\r\n\r\n")] == ["Hangup"]


def test_broken_utf_8_costs_the_letter_not_the_packet() -> None:
    (packet,) = read(b"Event: Newchannel\r\nCallerIDName: Ho\xff\xc3\r\n\r\n")
    assert packet["CallerIDName"].startswith("Ho")


def test_a_packet_without_end_is_not_kept_in_memory_and_the_next_one_is_read() -> None:
    reader = Reader(largest=1000)
    assert not [packet for _ in range(100) for packet in reader.feed(b"Noise: " + b"x" * 500 + b"\r\n")]
    assert len(reader._buffer) < 1000
    assert [packet["Event"] for packet in reader.feed(b"\r\n\r\nEvent: Hangup\r\n\r\n")] == ["Hangup"]


def test_an_action_is_written_as_lines() -> None:
    data = encode("Originate", {"ActionID": "1", "CallerID": "Tổng đài <1022>", "Variable": ["A=1", "B=2"]})
    assert data.decode() == (
        "Action: Originate\r\nActionID: 1\r\nCallerID: Tổng đài <1022>\r\nVariable: A=1\r\nVariable: B=2\r\n\r\n"
    )
    assert read(data)[0].all("Variable") == ("A=1", "B=2")


@pytest.mark.parametrize("value", ["0912\r\nAction: Command", "0912\n", "\r", "nul\0", "x" * 2000])
def test_a_value_that_would_end_its_line_is_refused(value: str) -> None:
    with pytest.raises(UnsafeValueError):
        encode("Originate", {"Exten": value})
    with pytest.raises(UnsafeValueError):
        encode("Originate", {"Variable": ["fine", value]})


@pytest.mark.parametrize("key", ["", "A: b\r\nC", "A:", "A B"])
def test_a_key_that_would_end_its_line_is_refused(key: str) -> None:
    with pytest.raises(UnsafeValueError):
        encode("Ping", {key: "1"})


@given(st.dictionaries(st.sampled_from(["Exten", "CallerID", "Variable"]), st.text(max_size=40)))
def test_what_is_written_reads_back_or_is_refused(fields: dict[str, str]) -> None:
    try:
        data = encode("Originate", fields)
    except UnsafeValueError:
        assert any(char in value for value in fields.values() for char in "\r\n\0")
        return
    except UnicodeEncodeError:
        return
    (packet,) = read(data)
    assert all(packet[key] == value for key, value in fields.items())
