"""What an exchange wrote down while nobody listened is the calls that it would have told of."""

import gzip
import os
import random
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

import pytest
from exchange_logs import cel, queue_log
from hypothesis import given
from hypothesis import strategies as st
from recordings import GOLDEN, call_events, frames_of

from caunoi.telephony.calls import Call, contradictions, fold
from caunoi.telephony.events import CallEvent, Direction, Outcome
from caunoi.telephony.facts import join
from caunoi.telephony.gaps import LOGS, Row, cdr_row, cel_row, events, moment, queue_row
from caunoi.telephony.log_files import lines, place

HANOI = timezone(timedelta(hours=7))
# Told apart by the dialplan's UserEvents and by phones' answers alone; such a caller is called back all the same.
UNTOLD = {
    *(Outcome.VOICEMAIL, Outcome.OUT_OF_HOURS, Outcome.JOIN_EMPTY),
    *(Outcome.TIMEOUT, Outcome.ABANDONED, Outcome.NO_ANSWER),
}
STORY = """\
1764500000|1764500000.1|tongdai1022|NONE|ENTERQUEUE||0912345601|1
1764500001|NONE|NONE|NONE|CONFIGRELOAD|
1764500003|1764500003.2|tongdai1022|NONE|ENTERQUEUE||0912345602|2
1764500009|1764500000.1|tongdai1022|NONE|ABANDON|1|1|9
1764500018|1764500003.2|tongdai1022|lan|RINGNOANSWER|15000
1764500020|1764500003.2|tongdai1022|tam|CONNECT|17|1764500019.7|1
1764500050|1764500003.2|tongdai1022|tam|COMPLETECALLER|17|30|2
1764500060|1764500060.9|tongdai1022|NONE|ENTERQUEUE||0912345603|1
1764500360|1764500060.9|tongdai1022|NONE|EXITWITHTIMEOUT|1|1|300
"""


def queue_rows(text: str) -> list[Row]:
    return [row for line in text.splitlines() if (row := queue_row(line))]


def read(queue: str = "", cdr: str = "", channels: str = "", *, zone: timezone = UTC) -> dict[str, Call]:
    return fold(_events(queue, cdr, channels, zone=zone))


def _events(queue: str = "", cdr: str = "", channels: str = "", *, zone: timezone = UTC) -> list[CallEvent]:
    records = [row for line in cdr.splitlines() if (row := cdr_row(line))]
    rows = [row for line in channels.splitlines() if (row := cel_row(line))]
    return events(queue_rows(queue), records, rows, zone=zone)


def test_a_queue_log_says_who_gave_up_who_was_answered_and_who_waited_in_vain() -> None:
    gave_up, answered, timeout = read(STORY).values()
    assert (gave_up.outcome, gave_up.waited, gave_up.caller) == (Outcome.ABANDONED, 9, "0912345601")
    assert (answered.outcome, answered.waited, answered.talked) == (Outcome.ANSWERED, 17, 30)
    assert [(leg.operator, leg.outcome, leg.rang) for leg in answered.legs] == [
        ("lan", Outcome.NO_ANSWER, 15.0),
        ("tam", Outcome.ANSWERED, 1.0),
    ]
    assert (timeout.over_at, timeout.reasons, timeout.waited) == (None, frozenset({Outcome.TIMEOUT}), 300.0)


@pytest.mark.parametrize("queue", ["skill-khmer", "own-101"])
@pytest.mark.parametrize("left", ["EXITWITHTIMEOUT", "EXITEMPTY"])
def test_who_is_led_on_from_a_queue_of_few_to_all_has_not_waited_in_vain(queue: str, left: str) -> None:
    few = f"1764500000|1.1|{queue}|NONE|ENTERQUEUE||0912345601|1\n1764500020|1.1|{queue}|NONE|{left}|1|1|20\n"
    all_ = "1764500020|1.1|tongdai1022|NONE|ENTERQUEUE||0912345601|1\n1764500050|1.1|tongdai1022|NONE|ABANDON|1|1|30\n"
    (call,) = read(few + all_).values()
    assert (call.outcome, call.reasons, call.waited) == (Outcome.ABANDONED, frozenset(), 50.0)


@given(st.integers(0, len(STORY)), st.integers(0, len(STORY)))
def test_a_log_torn_anywhere_says_nothing_that_the_whole_one_does_not(start: int, end: int) -> None:
    whole, torn = read(STORY), read("\n".join(STORY[start:end].split("\n")[1:-1]))
    for call_id, call in torn.items():
        assert contradictions(call) == ()
        joined = join(call, whole[call_id])
        assert (joined.outcome, joined.waited, joined.legs) == (
            whole[call_id].outcome,
            whole[call_id].waited,
            whole[call_id].legs,
        )


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_the_logs_of_a_transcript_are_its_calls(name: str) -> None:
    frames = frames_of(name)
    heard = fold(call_events(frames))
    written = read(queue_log(frames), channels=cel(frames))
    for call_id, call in written.items():
        if (told := heard.get(call_id)) is None or not told.ended_at or told.outcome is Outcome.UNKNOWN:
            continue
        assert contradictions(call) == ()
        assert call.direction is told.direction
        if told.direction is Direction.IN:
            assert call.outcome is told.outcome or {call.outcome, told.outcome} <= UNTOLD
            assert abs(call.waited - told.waited) <= 2


