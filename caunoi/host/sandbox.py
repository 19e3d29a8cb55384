"""Where strangers' bytes are decoded: programs of their own, few at once, with limits of memory and of time and
without a network where the machine lets us, so that none of them can take the product along.

A program is a module that calls `serve` with a function from bytes to bytes (files/develop.py,
channels/mail/opener.py). Requests come on its standard input, replies go to its standard output: four bytes of length,
then so many bytes; end of input ends it."""

import os
import resource
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from typing import IO, Any

from caunoi.host import home

PATIENCE = 120.0  # seconds for one task, whatever the machine has to do otherwise
NICE = 15  # the people who wait for a page come before whoever sends pictures
ROUND = 300  # tasks after which a program is replaced
LENGTH = struct.Struct(">I")


class SandboxError(Exception):
    """The program ended, or was ended because it took too long or too much memory."""


class BusyError(Exception):
    """No program was free in time."""


class Cell:
    """One program; one task at a time."""

    def __init__(self, module: str, patience: float) -> None:
        self.module, self.patience = module, patience
        self.process: subprocess.Popen[bytes] | None = None
        self.done = 0

    def ask(self, data: bytes) -> bytes:
        """The reply. SandboxError when the program died before it gave one."""
        if self.done >= ROUND or (self.process and self.process.poll() is not None):
            self.end()
        if self.process is None:
            self.process, self.done = begin(self.module), 0
        self.done += 1
        process = self.process
        alarm = threading.Timer(self.patience, process.kill)
        alarm.start()
        try:
            return _exchange(process, data)
        except (OSError, SandboxError):
            self.end()
            raise SandboxError from None
        finally:
            alarm.cancel()

    def end(self) -> None:
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            for end in (self.process.stdin, self.process.stdout):
                if end:
                    with suppress(OSError):  # unsent bytes
                        end.close()
        self.process = None


class Sandbox:
    """The programs of one kind in this process, each begun when it is first needed."""

    def __init__(self, module: str, cells: int, patience: float = PATIENCE) -> None:
        self.free = [Cell(module, patience) for _ in range(cells)]
        self.all = list(self.free)
        self.places = threading.Semaphore(cells)
        self.lock = threading.Lock()

    def ask(self, data: bytes, *, wait: float | None = None) -> bytes:
        """The reply of a program that is free within `wait` seconds (None: as long as it takes). BusyError,
        SandboxError."""
        if not self.places.acquire(timeout=wait):
            raise BusyError
        with self.lock:
            cell = self.free.pop()
        try:
            return cell.ask(data)
        finally:
            with self.lock:
                self.free.append(cell)
            self.places.release()

    def close(self) -> None:
        for cell in self.all:
            cell.end()


def begin(module: str) -> subprocess.Popen[bytes]:
    """Start a program, with nothing of our environment but what Python needs."""
    return subprocess.Popen(
        [sys.executable, "-P", "-m", module],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={"PATH": os.environ.get("PATH", ""), **home.python()},
        bufsize=0,
        start_new_session=True,
    )


def _exchange(process: subprocess.Popen[bytes], data: bytes) -> bytes:
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
            raise SandboxError
        result += chunk
    return bytes(result)


def serve(answer: Callable[[bytes], bytes], *, memory: int, seconds: float) -> None:
    """The program: answers until there is nothing more to read, with so many bytes of addresses (the interpreter and
    its libraries among them) and so many seconds of the processor for each task."""
    os.nice(NICE)
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))  # it writes no file
    with suppress(OSError):  # not everywhere may a program ask for it
        os.unshare(os.CLONE_NEWUSER | os.CLONE_NEWNET)
    answer_all(answer, sys.stdin.buffer, sys.stdout.buffer, seconds)


def answer_all(answer: Callable[[bytes], bytes], source: IO[bytes], sink: IO[bytes], seconds: float) -> None:
    while len(head := source.read(LENGTH.size)) == LENGTH.size:
        data = source.read(LENGTH.unpack(head)[0])
        signal.setitimer(signal.ITIMER_PROF, seconds)  # then the kernel ends it
        reply = answer(data)
        signal.setitimer(signal.ITIMER_PROF, 0)
        sink.write(LENGTH.pack(len(reply)))
        sink.write(reply)
        sink.flush()
