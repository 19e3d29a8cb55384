"""The product as `caunoi up` runs it, without its worker, in a home of its own; and what its processes cost."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import psutil
import psycopg

from caunoi.host import address, postgres
from caunoi.host.home import prepare

ROOT = Path(__file__).resolve().parents[1]
HOME = Path(os.environ.get("BENCH_HOME") or ROOT / "var" / "bench")
OUT = ROOT / "bench" / "out"
PORT = int(os.environ.get("BENCH_PORT", "8168"))
WEB = 2  # processes, as `caunoi up` starts on two cores
WAIT = 120.0


def use(name: str) -> None:
    """Take a home of its own for benches that want the same rows: `var/bench-<name>`, or BENCH_HOME."""
    global HOME
    HOME = Path(os.environ.get("BENCH_HOME") or ROOT / "var" / f"bench-{name}")


def environment() -> dict[str, str]:
    """For our processes: the bench's own home, the demo's rows and keys, no other database."""
    kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE")}
    return {**kept, "CAUNOI_HOME": str(HOME), "CAUNOI_DEMO": "1", "PORT": str(PORT), "PYTHONPATH": str(ROOT)}


def command(*words: str) -> list[str]:
    return [sys.executable, "-m", *words]


@contextmanager
def database() -> Iterator[int]:
    """A durable database of the bench's own, with the demo province in it; gives the server's process id."""
    prepare(HOME)
    with postgres.serving(HOME):
        subprocess.run(command("caunoi.cli", "migrate"), env=environment(), check=True, stdout=subprocess.DEVNULL)
        demo = command("caunoi.cli", "demo", "--no-life")
        subprocess.run(demo, env=environment(), check=True, stdout=subprocess.DEVNULL)
        for name in ("api_per_minute", "open311_per_minute"):  # what is measured is not the limit of one key
            lift(name)
        process = postgres.postmaster(HOME)
        assert process is not None
        yield process


def lift(option: str) -> None:
    """Let a limit of the province be so high that nobody meets it; processes see it when they next read the options."""
    with psycopg.connect(**postgres.parameters(HOME), autocommit=True) as connection:
        connection.execute(
            "INSERT INTO directory_option (name, value) VALUES (%s, '1000000')"
            " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
            [option],
        )


@contextmanager
def serving(words: Sequence[str], ready: str) -> Iterator[list[psutil.Process]]:
    """WEB processes of a server at PORT, once `ready` answers; `{fd}` in the words is the listening socket."""
    sock = address.listen("127.0.0.1", PORT)
    os.set_inheritable(sock.fileno(), True)
    line = [word.replace("{fd}", str(sock.fileno())) for word in command(*words)]
    OUT.mkdir(parents=True, exist_ok=True)
    with (OUT / "serving.log").open("wb") as log:
        children = [
            subprocess.Popen(line, env=environment(), pass_fds=[sock.fileno()], stdout=log, stderr=log)
            for _ in range(WEB)
        ]
    sock.close()
    try:
        _wait(ready)
        yield [psutil.Process(child.pid) for child in children]
    finally:
        for child in children:
            child.terminate()
        for child in children:
            child.wait(20)


@contextmanager
def running(words: Sequence[str]) -> Iterator[psutil.Process]:
    """One more process of the product."""
    child = subprocess.Popen(command(*words), env=environment())
    try:
        yield psutil.Process(child.pid)
    finally:
        child.terminate()
        child.wait(20)


def told(*words: str) -> str:
    """What a program of ours prints."""
    done = subprocess.run(command(*words), env=environment(), check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


def _wait(path: str) -> None:
    until = time.monotonic() + WAIT
    while time.monotonic() < until:
        try:
            with urlopen(f"http://127.0.0.1:{PORT}{path}", timeout=5):
                return
        except (URLError, OSError):
            time.sleep(0.1)
    raise TimeoutError(path)


def cpu(processes: Sequence[psutil.Process]) -> float:
    """Seconds of processor time that these and all below them have used."""
    spent = 0.0
    for process in (inner for one in processes for inner in (one, *one.children(recursive=True))):
        with suppress(psutil.NoSuchProcess):  # a backend of the database that has just ended
            spent += sum(process.cpu_times()[:2])
    return spent


def load(**asked: Any) -> dict[str, Any]:
    """Let bench.load ask, in a process whose cost is not counted."""
    line = [*command("bench.load"), json.dumps({"port": PORT, **asked})]
    done = subprocess.run(line, env=environment(), check=True, capture_output=True, text=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def write(name: str, figures: dict[str, Any]) -> None:
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False) + "\n")


def bare() -> str:
    """The database of the bench in Django's words, for bench.bare."""
    found = postgres.parameters(HOME)
    return json.dumps({"NAME": found["dbname"], "USER": found["user"], "HOST": found["host"], "PORT": found["port"]})
