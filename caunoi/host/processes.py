"""Keeps the product's processes and its database running: what dies is started again, and nothing outlives us."""

import asyncio
import os
import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from caunoi.host import postgres
from caunoi.host.binaries import NoServer
from caunoi.host.lifeline import tie

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 15.0  # seconds before a dead child is started again; doubled each time
STEADY = 30.0  # a child that lived this long starts again with the first pause
FAREWELL = 6.0  # seconds between being asked to end and being ended


@dataclass(frozen=True, kw_only=True)
class Child:
    """A named command. `files`: descriptors that it inherits."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[int] = ()


class Supervisor:
    """Runs commands, each line of what they say given to `say(name, line)`.

    Must live in the main thread: the kernel ends our children with the thread that started them.
    """

    def __init__(self, *, say: Callable[[str, str], None], database: postgres.Server | None = None) -> None:
        self.say = say
        self.database = database
        self.ending = asyncio.Event()

    async def once(self, child: Child) -> int:
        """Runs a command to its end, or ends it when we are asked to end; returns its exit code."""
        process = await self._start(child)
        await self._live(child, process)
        return process.returncode or 0

    async def keep(self, children: Sequence[Child]) -> None:
        """Runs all of them, and the database, until `ending` is set; then ends all."""
        keepers = [asyncio.create_task(self._keep(child)) for child in children]
        if self.database:
            keepers.append(asyncio.create_task(self._keep_database(self.database)))
        await asyncio.gather(*keepers)

    async def _keep(self, child: Child) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while not self.ending.is_set():
            began = loop.time()
            process = await self._start(child)
            await self._live(child, process)
            if self.ending.is_set():
                return
            pause = FIRST_PAUSE if loop.time() - began > STEADY else pause
            self.say(child.name, f"ended ({_why(process.returncode)}); started again in {pause:g} s")
            await self._sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _keep_database(self, server: postgres.Server) -> None:
        """The postmaster mends its own backends; here it is itself started again, whoever had started it."""
        pause = 0.1
        while not self.ending.is_set():
            if (pid := postgres.postmaster(server.home)) is not None:
                await _first(_exit(pid), self.ending.wait())
            if self.ending.is_set():
                return
            self.say("database", "ended; started again")
            try:
                server.running()  # reaps it
                server.start()
                pause = 0.1
            except (postgres.Failed, NoServer, OSError) as error:
                self.say("database", f"{error}")
                await self._sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    async def _start(self, child: Child) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **child.env},
            pass_fds=tuple(child.files),
            limit=1 << 20,
            start_new_session=True,  # Ctrl-C comes to us alone, and we end them in order
            preexec_fn=tie(signal.SIGTERM),
        )

    async def _live(self, child: Child, process: asyncio.subprocess.Process) -> None:
        """Passes on what the child says until it is gone; asks it to end, then ends it, when we are ending."""
        listening = asyncio.create_task(self._listen(child, process))
        exiting = asyncio.create_task(_exit(process.pid))  # process.wait() also waits for whoever holds its output
        await _first(asyncio.shield(exiting), self.ending.wait())
        if not exiting.done():
            process.terminate()
            await _first(exiting, asyncio.sleep(FAREWELL))
        try:
            os.killpg(
                process.pid, signal.SIGKILL
            )  # itself, or what it left behind, which would keep its port and locks
        except ProcessLookupError:
            pass
        await process.wait()
        await _first(asyncio.shield(listening), asyncio.sleep(1))
        listening.cancel()

    async def _listen(self, child: Child, process: asyncio.subprocess.Process) -> None:
        assert process.stdout
        while True:
            try:
                line = await process.stdout.readline()
            except ValueError:
                continue  # a line of more than a megabyte
            if not line:
                return
            self.say(child.name, line.decode("utf-8", "replace").rstrip())

    async def _sleep(self, seconds: float) -> None:
        await _first(self.ending.wait(), asyncio.sleep(seconds))


async def _exit(pid: int) -> None:
    """Waits until a process, child or not, is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, gone = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, gone.set)
    try:
        await gone.wait()
    finally:
        loop.remove_reader(handle)
        os.close(handle)


async def _first(*waits: object) -> None:
    """Returns when the first of them is done; the others are given up."""
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def _why(code: int | None) -> str:
    if code is not None and code < 0:
        return signal.Signals(-code).name
    return f"exit code {code}"
