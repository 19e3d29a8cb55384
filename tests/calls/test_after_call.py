"""After a call: what came of it, a recording that was refused, a message that is ours, a place that was kept."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.db import connection
from recordings import call_events, frames_of

from caunoi.calls import actions, queries
from caunoi.calls.actions import BadNoteError
from caunoi.calls.actions.recordings import NoRecordingError
from caunoi.calls.models import Call, CallNote
from caunoi.conversations.models import Callback, Inbox
from caunoi.events.actor import SYSTEM, NotAllowedError
from caunoi.events.models import Event
from caunoi.lib.privacy.identity import Identity
from caunoi.telephony.calls import fold
from caunoi.telephony.events import (
    Answered,
    ConsentAsked,
    Direction,
    Ended,
    Graded,
    MessageLeft,
    Queued,
    Recorded,
    Started,
)

pytestmark = pytest.mark.django_db
AT = datetime(2026, 8, 6, 1, tzinfo=UTC)
WAV = b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(100)
TALK = [
    Started(call_id="a", at=AT, direction=Direction.IN, caller="0912345678", dialled="1022"),
    Queued(call_id="a", at=AT, queue="tongdai1022"),
    Answered(call_id="a", at=AT + timedelta(seconds=5), leg="p", member="lan"),
    Recorded(call_id="a", at=AT, file="/var/spool/asterisk/monitor/a.wav"),
    Ended(call_id="a", at=AT + timedelta(seconds=60)),
]
REFUSED = ConsentAsked(call_id="a", at=AT, announced=True, recorded=False)


@pytest.fixture
def box(town: object) -> Inbox:
    return Inbox.objects.get(name="phone")


def absorb(box: Inbox, *events: Any) -> Call:
    actions.absorb(box, fold(events).values())
    return Call.objects.get(call_id="a")


# --- what came of it ---


def test_its_operator_says_what_came_of_a_call_and_corrects_it(town: SimpleNamespace, box: Inbox) -> None:
    call, answered, ticket = absorb(box, *TALK), queries.result("answered"), queries.result("ticket")
    assert answered and ticket and call.operator == town.users["lan"]
    actions.note_call(call, answered, "  Hỏi giờ   làm việc ", by=town.lan)
    actions.note_call(call, ticket, "Đèn hỏng", by=town.tam)
    note = CallNote.objects.get()
    assert (note.result, note.line, note.by) == (ticket, "Đèn hỏng", town.users["tam"])
    kinds = list(Event.objects.filter(kind="call.note").order_by("id").values_list("data__result", flat=True))
    assert kinds == ["answered", "ticket"]
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(n)::text FROM calls_callnote n")
        assert "Đèn hỏng" not in cursor.fetchall()[0][0]


@pytest.mark.parametrize("who", ["minh", "thu", "quan"])
def test_nobody_else_does(town: SimpleNamespace, box: Inbox, who: str) -> None:
    call, result = absorb(box, *TALK), queries.result("answered")
    assert result
    with pytest.raises(NotAllowedError):
        actions.note_call(call, result, "", by=getattr(town, who))
    assert not CallNote.objects.exists()


def test_nothing_came_of_a_call_in_which_nobody_talked(town: SimpleNamespace, box: Inbox) -> None:
    call, result = absorb(box, TALK[0], TALK[1], TALK[4]), queries.result("answered")
    assert result
    with pytest.raises(BadNoteError):
        actions.note_call(call, result, "", by=town.tam)


def test_results_are_rows_and_one_that_is_retired_is_not_offered(town: SimpleNamespace) -> None:
    actions.put_result("survey", "Khảo sát", "Survey", by=town.quan)
    actions.put_result("abuse", "Quấy rối", "Abuse", retired=True, by=town.quan)
    codes = [row.code for row in queries.results()]
    assert codes == ["ticket", "answered", "state", "passed_on", "wrong_number", "survey"]
    with pytest.raises(NotAllowedError):
        actions.put_result("x", "x", "x", by=town.lan)


def test_an_erased_persons_line_is_gone_and_the_result_stays(town: SimpleNamespace, box: Inbox) -> None:
    call, result = absorb(box, *TALK), queries.result("answered")
    assert result
    actions.note_call(call, result, "Bà Năm hỏi", by=town.lan)
    actions.erase_calls([call.pk], ["+84912345678"], Identity(phones={"+84912345678"}))
    note = CallNote.objects.get()
    assert (note.line, note.result) == ("", result)


# --- consent ---


def test_where_it_was_refused_no_recording_is_fetched_or_kept(box: Inbox, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path
    call = absorb(box, *TALK, REFUSED)
    assert call.recording == "" and not queries.awaited(call)
    with pytest.raises(NoRecordingError):
        actions.keep_recording(call.pk, WAV)
    assert not [path for path in tmp_path.rglob("*") if path.is_file()]


def test_learnt_late_the_copy_is_deleted(
    box: Inbox, settings: Any, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    settings.MEDIA_ROOT = tmp_path
    call = actions.keep_recording(absorb(box, *TALK).pk, WAV)
    assert default_storage.exists(call.sound)
    with django_capture_on_commit_callbacks(execute=True):
        after = absorb(box, REFUSED)
    assert (after.sound, after.recording) == ("", "") and not default_storage.exists(call.sound)


# --- messages ---


def message(box: Inbox, folder: Path) -> Call:
    file = folder / "a-message.wav"
    file.write_bytes(WAV)
    left = MessageLeft(call_id="a", at=AT, file=f"/var/spool/asterisk/monitor/{file.name}")
    call = absorb(box, TALK[0], TALK[1], left, TALK[4])
    return actions.keep_recording(call.pk, WAV)


def test_the_exchanges_copy_of_a_message_goes_once_ours_is_there(box: Inbox, settings: Any, tmp_path: Path) -> None:
    settings.MEDIA_ROOT, pbx = tmp_path / "ours", tmp_path / "pbx"
    pbx.mkdir()
    other = pbx / "b-message.wav"
    other.write_bytes(WAV)
    call = message(box, pbx)
    assert actions.empty_mailbox(call, {"recordings": str(pbx)})
    assert list(pbx.iterdir()) == [other] and default_storage.exists(call.sound)


@pytest.mark.parametrize(
    "change", [{"sound": ""}, {"outcome": "answered"}, {"call_id": "b"}, {"recording": "../a-message.wav/.."}]
)
def test_nothing_else_of_the_exchange_is_deleted(
    box: Inbox, settings: Any, tmp_path: Path, change: dict[str, str]
) -> None:
    settings.MEDIA_ROOT, pbx = tmp_path / "ours", tmp_path / "pbx"
    pbx.mkdir()
    call = message(box, pbx)
    for name, value in change.items():
        setattr(call, name, value)
    assert not actions.empty_mailbox(call, {"recordings": str(pbx)})
    assert [path.name for path in pbx.iterdir()] == ["a-message.wav"]
    assert not actions.empty_mailbox(call, {})


# --- a place that is kept ---


def test_who_kept_their_place_is_called_back_once_and_the_turn_ends_it(box: Inbox) -> None:
    calls = fold(call_events(frames_of("callback_keeps_place")))
    (caller,) = actions.absorb(box, [calls["1795786050.749"]])
    actions.settle(caller.pk)
    (waiting,) = Callback.objects.filter(state="open")
    assert waiting.phone == caller.phone and caller.outcome == "keeps_place"
    (turn,) = actions.absorb(box, [calls["cbq-2"]])
    actions.settle(turn.pk)
    waiting.refresh_from_db()
    assert waiting.state == "done" and turn.operator and turn.operator.username == "lan"


def test_told_the_other_way_round_there_is_nobody_to_call_any_more(box: Inbox) -> None:
    rows = {
        row.call_id: row for row in actions.absorb(box, fold(call_events(frames_of("callback_keeps_place"))).values())
    }
    actions.settle(rows["cbq-2"].pk)
    actions.settle(rows["1795786050.749"].pk)
    assert not Callback.objects.filter(state__in=["open", "claimed"]).exists()


def test_while_it_waits_for_them_they_are_among_those_who_wait(box: Inbox) -> None:
    frames = frames_of("callback_keeps_place")
    waiting = [frame for frame in frames if frame.at < frames[-1].at][
        : next(place for place, frame in enumerate(frames) if frame.packet["Event"] == "AgentCalled")
    ]
    actions.absorb(box, fold(call_events(tuple(waiting))).values())
    ids = dict(Call.objects.values_list("pk", "call_id"))
    assert {ids[one.call_id] for one in queries.floor().waiting} == {"cbq-2", "1795786055.750"}


# --- the grade ---


def test_a_grade_is_for_ratings_alone_and_lies_sealed(box: Inbox) -> None:
    call = absorb(box, *TALK, Graded(call_id="a", at=AT + timedelta(seconds=61), grade="5"))
    assert queries.grade_of(call) == "5"
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(c)::text FROM calls_call c")
        assert "graded" not in cursor.fetchall()[0][0]
    assert not Event.objects.filter(by=SYSTEM.name, data__has_key="grade").exists()
