"""What dies is started again; what ends, ends in order; nothing is left behind.

Proves: a child that gives no sign of life for a minute is ended and started again; jobs of a worker that is told to
end are handed back"""

import asyncio
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import psycopg
import pytest

from caunoi.host import address, postgres, processes
from caunoi.host.processes import Child, Supervisor


class Watched(Supervisor):
    """A supervisor whose children's words can be waited for."""

    def __init__(self, database: postgres.Server | None = None) -> None:
        self.heard: asyncio.Queue[tuple[str, str]] = asyncio.Queue()
        super().__init__(say=lambda name, line: self.heard.put_nowait((name, line)), database=database)

    async def hear(self, name: str) -> str:
        while True:
            said, line = await asyncio.wait_for(self.heard.get(), 20)
            if said == name:
                return line


def supervised(
    children: list[Child], story: Callable[[Watched], Awaitable[None]], database: postgres.Server | None = None
) -> None:
    async def run() -> None:
        supervisor = Watched(database)
        keeping = asyncio.create_task(supervisor.keep(children))
        try:
            await story(supervisor)
        finally:
            supervisor.ending.set()
            await asyncio.wait_for(keeping, 10)

    asyncio.run(run())


def shell(name: str, script: str) -> Child:
    return Child(name=name, command=["sh", "-c", script])


def test_a_child_that_is_killed_is_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)

    async def story(supervisor: Watched) -> None:
        first = int(await supervisor.hear("one"))
        os.kill(first, signal.SIGKILL)
        assert await supervisor.hear("one") == "ended (SIGKILL); started again in 0.01 s"
        assert int(await supervisor.hear("one")) != first

    supervised([shell("one", "echo $$; exec sleep 600")], story)


def test_the_pause_grows_for_a_child_that_never_comes_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)

    async def story(supervisor: Watched) -> None:
        assert [await supervisor.hear("bad") for _ in range(3)] == [
            f"ended (exit code 3); started again in {pause} s" for pause in (0.01, 0.02, 0.04)
        ]

    supervised([shell("bad", "exit 3")], story)


def test_what_a_dead_child_left_running_is_ended_too(until: Callable[..., bool], gone: Callable[[int], bool]) -> None:
    left: list[int] = []

    async def story(supervisor: Watched) -> None:
        left.append(int(await supervisor.hear("mother")))

    supervised([shell("mother", "sleep 600 & echo $!; wait")], story)
    assert until(lambda: gone(left[0]))


def test_a_child_that_does_not_want_to_end_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FAREWELL", 0.1)

    async def story(supervisor: Watched) -> None:
        await supervisor.hear("deaf")

    supervised([shell("deaf", "trap '' TERM; echo here; sleep 600; sleep 600")], story)


def test_a_command_is_run_to_its_end_and_its_code_given_back() -> None:
    async def run() -> int:
        return await Watched().once(shell("step", "exit 4"))

    assert asyncio.run(run()) == 4


def test_a_killed_database_comes_back_by_itself(
    tmp_path: Path, until: Callable[..., bool], connect: Callable[[Path], psycopg.Connection]
) -> None:
    server = postgres.Server(tmp_path)
    server.start()

    async def story(supervisor: Watched) -> None:
        pid = postgres.postmaster(tmp_path)
        assert pid
        os.kill(pid, signal.SIGKILL)
        assert await supervisor.hear("database") == "ended; started again"
        await asyncio.to_thread(until, lambda: postgres.ready(tmp_path))
        with connect(tmp_path) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)

    try:
        supervised([], story, server)
    finally:
        server.stop()
    assert postgres.postmaster(tmp_path) is None


def test_a_taken_port_is_noticed_at_once() -> None:
    with address.listen("127.0.0.1", 0) as sock, pytest.raises(address.PortTakenError):
        address.listen("127.0.0.1", sock.getsockname()[1])


def test_an_address_of_another_machine_is_refused() -> None:
    with pytest.raises(address.PortForbiddenError, match=r"192\.0\.2\.1:"):
        address.listen("192.0.2.1", 0)


def test_a_child_that_gives_no_more_signs_of_life_is_ended_and_started_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(processes.beat, "EVERY", 0.05)

    async def story(supervisor: Watched) -> None:
        first = int(await supervisor.hear("one"))
        await asyncio.wait_for(supervisor.running["one"].serves.wait(), 5)
        assert "gave no sign of life" in await supervisor.hear("one")
        assert "ended (SIG" in await supervisor.hear("one")
        assert int(await supervisor.hear("one")) != first

    script = "import os, signal, time; print(os.getpid(), flush=True); os.write(int(os.environ['UP_BEAT']), b'.')"
    deaf = f"{script}; signal.signal(signal.SIGABRT, signal.SIG_IGN); time.sleep(600)"
    supervised([Child(name="one", command=[sys.executable, "-c", deaf])], story)


def test_a_child_that_never_gave_a_sign_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(processes.beat, "EVERY", 0.02)

    async def story(supervisor: Watched) -> None:
        pid = int(await supervisor.hear("one"))
        await asyncio.sleep(1)
        assert os.kill(pid, 0) is None

    supervised([shell("one", "echo $$; exec sleep 600")], story)
