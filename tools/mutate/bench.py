"""Where mutants are tried: a copy of the checkout, its own database server, and pytest in processes that are forked.

The warm way collects the tests once and forks for each mutant, in which the changed functions are exchanged: what
Django and our own imports take is paid once. Only the tests that run one of these functions are tried. What cannot be
exchanged (a table, a default), and what survives that, is tried cold: the file is changed in the copy, everything is
imported anew, and every test of the area is run.
"""

import fcntl
import gc
import inspect
import json
import multiprocessing as processes
import os
import resource
import shutil
import signal
import sys
import time
import traceback
from collections.abc import Collection, Generator, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path
from types import CodeType, FunctionType
from typing import Any, NoReturn

import pytest

from tools.mutate.mutants import Mutant

ROOT = Path(__file__).parents[2]
COPY = ROOT / "var" / "mutate" / "copy"
LOG = ROOT / "var" / "mutate" / "last.log"
RAN = ROOT / "var" / "mutate" / "ran.json"
BUILT = ("caunoi/web/static/dist", "caunoi/locale")
LEFT_OUT = shutil.ignore_patterns("var", ".*", "node_modules", "dist", "look", "out", "outside")
OPTIONS = ["-x", "-q", "-m", "not long and not slow and not browser"]
OPTIONS += ["-p", "no:cacheprovider", "-p", "no:randomly", "--reuse-db", "--hypothesis-profile=mutate"]
CANNOT = 77  # what a fork says that cannot exchange the functions

fork = processes.get_context("fork")


