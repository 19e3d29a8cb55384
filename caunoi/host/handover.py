"""How a running `up` becomes another one without letting go of anything: it calls the new program in its own place
(exec), with the listening socket, the home's lock, the database server and the children that still answer. The new one
starts children of its own, and ends the old ones when those serve."""

import ctypes
import json
import os
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import NoReturn

NAME = "UP_HANDOVER"  # in the environment
PIDFD_GETFD = 438
SO_ATTACH_FILTER, SO_DETACH_FILTER, BPF_RETURN = 26, 27, 0x06
NEXT = "next"  # in the home: which Python is called, where an upgrade says another one


@dataclass(frozen=True, kw_only=True)
class Old:
    """A child of the program before. `out`: the descriptor of its output."""

    name: str
    pid: int
    out: int


@dataclass(frozen=True, kw_only=True)
class Handed:
    """Descriptors of the listening socket, where there is one, and the lock; the database server's process id where it
    is ours."""

    socket: int | None
    lock: int
    database: int | None
    children: tuple[Old, ...]


def give(handed: Handed, home: Path) -> NoReturn:
    """Calls the next program in this one's place. OSError where it cannot be called: then all is as it was."""
    python, path = sys.executable, os.environ.get("PYTHONPATH", "")
    if (home / NEXT).exists():
        program = json.loads((home / NEXT).read_text("utf-8"))
        python, path = program["python"], program["pythonpath"]
        (home / NEXT).unlink()
    for descriptor in _descriptors(handed):
        os.set_inheritable(descriptor, True)
    environ = {**os.environ, NAME: json.dumps(asdict(handed)), "PYTHONPATH": path}
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(python, [python, "-P", "-m", "caunoi.cli", *sys.argv[1:]], environ)  # noqa: S606 — our own command line


def name_next(home: Path, python: str, pythonpath: str) -> None:
    """The next hand-over in this home calls this Python."""
    part = home / f".{NEXT}"
    part.write_text(json.dumps({"python": python, "pythonpath": pythonpath}), "utf-8")
    part.replace(home / NEXT)


def previous() -> Handed | None:
    """What the program before handed over; None at an ordinary start."""
    text = os.environ.pop(NAME, "")
    if not text:
        return None
    data: Mapping[str, object] = json.loads(text)
    children: Sequence[dict[str, object]] = data["children"]  # type: ignore[assignment]
    handed = Handed(**{**data, "children": tuple(Old(**child) for child in children)})  # type: ignore[arg-type]
    for descriptor in _descriptors(handed):
        os.set_inheritable(descriptor, False)
    return handed


def _descriptors(handed: Handed) -> list[int]:
    own = [] if handed.socket is None else [handed.socket]
    return [*own, handed.lock, *(child.out for child in handed.children)]


def take_socket(pid: int, port: int) -> socket.socket:
    """The socket at which another process of ours listens, from a release that does not hand over by itself
    (pidfd_getfd(2), Linux 5.6). OSError where it may not be had or there is none."""
    call = ctypes.CDLL(None, use_errno=True).syscall
    handle = os.pidfd_open(pid)
    try:
        for name in os.listdir(f"/proc/{pid}/fd"):
            if not os.readlink(f"/proc/{pid}/fd/{name}").startswith("socket:"):
                continue
            if (descriptor := call(PIDFD_GETFD, handle, int(name), 0)) < 0:
                raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            listening = socket.socket(fileno=descriptor)
            listens = listening.family in (socket.AF_INET, socket.AF_INET6) and listening.getsockopt(
                socket.SOL_SOCKET, socket.SO_ACCEPTCONN
            )
            if listens and listening.getsockname()[1] == port:
                return listening
            listening.close()
    finally:
        os.close(handle)
    raise OSError(f"it does not listen at port {port}")


@contextmanager
def unheard(listening: socket.socket, settle: float = 1.0) -> Iterator[None]:
    """While within, nobody new gets through to a socket at which several processes of ours listen: the kernel drops
    what asks for a connection, and whoever calls asks again after a second, then three (RFC 6298). Begins after
    `settle` seconds, in which what had got through is answered. Nothing that is connected notices (socket(7),
    SO_ATTACH_FILTER: also of what is connected later, so nothing may be accepted within). Whoever ends this process
    meanwhile waits for it; a kill -9 leaves the socket so until the next hand-over."""
    nothing = ctypes.create_string_buffer(struct.pack("HBBI", BPF_RETURN, 0, 0, 0))  # of a packet: nothing of it
    mask = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM, signal.SIGINT, signal.SIGHUP})
    listening.setsockopt(socket.SOL_SOCKET, SO_ATTACH_FILTER, struct.pack("HP", 1, ctypes.addressof(nothing)))
    try:
        time.sleep(settle)
        yield
    finally:
        listening.setsockopt(socket.SOL_SOCKET, SO_DETACH_FILTER, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, mask)


class Adopted:
    """A process that the program before started, as subprocess.Popen shows one: it is our child still."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None

    def poll(self) -> int | None:
        if self.returncode is None:
            try:
                pid, status = os.waitpid(self.pid, os.WNOHANG)
            except ChildProcessError:
                self.returncode = 0
            else:
                self.returncode = os.waitstatus_to_exitcode(status) if pid else None
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0)
            time.sleep(0.02)
        return code

    def send_signal(self, number: int) -> None:
        if self.poll() is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)
