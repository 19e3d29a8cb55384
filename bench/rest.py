"""The product at rest: started in a home, left alone for ten minutes (REST=seconds), and then what each process holds
(PSS; in brackets what is anonymous of it, as the libraries' part is shared with whatever else runs of them): as
`caunoi up` runs it, with one process of pages, with one memory arena, and with all parts forked from one process that
has imported everything. BENCH_HOME names the home, which is made with the demo where there is none; PROFILES chooses
some."""

import gc
import importlib
import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench import product
from caunoi.host import postgres

REST = float(os.environ.get("REST", "600"))
BAR = 250.0  # MB, of issue 15
ARENA = {"MALLOC_ARENA_MAX": "1", "MALLOC_TRIM_THRESHOLD_": "131072"}
UP = ("caunoi.cli", "up", "--lang", "en", "--port", str(product.PORT))
PROFILES: Mapping[str, tuple[Sequence[str], Mapping[str, str]]] = {
    "as it is": (UP, {}),
    "one process of pages": ((*UP, "--web", "1"), {}),
    "and one arena": ((*UP, "--web", "1"), ARENA),
    "and forked": (("bench.rest", "forked"), ARENA),
}
PARTS = (["web", "--port", str(product.PORT)], ["worker"], ["bridge"])


def main() -> int:
    product.use("rest")
    profiles = os.environ.get("PROFILES", "").split(",") if os.environ.get("PROFILES") else [*PROFILES]
    result = {}
    for name in profiles:
        with _running(*PROFILES[name]) as process:
            time.sleep(REST)
            parts = dict(_parts(process))
        result[name] = parts
        whole, own = (sum(pair[n] for pair in parts.values()) for n in (0, 1))
        each = ", ".join(f"{part} {pair[0]:.0f} ({pair[1]:.0f})" for part, pair in parts.items())
        print(f"{name}: {whole:.0f} ({own:.0f}) MB: {each}", flush=True)
    product.OUT.mkdir(parents=True, exist_ok=True)
    (product.OUT / "rest.json").write_text(json.dumps({"rest": REST, "megabytes": result}, indent=1) + "\n")
    return 1 if min(sum(pair[0] for pair in parts.values()) for parts in result.values()) > BAR else 0


@contextmanager
def _running(words: Sequence[str], environ: Mapping[str, str]) -> Iterator[psutil.Process]:
    product.OUT.mkdir(parents=True, exist_ok=True)
    with (product.OUT / "rest.log").open("ab") as log:
        started = subprocess.Popen(
            product.command(*words), env={**product.environment(), **environ}, stdout=log, stderr=log
        )
        try:
            _wait_for(started)
            yield psutil.Process(started.pid)
        finally:
            started.send_signal(signal.SIGINT)
            started.wait(120)


def _wait_for(started: subprocess.Popen[bytes], within: float = 900) -> None:
    end = time.monotonic() + within
    while time.monotonic() < end:
        if started.poll() is not None:
            raise SystemExit("it does not start; see bench/out/rest.log")
        try:
            with urlopen(f"http://127.0.0.1:{product.PORT}/health/ready", timeout=5) as answer:
                if answer.status == 200:
                    return
        except (URLError, OSError):
            pass
        time.sleep(0.5)
    raise SystemExit("it is not ready in time")


def _parts(process: psutil.Process) -> Iterator[tuple[str, tuple[float, float]]]:
    """Each part with its megabytes, and those that are anonymous; processes of one name together."""
    sizes: dict[str, tuple[float, float]] = {}
    for one in [process, *process.children(recursive=True)]:
        try:
            line, text = " ".join(one.cmdline()), Path(f"/proc/{one.pid}/smaps_rollup").read_text()
        except (OSError, psutil.Error):
            continue
        whole, own = (int(re.findall(rf"^{word}:\s+(\d+)", text, re.M)[0]) / 1024 for word in ("Pss", "Pss_Anon"))
        part = re.search(r"caunoi\.cli (\w+)", line)
        name = "database" if "postgres" in line.split(" ")[0] else part[1] if part else "forked"
        before = sizes.get(name, (0.0, 0.0))
        sizes[name] = (before[0] + whole, before[1] + own)
    yield from sorted(sizes.items())


def forked() -> int:
    """All parts forked from this process, which has imported what each of them needs."""
    os.environ["CAUNOI_HOME"] = str(product.HOME)
    with postgres.serving(product.HOME):
        main_of = importlib.import_module("caunoi.cli.main").main
        importlib.import_module("caunoi.cli.product")
        for words in PARTS:
            importlib.import_module(f"caunoi.cli.{words[0]}")
        gc.collect()
        gc.freeze()
        children = []
        for words in PARTS:
            pid = os.fork()
            if pid == 0:
                os._exit(main_of(words))
            children.append(pid)
        try:
            signal.pause()
        except KeyboardInterrupt:
            pass
        for pid in children:
            os.kill(pid, signal.SIGINT)
        for pid in children:
            os.waitpid(pid, 0)
    return 0


if __name__ == "__main__":
    sys.exit(forked() if sys.argv[1:] == ["forked"] else main())