@contextmanager
def alone() -> Iterator[None]:
    """No other run has the copy meanwhile."""
    COPY.mkdir(parents=True, exist_ok=True)
    with open(COPY.with_name("lock"), "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            sys.exit(f"Another make mutate is at work in {COPY}: wait for it, or end it")
        yield


def copy() -> None:
    """Bring the copy to where the checkout is; its database stays."""
    for part in COPY.iterdir():
        if part.name != "var":
            shutil.rmtree(part) if part.is_dir() else part.unlink()
    shutil.copytree(ROOT, COPY, ignore=LEFT_OUT, dirs_exist_ok=True)
    for built in BUILT:
        shutil.copytree(ROOT / built, COPY / built, dirs_exist_ok=True)


def _enter() -> None:
    """Make this forked process one of the copy."""
    os.chdir(COPY)
    sys.path[:] = [str(COPY), *(p for p in sys.path if Path(p or ".").resolve() != ROOT)]
    os.environ |= {"CAUNOI_HOME": str(COPY / "var" / "test"), "PYTHONPATH": str(COPY)}
    os.environ.pop("DATABASE_URL", None)
    _tie()


def _tie() -> None:
    """This process ends with the one that started it, also where that one is killed."""
    from caunoi.host.lifeline import tie  # the copy's

    tie(parent=os.getppid())()


def _test(tests: list[str], *plugins: object) -> NoReturn:
    """Be pytest, and end."""
    try:
        os._exit(pytest.main([*OPTIONS, *tests], plugins=plugins))
    except BaseException:  # what does not even start
        traceback.print_exc()
        os._exit(pytest.ExitCode.INTERNAL_ERROR)


def _quietly(log: Path = LOG) -> None:
    with open(log, "ab") as out:
        os.dup2(out.fileno(), 1)
        os.dup2(out.fileno(), 2)


def _serve(driver: Connection, conn: Connection) -> None:
    driver.close()  # else the end of the driver would not be heard
    os.setpgid(0, 0)
    _enter()
    from caunoi.host import home, postgres

    server = postgres.Server(home.home(), {"fsync": "off", "synchronous_commit": "off"})
    server.start()
    conn.send(True)
    with suppress(EOFError, KeyboardInterrupt):
        conn.recv()
    server.stop()


@contextmanager
def server() -> Iterator[None]:
    """The copy's database server, for as long as this lasts."""
    ours, theirs = fork.Pipe()
    process = fork.Process(target=_serve, args=(ours, theirs))
    process.start()
    theirs.close()
    ours.recv()
    try:
        yield
    finally:
        ours.close()
        process.join()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What a mutant may use until it counts as one that never ends: seconds of processor, and by the clock."""

    cpu: int
    wall: float

    def set(self) -> None:
        """For this process, and for what it starts: a group of its own, that can be ended as one."""
        os.setpgid(0, 0)
        resource.setrlimit(resource.RLIMIT_CPU, (self.cpu, self.cpu))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


class Warm:
    """pytest with the tests of an area collected, which waits for mutants."""

    def __init__(self, tests: list[str]) -> None:
        self.tests, self.cpu = tests, 0.0
        self.conn, theirs = fork.Pipe()
        self.process = fork.Process(target=_wait, args=(self.conn, theirs, tests), daemon=True)
        self.process.start()
        theirs.close()
        self.limits = Limits(cpu=3600, wall=36000)

    def ready(self) -> bool:
        """Whether the tests, unchanged, were collected and pass."""
        began = time.monotonic()
        passed = self.run(None) == 0
        wall = time.monotonic() - began
        self.limits = Limits(cpu=int(3 * self.cpu + 50), wall=10 * wall + 300)
        return passed

    def run(self, mutant: Mutant | None) -> int:
        """What pytest ends with in a fork with this mutant."""
        try:
            self.conn.send((COPY / mutant.file, mutant.source()) if mutant else (None, ""))
            self.conn.send(self.limits)
            code, self.cpu = self.conn.recv()
            return int(code)
        except (EOFError, OSError):
            sys.exit(f"pytest does not collect {' '.join(self.tests)}; {LOG} says why")

    def close(self) -> None:
        self.conn.close()
        self.process.join()


def _wait(driver: Connection, conn: Connection, tests: list[str]) -> None:
    driver.close()
    os.setpgid(0, 0)  # what ends the driver by the keyboard lets it end in order
    _enter()
    _quietly()
    _test(tests, _Waiting(conn))


class _Ran:
    """Writes down which tests run which functions of the copy: {file: {function: [test]}}."""

    TOOL = 4  # of sys.monitoring

    def __init__(self) -> None:
        self.test, self.tests = "", dict[str, dict[str, list[str]]]()
        self.ours = (str(COPY / "caunoi"), str(COPY / "bench"))
        sys.monitoring.use_tool_id(self.TOOL, "mutate")
        sys.monitoring.register_callback(self.TOOL, sys.monitoring.events.PY_START, self._begun)
        sys.monitoring.set_events(self.TOOL, sys.monitoring.events.PY_START)

    def _begun(self, code: CodeType, _at: int) -> object:
        if code.co_filename.startswith(self.ours):
            name = code.co_qualname.partition(".<locals>")[0]
            self.tests.setdefault(code.co_filename, {}).setdefault(name, []).append(self.test)
        return sys.monitoring.DISABLE  # until the next test

    @pytest.hookimpl(wrapper=True, tryfirst=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Generator[None, object, object]:
        self.test = item.nodeid
        sys.monitoring.restart_events()
        return (yield)

    def pytest_sessionfinish(self) -> None:
        RAN.write_text(json.dumps(self.tests))


class _Waiting:
    def __init__(self, conn: Connection) -> None:
        self.conn = conn
        self.first = self.dirty = True  # a run before may have been killed

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool | None:
        if session.testsfailed:
            return None  # not all could be collected: pytest says so and ends
        while True:
            try:
                (path, source), limits = self.conn.recv(), self.conn.recv()
            except EOFError:
                os._exit(0)
            pid = os.fork()
            if pid == 0:
                limits.set()
                _tie()
                _prepare_database(first=self.first, dirty=self.dirty)
                if self.first:
                    session.config.pluginmanager.register(_Ran())
                if path:
                    changed = _exchange(path, source)
                    if not changed:
                        os._exit(CANNOT)
                    ran = json.loads(RAN.read_text()).get(str(path), {})
                    tests = {test for name in changed for test in ran.get(name, ())}
                    session.items[:] = [item for item in session.items if item.nodeid in tests]
                    if not session.items:
                        os._exit(0)
                return None  # and go on as any pytest does
            code, used = _end(pid, limits.wall)
            self.first, self.dirty = False, code < 0
            self.conn.send((code, used))


def _prepare_database(*, first: bool, dirty: bool) -> None:
    """The first fork makes the test database or brings it up to date; the others need not look again. It is emptied
    where one that was killed may have left rows."""
    from django.core.management import call_command
    from django.db import connections
    from django.test import utils

    def known(*_args: Any, **_more: Any) -> list[Any]:
        for connection in connections.all():
            connection.settings_dict["NAME"] = connection.creation._get_test_db_name()  # type: ignore[attr-defined]
        return []

    prepare = utils.setup_databases if first else known

    def prepared(*args: Any, **more: Any) -> list[Any]:
        made: list[Any] = prepare(*args, **more)
        if dirty:
            call_command("flush", interactive=False, verbosity=0)
        return made

    utils.setup_databases = prepared


def _exchange(path: Path, source: str) -> Collection[str]:
    """Give every function of a file whose code changed its new code; their names, none where one was not found."""
    old, new = (dict(_functions(compile(text, str(path), "exec"))) for text in (path.read_text(), source))
    changed = {key for key in old if old[key] != new.get(key)}
    found = set()
    for each in gc.get_objects():
        if type(each) is FunctionType and each.__code__.co_filename == str(path):
            key = each.__code__.co_qualname
            if key in changed and each.__code__ == old[key]:
                try:
                    each.__code__ = new[key]
                except (KeyError, ValueError):
                    return ()
                found.add(key)
    return changed if found == changed else ()


def _functions(code: CodeType) -> Iterator[tuple[str, CodeType]]:
    """The code of functions and methods by their names; what lies within a function is part of it."""
    for each in code.co_consts:
        if isinstance(each, CodeType):
            if each.co_flags & inspect.CO_NEWLOCALS and not each.co_name.startswith("<generic"):  # no class
                yield each.co_qualname, each
            else:
                yield from _functions(each)


def _end(pid: int, wall: float) -> tuple[int, float]:
    """What a process ends with, and its seconds of processor; it is killed after so many seconds, and then what it
    started."""
    until = time.monotonic() + wall
    while True:
        ended, status, used = os.wait4(pid, os.WNOHANG)
        if ended or time.monotonic() > until:
            with suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
        if ended:
            return os.waitstatus_to_exitcode(status), used.ru_utime + used.ru_stime
        time.sleep(0.02)


def cold(tests: list[str], limits: Limits) -> int:
    """What pytest ends with in a process that imports the copy anew."""
    pid = os.fork()
    if pid == 0:
        limits.set()
        _enter()
        _quietly()
        _test(tests)
    return _end(pid, limits.wall)[0]


@contextmanager
def changed(mutant: Mutant) -> Iterator[None]:
    """The mutant in the copy. Its time of change is one that no cache of its code has."""
    path = COPY / mutant.file
    whole, at = path.read_bytes(), path.stat().st_mtime
    path.write_text(mutant.source())
    try:
        changed.serial += 1  # type: ignore[attr-defined]
        os.utime(path, (changed.serial, changed.serial))  # type: ignore[attr-defined]
        yield
    finally:
        path.write_bytes(whole)
        os.utime(path, (at, at))


changed.serial = 0  # type: ignore[attr-defined]
