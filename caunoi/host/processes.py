"""Keeps the product's processes and its database running: what dies or hangs is started again, nothing outlives us."""

import asyncio
import os
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from caunoi.host import beat, leaving, postgres
from caunoi.host.binaries import NoServerError
from caunoi.host.handover import Old
from caunoi.host.lifeline import tie

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 15.0  # seconds before a dead child is started again; doubled each time
STEADY = 30.0  # a child that lived this long starts again with the first pause
FAREWELL = 6.0  # seconds between being asked to end and being ended
LONGEST_FAREWELL = 30.0  # of who answers the last requests while another serves already
HANG = 12  # so many beats that do not come are a hanging child
LAST_WORDS = 2.0  # seconds in which a hanging child may say where it hangs (PYTHONFAULTHANDLER)


@dataclass(frozen=True, kw_only=True)
class Child:
    """A named command. `files`: descriptors that it inherits. `serves`: an older one of its kind is ended only when all
    of these serve; else before this one starts."""

    name: str
    command: Sequence[str]
    env: Mapping[str, str] = field(default_factory=dict)
    files: Sequence[int] = ()
    serves: bool = False


@dataclass(eq=False)
class Running:
    """A child that runs, with the reading end of its heart-beats."""

    child: Child
    process: asyncio.subprocess.Process
    beats: int
    serves: asyncio.Event = field(default_factory=asyncio.Event)


