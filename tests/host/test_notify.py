"""What systemd hears of us."""

import os
import socket
from pathlib import Path

import pytest

from caunoi.host import notify


@pytest.mark.parametrize("abstract", [False, True])
def test_whoever_asked_is_told(tmp_path: Path, abstract: bool) -> None:
    name = f"@caunoi-test-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as ear:
        ear.bind("\0" + name[1:] if abstract else name)
        ear.settimeout(5)
        assert notify.tell("READY=1", "STATUS=here", environ={"NOTIFY_SOCKET": name})
        assert ear.recv(100) == b"READY=1\nSTATUS=here"


def test_where_nobody_asked_or_nobody_is_left_nothing_happens(tmp_path: Path) -> None:
    assert not notify.tell("READY=1", environ={})
    assert not notify.tell("READY=1", environ={"NOTIFY_SOCKET": str(tmp_path / "gone")})
    assert not notify.tell("READY=1", environ={"NOTIFY_SOCKET": "vsock:2:1234"})


def test_the_watchdog_of_another_process_is_not_ours() -> None:
    assert notify.patience({"WATCHDOG_USEC": "60000000"}) == 60
    assert notify.patience({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": str(os.getpid())}) == 60
    assert notify.patience({"WATCHDOG_USEC": "60000000", "WATCHDOG_PID": "1"}) == 0
    assert notify.patience({}) == notify.patience({"WATCHDOG_USEC": "soon"}) == 0
