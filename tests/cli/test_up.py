"""The whole product as `make run` starts it, and what it says when it cannot.

Proves: Ctrl-C stops; kill -9 of database, page process or supervisor recovers and loses nothing acknowledged"""

import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from caunoi.host import address, home, postgres


@contextmanager
def up(folder: Path, *words: str, port: int = 0, **changes: str) -> Iterator[subprocess.Popen[str]]:
    """`caunoi up` in a process of its own; ended afterwards."""
    if not port:
        with address.listen("127.0.0.1", 0) as sock:
            port = sock.getsockname()[1]
    environ = {key: value for key, value in os.environ.items() if not key.startswith(("CAUNOI_", "DATABASE_URL"))}
    environ |= {"CAUNOI_HOME": str(folder), "PYTHONPATH": str(home.CHECKOUT), "PORT": str(port), **changes}
    command = [sys.executable, "-m", "caunoi.cli", "up", "--web", "1", *words]
    with subprocess.Popen(
        command, env=environ, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, cwd=home.CHECKOUT
    ) as process:
        try:
            yield process
        finally:
            process.terminate()


def said(process: subprocess.Popen[str], start: str) -> str:
    assert process.stdout
    for line in process.stdout:
        if line.startswith(start):
            return line
    raise AssertionError(f"ended without saying {start!r}")


def status(port: int, path: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()


@pytest.mark.slow
def test_it_says_when_it_is_ready_survives_kill_9_and_leaves_nothing_behind(tmp_path: Path) -> None:
    folder = tmp_path / "nhà mới"
    with up(folder) as process:
        port = int(said(process, "Ready: ").split()[1].rsplit(":", 1)[1])
        assert status(port, "/health/ready") == 200
        with up(folder) as second:
            assert f"http://127.0.0.1:{port}" in said(second, "Sản phẩm đang chạy tại")
            assert second.wait(10) == 1
        found = subprocess.run(
            ["pgrep", "-P", str(process.pid), "-f", "caunoi.cli web"], capture_output=True, text=True
        )
        os.kill(int(found.stdout), signal.SIGKILL)
        database = postgres.postmaster(folder)
        assert database
        os.kill(database, signal.SIGKILL)
        assert status(port, "/health/live") == 200  # asked while both come back: it waits, and is answered
        end = time.monotonic() + 30
        while status(port, "/health/ready") != 200:
            assert time.monotonic() < end
        process.kill()
        process.wait()
        while postgres.postmaster(folder):
            assert time.monotonic() < end
        assert _free(port, end)


def _free(port: int, end: float) -> bool:
    while time.monotonic() < end:
        try:
            address.listen("127.0.0.1", port).close()
            return True
        except address.PortTakenError:
            continue
    return False


def test_a_taken_port_is_explained(tmp_path: Path) -> None:
    with address.listen("127.0.0.1", 0) as sock:
        port = sock.getsockname()[1]
        with up(tmp_path, "--lang", "en", port=port) as process:
            assert said(process, "Port") == f"Port {port} is used by another program.\n"
            assert said(process, "Choose") == f"Choose another one, for example: PORT={port + 10} make run\n"
            assert process.wait(10) == 1


def test_the_demo_is_not_opened_to_the_network(tmp_path: Path) -> None:
    with up(tmp_path, "--host", "0.0.0.0", CAUNOI_DEMO="1") as process:
        assert "mật khẩu ai cũng biết" in said(process, "Bản dùng thử")
        assert process.wait(10) == 1


def test_a_home_that_cannot_be_written_is_explained(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with up(tmp_path / "file" / "home") as process:
        assert "CAUNOI_HOME" in said(process, "Sửa quyền") or process.wait(10) == 1


@pytest.mark.long
@pytest.mark.slow
def test_hang_up_hands_everything_to_what_is_installed_and_refuses_nobody(tmp_path: Path) -> None:
    with up(tmp_path / "home") as process:
        port = int(said(process, "Ready: ").split()[1].rsplit(":", 1)[1])
        database, before = postgres.postmaster(tmp_path / "home"), children(process.pid)
        for _ in range(2):
            process.send_signal(signal.SIGHUP)
            end = time.monotonic() + 60
            while before & children(process.pid):
                assert status(port, "/health/ready") == 200
                assert time.monotonic() < end, "the old ones are still there"
            before = children(process.pid)
        assert postgres.postmaster(tmp_path / "home") == database
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
        assert postgres.postmaster(tmp_path / "home") is None


@pytest.mark.long
@pytest.mark.slow
def test_what_cannot_be_called_is_not_handed_over_to(tmp_path: Path) -> None:
    with up(tmp_path / "home") as process:
        port = int(said(process, "Ready: ").split()[1].rsplit(":", 1)[1])
        before = children(process.pid)
        (tmp_path / "home" / "next").write_text('{"python": "/nowhere/python", "pythonpath": ""}')
        process.send_signal(signal.SIGHUP)
        assert process.stdout
        assert any("nothing was handed over" in line for line in process.stdout)
        assert status(port, "/health/ready") == 200
        assert children(process.pid) == before


def children(pid: int) -> set[str]:
    words = ["pgrep", "-P", str(pid), "-f", "caunoi.cli (web|worker|bridge)"]
    return {*subprocess.run(words, capture_output=True, text=True).stdout.split()}
