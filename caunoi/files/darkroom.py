"""Where pictures that strangers sent are decoded: in processes of their own, few at once, with a limit of memory and of
time, so that none of them can take the product along (develop.py). No Django."""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from typing import Any

from caunoi.files.develop import LENGTH
from caunoi.files.pictures import BadPictureError, Picture
from caunoi.host import home

ROOMS = 2  # pictures at once in each of our processes
PATIENCE = 120.0  # seconds for one picture, whatever the machine has to do otherwise (develop.py: SECONDS)
ROUND = 300  # pictures after which a process is replaced


class DarkroomError(Exception):
    """The process ended, or was ended because it took too long."""


class Room:
    """One process; one picture at a time."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.done = 0

    def develop(self, data: bytes) -> Picture:
        """BadPictureError; DarkroomError when the process died before it answered."""
        if self.done >= ROUND or (self.process and self.process.poll() is not None):
            self.end()
        if self.process is None:
            self.process, self.done = _begin(), 0
        self.done += 1
        process = self.process
        alarm = threading.Timer(PATIENCE, process.kill)
        alarm.start()
        try:
            answer = _ask(process, data)
        except (OSError, DarkroomError):
            self.end()
            raise DarkroomError from None
        finally:
            alarm.cancel()
        return _picture(answer)

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for end in (self.process.stdin, self.process.stdout):
                if end:
                    with suppress(OSError):  # unsent bytes
                        end.close()
        self.process = None


def _begin() -> subprocess.Popen[bytes]:
    ours = {"PATH": os.environ.get("PATH", ""), **home.python()}
    return subprocess.Popen(
        [sys.executable, "-P", "-m", "caunoi.files.develop"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=ours,
        bufsize=0,
        start_new_session=True,
    )


def _ask(process: subprocess.Popen[bytes], data: bytes) -> bytes:
    assert process.stdin and process.stdout
    rest = memoryview(LENGTH.pack(len(data)) + data)
    while rest:
        rest = rest[process.stdin.write(rest) :]
    return _exactly(process.stdout, LENGTH.unpack(_exactly(process.stdout, LENGTH.size))[0])


def _exactly(source: Any, size: int) -> bytes:
    result = bytearray()
    while len(result) < size:
        chunk = source.read(size - len(result))
        if not chunk:
            raise DarkroomError
        result += chunk
    return bytes(result)


def _picture(answer: bytes) -> Picture:
    line, _, body = answer.partition(b"\n")
    head = json.loads(line)
    if "bad" in head:
        raise BadPictureError(head["bad"])
    large, small = body[: head["large"]], body[head["large"] :]
    return Picture(digest=head["digest"], width=head["width"], height=head["height"], large=large, small=small)


class Darkroom:
    """The rooms of this process, each begun when it is first needed."""

    def __init__(self, rooms: int = ROOMS) -> None:
        self.free = [Room() for _ in range(rooms)]
        self.all = list(self.free)
        self.places = threading.Semaphore(rooms)
        self.lock = threading.Lock()

    def develop(self, data: bytes, *, wait: float | None = None) -> Picture:
        """Check and re-encode a picture. BadPictureError; its code is `busy` when no room was free within `wait`
        seconds (None: as long as it takes), `too_large` when it took too much time or memory."""
        if not self.places.acquire(timeout=wait):
            raise BadPictureError("busy")
        with self.lock:
            room = self.free.pop()
        try:
            return room.develop(data)
        except DarkroomError:
            raise BadPictureError("too_large") from None
        finally:
            with self.lock:
                self.free.append(room)
            self.places.release()

    def close(self) -> None:
        for room in self.all:
            room.end()


darkroom = Darkroom()
