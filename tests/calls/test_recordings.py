"""Recordings are copied when they are complete, from a folder or an address, and from nowhere else."""

import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from django.core.files.storage import default_storage
from recordings import call_events, frames_of

from caunoi.calls import actions, tasks
from caunoi.calls.actions import recordings
from caunoi.calls.actions.recordings import NoRecordingError, RecordingNotReadyError, read_recording
from caunoi.calls.models import Call
from caunoi.conversations.actions import make_inbox
from caunoi.conversations.models import Inbox
from caunoi.telephony.calls import fold

WAV = b"RIFF\x24\x08\x00\x00WAVEfmt " + bytes(100)


@pytest.fixture
def call(box: Inbox, settings: Any, tmp_path: Path) -> Call:
    settings.MEDIA_ROOT = tmp_path / "ours"
    (row,) = actions.absorb(box, fold(call_events(frames_of("outgoing"))).values())[:1]
    row.recording = "/var/spool/asterisk/monitor/pbx1-1.0.wav"
    row.save(update_fields=["recording"])
    row.refresh_from_db()
    return row


def written(folder: Path, data: bytes, age: float = 60) -> dict[str, str]:
    folder.mkdir(exist_ok=True)
    path = folder / "pbx1-1.0.wav"
    path.write_bytes(data)
    at = path.stat().st_mtime - age
    os.utime(path, (at, at))
    return {"recordings": str(folder)}


def http(answer: Callable[[httpx.Request], httpx.Response]) -> httpx.Client:
    return httpx.Client(transport=httpx.MockTransport(answer))


NOBODY = http(lambda request: pytest.fail("asked the network"))


def test_a_complete_file_is_kept_once(call: Call, tmp_path: Path) -> None:
    data = read_recording(call, written(tmp_path / "pbx", WAV), NOBODY)
    for _ in range(2):
        call = actions.keep_recording(call.pk, data)
    with default_storage.open(call.sound) as file:
        assert file.read() == WAV
    assert len([path for path in (tmp_path / "ours").rglob("*") if path.is_file()]) == 1


def test_one_that_is_still_written_or_not_there_is_waited_for(call: Call, tmp_path: Path) -> None:
    for settings in (written(tmp_path / "pbx", WAV, age=0), {"recordings": str(tmp_path / "empty")}):
        with pytest.raises(RecordingNotReadyError):
            read_recording(call, settings, NOBODY)


@pytest.mark.parametrize("data", [b"", b"RIFF" + bytes(40), b"<html>" + bytes(90)])
def test_an_empty_file_or_one_that_is_no_sound_is_not_kept(call: Call, data: bytes) -> None:
    with pytest.raises(NoRecordingError):
        actions.keep_recording(call.pk, data)


def test_a_name_leads_nowhere_outside_the_folder(call: Call, tmp_path: Path) -> None:
    settings = written(tmp_path / "pbx", WAV)
    (tmp_path / "secret.wav").write_bytes(WAV)
    for name in ("../secret.wav", "..", ""):
        call.recording = name
        with pytest.raises((NoRecordingError, RecordingNotReadyError)):
            read_recording(call, settings, NOBODY)
    with pytest.raises(NoRecordingError):
        read_recording(call, {}, NOBODY)


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    def resolve(ip: str) -> None:
        monkeypatch.setattr(socket, "getaddrinfo", lambda host, port: [(2, 1, 6, "", (ip, 0))])

    return resolve


def test_a_providers_address_is_fetched_and_refusals_are_told_apart(call: Call, address: Any) -> None:
    address("203.0.113.9")
    call.recording = "https://pbx.example/rec/1.mp3"
    with pytest.raises(NoRecordingError):  # documentation addresses are nobody's
        read_recording(call, {}, NOBODY)
    address("8.8.8.8")
    assert read_recording(call, {}, http(lambda request: httpx.Response(200, content=WAV))) == WAV
    for status, error in (
        (404, RecordingNotReadyError),
        (500, RecordingNotReadyError),
        (302, RecordingNotReadyError),
        (403, NoRecordingError),
        (410, NoRecordingError),
    ):
        with pytest.raises(error):
            read_recording(call, {}, http(lambda request, status=status: httpx.Response(status)))


def test_the_name_is_looked_up_once_and_that_address_called(call: Call, monkeypatch: pytest.MonkeyPatch) -> None:
    answers = ["8.8.8.8", "127.0.0.1"]  # a name that leads elsewhere the second time
    monkeypatch.setattr(socket, "getaddrinfo", lambda host, port: [(2, 1, 6, "", (answers.pop(0), 0))])
    call.recording = "https://pbx.example:8443/rec/1.mp3"

    def answer(request: httpx.Request) -> httpx.Response:
        assert (request.url.host, request.headers["host"]) == ("8.8.8.8", "pbx.example:8443")
        assert request.extensions["sni_hostname"] == "pbx.example"
        return httpx.Response(200, content=WAV)

    assert read_recording(call, {}, http(answer)) == WAV
    assert answers == ["127.0.0.1"]


def test_a_download_has_an_end(call: Call, address: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    address("8.8.8.8")
    monkeypatch.setattr(recordings, "LONGEST", -1.0)
    call.recording = "https://pbx.example/rec/1.mp3"
    with pytest.raises(RecordingNotReadyError, match="too slow"):
        read_recording(call, {}, http(lambda request: httpx.Response(200, content=WAV)))


@pytest.mark.parametrize("ip", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "192.168.1.1"])
def test_a_webhook_cannot_send_us_inside(call: Call, address: Any, ip: str) -> None:
    address(ip)
    call.recording = "http://pbx.example/rec/1.wav"
    with pytest.raises(NoRecordingError):
        read_recording(call, {}, NOBODY)
    named = {"recording_hosts": "pbx.example"}
    assert read_recording(call, named, http(lambda request: httpx.Response(200, content=WAV))) == WAV


def test_a_call_that_ends_brings_its_recording_by_itself(
    town: Any, work: Callable[[], None], settings: Any, tmp_path: Path
) -> None:
    settings.MEDIA_ROOT = tmp_path / "ours"
    events = call_events(frames_of("outgoing"))
    name = next(iter(fold(events).values())).recording
    folder = tmp_path / "pbx"
    box = make_inbox("phone", "phone", recordings=str(folder))
    assert name
    written(folder, WAV)
    (folder / "pbx1-1.0.wav").rename(folder / name.rpartition("/")[2])
    actions.absorb(box, fold(events).values())
    work()
    assert Call.objects.exclude(sound="").count() == 1
    tasks.fetch_recording(call_id=Call.objects.exclude(sound="").get().pk)


def test_a_message_is_fetched_only_under_the_name_of_its_call(call: Call, tmp_path: Path) -> None:
    """A voicemail box counts its files anew: msg0001 may be somebody else's by now."""
    folder = tmp_path / "pbx"
    settings = written(folder, WAV)
    call.outcome = "voicemail"
    for name in ("msg0001", "msg0001.wav"):
        (folder / name).write_bytes(WAV)
        call.recording = f"/var/spool/asterisk/voicemail/default/1022/INBOX/{name}"
        with pytest.raises(NoRecordingError):
            read_recording(call, settings, NOBODY)
    own = folder / f"{call.call_id}-message.wav"
    (folder / "pbx1-1.0.wav").rename(own)
    call.recording = f"/var/spool/asterisk/monitor/{own.name}"
    assert read_recording(call, settings, NOBODY) == WAV
