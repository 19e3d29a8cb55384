"""Recordings, copied into our own storage when they are complete, and heard by those who may."""

import ipaddress
import secrets
import socket
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from time import monotonic, time
from typing import Any

import httpx
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.calls.models import Call
from caunoi.channels.download import public
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor
from caunoi.events.models import Event
from caunoi.telephony.events import Outcome
from caunoi.telephony.hearing import loudness

EMPTY = 44  # bytes: a WAV with a head and nothing in it
LARGEST = 100 * 1024 * 1024
LONGEST = 120.0  # seconds of a download
SETTLED = 2.0  # seconds since the PBX last wrote to it
ENDINGS = {"wav": "audio/wav", "mp3": "audio/mpeg", "ogg": "audio/ogg", "m4a": "audio/mp4"}


class RecordingNotReadyError(Exception):
    """It may be there later; try again."""


class NoRecordingError(Exception):
    """There is nothing to be had, now or later; the words say why."""


def shut(call: Call) -> None:
    """What was said in it was said in confidence: from now on custodians alone see it and hear it."""
    Call.objects.filter(pk=call.pk).update(shut=True)


def give_back(call: Call) -> None:
    """It was nothing confidential: whoever saw the call before sees it again."""
    Call.objects.filter(pk=call.pk).update(shut=False)


def kind_of(data: bytes) -> str:
    """The ending of a sound file, by its first bytes. NoRecordingError for anything else, or an empty one."""
    if len(data) <= EMPTY:
        raise NoRecordingError("empty")
    if data[:4] == b"RIFF" and data[8:12] == b"WAVE":
        return "wav"
    if data[:4] == b"OggS":
        return "ogg"
    if data[4:8] == b"ftyp":
        return "m4a"
    if data[:3] == b"ID3" or (data[0] == 0xFF and data[1] & 0xE0 == 0xE0):
        return "mp3"
    raise NoRecordingError("no sound file")


def read_recording(call: Call, settings: Mapping[str, Any], http: httpx.Client) -> bytes:
    """The bytes of a recording, from the provider's address or the PBX's folder. RecordingNotReadyError,
    NoRecordingError."""
    if call.recording.startswith(("http://", "https://")):
        return _download(call.recording, settings, http)
    folder = str(settings.get("recordings", ""))
    if not folder:
        raise NoRecordingError("no folder is set up")
    name = Path(call.recording).name
    if call.outcome == Outcome.VOICEMAIL and call.call_id not in name:
        raise NoRecordingError("a message not named by its call may be another's")  # a mailbox counts its files anew
    path = (Path(folder) / name).resolve()
    if not path.is_relative_to(Path(folder).resolve()):
        raise NoRecordingError("outside the folder")
    try:
        status = path.stat()
        if time() - status.st_mtime < SETTLED:
            raise RecordingNotReadyError("still being written")
        if status.st_size > LARGEST:
            raise NoRecordingError("too large")
        return path.read_bytes()
    except FileNotFoundError:
        raise RecordingNotReadyError("not there yet") from None
    except OSError as error:
        raise RecordingNotReadyError(error.strerror or "cannot be read") from None


def _download(url: str, settings: Mapping[str, Any], http: httpx.Client) -> bytes:
    """At most LARGEST bytes in LONGEST seconds; the name is looked up once, and that address called."""
    try:
        target = httpx.URL(url)
        address = _address(target.host, str(settings.get("recording_hosts", "")).replace(",", " ").split())
    except (httpx.InvalidURL, UnicodeError, ValueError):
        raise NoRecordingError("no address") from None
    data, until = bytearray(), monotonic() + LONGEST
    try:
        with http.stream(
            "GET",
            target.copy_with(host=address),
            headers={"Host": target.netloc.decode("ascii")},
            extensions={"sni_hostname": target.host},
        ) as answer:
            if answer.status_code in (401, 403, 410):
                raise NoRecordingError(f"refused ({answer.status_code})")
            if answer.status_code != 200:
                raise RecordingNotReadyError(f"answered {answer.status_code}")
            for piece in answer.iter_bytes():
                data += piece
                if len(data) > LARGEST:
                    raise NoRecordingError("too large")
                if monotonic() > until:
                    raise RecordingNotReadyError("too slow")
    except httpx.HTTPError as error:
        raise RecordingNotReadyError(type(error).__name__) from None
    return bytes(data)


def _address(host: str, allowed_hosts: list[str]) -> str:
    """Where a webhook may send us: to the hosts that were set up, by their name, else to an address that is not inside.
    NoRecordingError."""
    if allowed_hosts:
        if host in allowed_hosts:
            return host
        raise NoRecordingError("not an address we fetch from")
    try:
        addresses = [str(each[4][0]).split("%")[0] for each in socket.getaddrinfo(host, None)]
        inside = [one for one in addresses if not public(ipaddress.ip_address(one))]
    except (OSError, ValueError):
        inside, addresses = [], []
    if inside or not addresses:
        raise NoRecordingError("not an address we fetch from")
    return addresses[0]


@transaction.atomic
def keep_recording(pk: int, data: bytes) -> Call:
    """Put a recording into our storage, once. NoRecordingError."""
    ending = kind_of(data)
    call = Call.objects.select_for_update(of=("self",)).select_related("inbox").get(pk=pk)
    if call.facts.get("unrecorded") and not call.recording:
        raise NoRecordingError("the caller did not want it")
    if not call.sound:
        sound = loudness(data)
        name = f"recordings/{localdate():%Y/%m}/{secrets.token_urlsafe(16)}.{ending}"
        call.sound = default_storage.save(name, ContentFile(data))
        call.sound_trouble = (sound and sound.trouble) or ""
        call.save(update_fields=["sound", "sound_trouble"])
        figures = {name: round(value, 2) for name, value in asdict(sound).items()} if sound else {}
        record("call.record", call, by=SYSTEM, size=len(data), **figures)
    return call


def listened(call: Call, *, by: Actor) -> None:
    """Record who heard a recording."""
    record("call.listen", call, by=by)


def exported(*, by: Actor) -> None:
    """Record who exported the log as a table."""
    Event.objects.create(at=now(), kind="call.export", subject="call", subject_id=0, **by.signature)