@pytest.mark.parametrize("name", sorted(GOLDEN))
def test_heard_and_read_in_any_order_any_number_of_times_it_is_the_same_call(name: str) -> None:
    frames, chance = frames_of(name), random.Random(1022)
    heard, written = call_events(frames), _events(queue_log(frames), channels=cel(frames))
    both = fold([*heard, *written])
    for _ in range(3):
        told = [*heard, *written, *written]
        assert both == fold(chance.sample(told, len(told)))
    for call_id, call in fold(heard).items():
        if call.ended_at and call.outcome is not Outcome.UNKNOWN:
            assert both[call_id].outcome is call.outcome
            assert len(both[call_id].legs) == len(call.legs) or call.outcome is not Outcome.ANSWERED
        assert contradictions(both[call_id]) == ()


def record(caller: str, dialled: str, context: str, near: str, far: str, app: str, *times: str, call_id: str) -> str:
    """A line of Master.csv: start, answer and end are times of day."""
    moments = [f'"2025-11-30 {time}"' for time in times]
    head = [f'"{each}"' for each in ("", caller, dialled, context, f'""A"" <{caller}>', near, far, app, "x")]
    return ",".join([*head, *moments, "20", "20", '"ANSWERED"', '"DOCUMENTATION"', f'"{call_id}"', '""']) + "\n"


CALLED = ("17:53:20", "17:53:20", "17:53:40")
SHUT = record("0912345604", "1022", "from-trunk", "PJSIP/trunk-0000000a", "", "Record", *CALLED, call_id="1.4")
OUT = record(
    *("101", "0912345605", "from-agents", "PJSIP/101-0000000b", "PJSIP/trunk-0000000c", "Dial"),
    *("17:54:00", "17:54:10", "17:54:40"),
    call_id="1.5",
)


def test_a_calls_record_knows_who_never_came_to_a_queue_and_whom_we_called() -> None:
    shut, out = read(cdr=f"{SHUT[:60]}\n{SHUT}{OUT}", zone=HANOI).values()
    assert (shut.outcome, shut.caller, shut.began_at) == (
        Outcome.ABANDONED,
        "0912345604",
        datetime(2025, 11, 30, 10, 53, 20, tzinfo=UTC),
    )
    assert (out.outcome, out.direction, out.dialled, out.talked) == (Outcome.ANSWERED, Direction.OUT, "0912345605", 30)


def test_of_a_call_that_both_know_the_phones_are_counted_once() -> None:
    (call,) = fold(call_events(frames_of("answered"))).values()
    (phone, *_) = [phone for phone in call.phones if phone.channel]
    told = ("0912345601", "101", "from-trunk", "PJSIP/trunk-1", phone.channel or "", "Dial")
    (read_again,) = read(cdr=record(*told, *CALLED, call_id=call.call_id)).values()
    assert len(join(call, read_again).legs) == len(call.legs)


@pytest.mark.parametrize("text", ["", "?", "1e400", "nan", "2026-13-01", "99999999999999"])
def test_a_time_that_is_none_is_passed_over(text: str) -> None:
    assert moment(text) is None


# --- files ---


def read_file(path: Path, kept: tuple[int, int] | None, since: float = 0) -> list[str]:
    parse, column = LOGS["queue_log"]
    at = datetime.fromtimestamp(since, UTC)

    def moment_of(line: str) -> datetime | None:
        row = parse(line)
        return moment(row[column]) if row else None

    return list(lines(path, kept, at, moment_of))


def numbered(numbers: Iterable[int]) -> str:
    return "".join(f"{1764500000 + n}|{n}.1|q|NONE|ENTERQUEUE||0912345601|1\n" for n in numbers)


def calls_in(told: list[str]) -> list[int]:
    return [int(line.split("|")[1].partition(".")[0]) for line in told]


@pytest.fixture
def log(tmp_path: Path) -> Path:
    path = tmp_path / "queue_log"
    path.write_text(numbered(range(5000)))
    return path


def append(path: Path, text: str) -> None:
    with path.open("a") as file:
        file.write(text)


def test_a_log_is_read_from_the_kept_place_and_a_line_that_is_being_written_later(log: Path) -> None:
    kept = place(log)
    append(log, numbered([5000]) + numbered([5001])[:20])
    assert calls_in(read_file(log, kept)) == [5000]
    append(log, numbered([5001])[20:])
    assert calls_in(read_file(log, kept)) == [5000, 5001]


def test_a_rotated_log_is_read_on_under_its_new_name(log: Path) -> None:
    kept = place(log)
    append(log, numbered([5000]))
    log.rename(log.with_suffix(".1"))
    log.write_text(numbered([5001]))
    assert calls_in(read_file(log, kept)) == [5000, 5001]


@pytest.mark.parametrize("kind", ["packed", "begun anew", "never kept"])
def test_where_the_place_is_gone_time_says_where_to_begin(log: Path, kind: str) -> None:
    kept = place(log)
    if kind == "packed":
        append(log, numbered([5000]))
        packed = log.with_name("queue_log.1.gz")
        packed.write_bytes(gzip.compress(log.read_bytes()))
        log.unlink()
        log.write_text(numbered([5001]))
        assert calls_in(read_file(log, kept, 1764504990))[-2:] == [5000, 5001]
    elif kind == "begun anew":
        log.write_text(numbered([5000]))
        assert calls_in(read_file(log, kept, 1764504990)) == [5000]
    else:
        told = calls_in(read_file(log, None, 1764504990))
        assert told[0] <= 4990 <= told[-1] == 4999
        assert len(told) < 300, "of a long log only the end is read"


def test_what_was_rotated_before_the_gap_is_not_opened(log: Path) -> None:
    old = log.with_name("queue_log.0")
    old.write_text(numbered([1]))
    os.utime(old, (1764500000, 1764500000))
    assert calls_in(read_file(log, None, 1764504999))[-1] == 4999
    assert 1 not in calls_in(read_file(log, None, 1764504999))
