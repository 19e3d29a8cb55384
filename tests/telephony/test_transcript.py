"""Recorded AMI traffic as a file."""

from datetime import UTC, datetime

import pytest

from caunoi.telephony.transcript import NotATranscriptError, loads

TEXT = """# scenario: one ping
# 2026-08-06T06:26:40.250Z <- Asterisk Call Manager/11.0.0
# 2026-08-06T06:26:40.500Z ->
Action: Ping
ActionID: 1

# 2026-08-06T06:26:41.000Z <-
Response: Success
ActionID: 1

# ---- cdr csv lines of this scenario ----
"""


def test_packets_keep_their_time_and_direction_and_the_scenario_its_line() -> None:
    said = loads(TEXT)
    assert not said.cut
    assert [frame.packet["ActionID"] for frame in said.frames] == ["1", "1"]
    assert [frame.sent for frame in said.frames] == [True, False]
    assert said.frames[0].at == datetime(2026, 8, 6, 6, 26, 40, 500000, UTC)
    assert [frame.packet["Response"] for frame in said.received] == ["Success"]


def test_windows_line_ends_read_the_same() -> None:
    assert loads(TEXT.replace("\n", "\r\n")) == loads(TEXT)


@pytest.mark.parametrize("lost", [1, 5, 15, 30])
def test_a_packet_that_the_file_ends_in_is_left_out_and_said(lost: int) -> None:
    whole = TEXT[: TEXT.index("# ----")]
    said = loads(whole[:-lost])
    assert said.cut and [frame.sent for frame in said.frames] == [True]


@pytest.mark.parametrize("text", ["", "hello", "\0\1\2", "# scenario: nothing\n", "Event: Hangup\n\n"])
def test_a_file_without_packets_is_no_transcript(text: str) -> None:
    with pytest.raises(NotATranscriptError):
        loads(text)