class Supervisor:
    """Runs commands and passes each line of their output to `say(name, line)`.

    Must live in the main thread: the kernel ends our children with the thread that started them.
    """

    def __init__(self, *, say: Callable[[str, str], None], database: postgres.Server | None = None) -> None:
        self.say = say
        self.database = database
        self.ending = asyncio.Event()
        self.leaving = False
        self.running: dict[str, Running] = {}
        self.old: list[Old] = []

    def leave(self, seconds: float) -> None:
        """Ends all in `seconds`, at once when it is called again; until then balancers are told to send nobody."""
        serving = [one for one in self.running.values() if one.serves.is_set() and one.child.serves]
        if self.leaving or not seconds or not serving:
            self.ending.set()
            return
        self.leaving = True
        for one in serving:
            with suppress(ProcessLookupError):
                os.kill(one.process.pid, leaving.SIGNAL)
        asyncio.get_running_loop().call_later(seconds, self.ending.set)

    async def once(self, child: Child) -> int:
        """Runs a command to its end, or ends it when we are to end; returns its exit code."""
        with self._watched(child) as pipe:
            process = await self._start(child, pipe)
            await self._live(child, process)
        return process.returncode or 0

    async def keep(self, children: Sequence[Child], old: Sequence[Old] = ()) -> None:
        """Runs all of them, and the database, until `ending` is set; then ends all. `old`: what still runs of the
        program before, ended as the new ones serve."""
        self.old = list(old)
        hearing = [asyncio.create_task(self._hear_old(one)) for one in old]
        for one in [one for one in old if not any(child.serves and child.name == one.name for child in children)]:
            await self._retire(one)
        keepers = [asyncio.create_task(self._keep(child)) for child in children]
        if self.database:
            keepers.append(asyncio.create_task(self._keep_database(self.database)))
        keepers.append(asyncio.create_task(self._relieve([child.name for child in children if child.serves])))
        await asyncio.gather(*keepers)
        for task in hearing:
            task.cancel()

    def handed(self) -> tuple[Old, ...]:
        """All children as the next program takes them over."""
        mine = [Old(name=name, pid=one.process.pid, out=_descriptor(one.process)) for name, one in self.running.items()]
        return (*mine, *self.old)

    async def _relieve(self, names: Sequence[str]) -> None:
        """Ends the old ones when all that serve do, or when we end."""
        if not self.old:
            return
        while not self.ending.is_set():
            if all(name in self.running and self.running[name].serves.is_set() for name in names):
                break
            await self._sleep(0.05)
        await asyncio.gather(*(self._retire(one, LONGEST_FAREWELL) for one in list(self.old)))

    async def _retire(self, one: Old, patience: float = FAREWELL) -> None:
        exiting = asyncio.create_task(_exit(one.pid))
        with suppress(ProcessLookupError):
            os.kill(one.pid, signal.SIGTERM)
        await _first(asyncio.shield(exiting), asyncio.sleep(patience), self._hurried())
        with suppress(ProcessLookupError):
            os.killpg(one.pid, signal.SIGKILL)
        await exiting
        with suppress(ChildProcessError):
            os.waitpid(one.pid, 0)
        self.old.remove(one)

    async def _hurried(self) -> None:
        await self.ending.wait()
        await asyncio.sleep(FAREWELL)

    async def _hear_old(self, one: Old) -> None:
        reader = asyncio.StreamReader(limit=1 << 20)
        pipe = os.fdopen(one.out, "rb", buffering=0)
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), pipe)
        await self._listen(one.name, reader)

    async def _keep(self, child: Child) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE
        while not self.ending.is_set():
            began = loop.time()
            with self._watched(child) as pipe:
                process = await self._start(child, pipe)
                one = self.running[child.name] = Running(child=child, process=process, beats=pipe[0])
                watching = asyncio.create_task(self._watch(one))
                await self._live(child, process)
                watching.cancel()
                del self.running[child.name]
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
            except (postgres.ServerStartError, NoServerError, OSError) as error:
                self.say("database", f"{error}")
                await self._sleep(pause)
                pause = min(pause * 2, LONGEST_PAUSE)

    @contextmanager
    def _watched(self, child: Child) -> Iterator[tuple[int, int]]:
        """The pipe of a child's heart-beats: we read, it writes."""
        reading, writing = os.pipe()
        os.set_blocking(reading, False)
        try:
            yield reading, writing
        finally:
            for end in (reading, writing):
                with suppress(OSError):
                    os.close(end)

    async def _watch(self, one: Running) -> None:
        """Waits for the child's first sign of life; then ends a child from which none comes any more. Counted in beats
        and not in seconds, so that nobody is ended because we ourselves were stopped for a while."""
        missed = 0
        while missed < HANG:
            await asyncio.sleep(beat.EVERY if one.serves.is_set() else 0.05)
            try:
                alive = os.read(one.beats, 4096) != b""
            except BlockingIOError:
                alive = False
            if alive:
                one.serves.set()
            missed = 0 if alive or not one.serves.is_set() else missed + 1
        self.say(one.child.name, f"gave no sign of life for {HANG * beat.EVERY:g} s; ended")
        with suppress(ProcessLookupError):
            os.kill(one.process.pid, signal.SIGABRT)
            await asyncio.sleep(LAST_WORDS)
            os.killpg(one.process.pid, signal.SIGKILL)

    async def _start(self, child: Child, pipe: tuple[int, int]) -> asyncio.subprocess.Process:
        own = {"UP_CHILD": child.name, "UP_BEAT": str(pipe[1]), "PYTHONFAULTHANDLER": "1"}
        return await asyncio.create_subprocess_exec(
            *child.command,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env={**os.environ, **child.env, **own},
            pass_fds=(*child.files, pipe[1]),
            limit=1 << 20,
            start_new_session=True,  # Ctrl-C comes to us alone, and we end them in order
            preexec_fn=tie(signal.SIGTERM),
        )

    async def _live(self, child: Child, process: asyncio.subprocess.Process) -> None:
        """Passes on what the child says until it is gone; asks it to end, then ends it, when we are ending."""
        assert process.stdout
        listening = asyncio.create_task(self._listen(child.name, process.stdout))
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

    async def _listen(self, name: str, words: asyncio.StreamReader) -> None:
        while True:
            try:
                line = await words.readline()
            except ValueError:
                continue  # a line of more than a megabyte
            if not line:
                return
            self.say(name, line.decode("utf-8", "replace").rstrip())

    async def _sleep(self, seconds: float) -> None:
        await _first(self.ending.wait(), asyncio.sleep(seconds))


def _descriptor(process: asyncio.subprocess.Process) -> int:
    """Of the pipe through which the child speaks; asyncio keeps it to itself."""
    transport = process._transport.get_pipe_transport(1)  # type: ignore[attr-defined]
    return int(transport.get_extra_info("pipe").fileno())


async def _exit(pid: int) -> None:
    """Waits until a process, child or not, is gone."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return
    loop, ended = asyncio.get_running_loop(), asyncio.Event()
    loop.add_reader(handle, ended.set)
    try:
        await ended.wait()
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
