"""An upgrade at noon: the hotline is busy, a new release comes in, nobody is refused and nothing is lost; and the way
back.

Proves: SIGHUP and `caunoi upgrade` (look, back up, migrate while serving, hand over; back again; refused where only
the newer release understands the data; a release that does not start leaves the one before at work)"""

import json
import os
import re
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from urllib.parse import urlencode

import pytest
from stage import CHECKOUT, Product, bare, copied, wait_until

pytestmark = pytest.mark.long(minutes=12)


@pytest.fixture
def demo(demo_home: Path, tmp_path: Path) -> Iterator[Product]:
    """A running demo for each story: a release leaves its tables behind."""
    with Product(copied(demo_home, tmp_path / "home"), {"CAUNOI_DEMO": "1"}) as product:
        yield product


RATE, CLIENTS = 50, 10  # requests a second
FORM = {"content-type": "application/x-www-form-urlencoded"}


@dataclass
class Load:
    """Fifty requests a second, every sixth a report, as an app may send them; who keeps a connection and who does not.
    `patient`: who finds a kept connection closed opens another and sends again, as browsers do."""

    port: int
    patient: bool = False
    answers: Counter[object] = field(default_factory=Counter)
    codes: set[str] = field(default_factory=set)
    longest: float = 0.0
    ending: threading.Event = field(default_factory=threading.Event)

    def client(self, number: int) -> None:
        connection: HTTPConnection | None = None
        turn = 0
        while not self.ending.is_set():
            began, turn, kept = time.monotonic(), turn + 1, connection is not None
            try:
                connection = connection or HTTPConnection("127.0.0.1", self.port, timeout=120)
                if (turn + number) % 6:
                    connection.request("GET", "/register")
                else:
                    report = {
                        "api_key": "demo-open311",
                        "service_code": "lamps",
                        "description": f"Đèn hỏng {number} {turn}",
                        "lat": "11.53",
                        "long": "106.89",
                    }
                    connection.request("POST", "/open311/v2/requests.json", urlencode(report), FORM)
                answer = connection.getresponse()
                body = answer.read().decode()
                self.answers[answer.status] += 1
                self.codes |= set(re.findall(r'"service_request_id":\s*"([\d-]+)"', body))
                if number % 2 or answer.getheader("connection") == "close":
                    connection.close()
                    connection = None
            except (OSError, HTTPException) as error:
                if connection:
                    connection.close()
                connection = None
                if kept and self.patient:
                    turn -= 1
                    continue
                self.answers[f"{type(error).__name__}: {error}"] += 1
            self.longest = max(self.longest, time.monotonic() - began)
            self.ending.wait(max(0.0, CLIENTS / RATE - (time.monotonic() - began)))
        if connection:
            connection.close()


@contextmanager
def busy(product: Product, *, patient: bool = False) -> Iterator[Load]:
    load = Load(product.port, patient)
    threads = [threading.Thread(target=load.client, args=[number]) for number in range(CLIENTS)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(3)
        yield load
        time.sleep(3)
    finally:
        load.ending.set()
        for thread in threads:
            thread.join(130)


def nobody_was_refused(product: Product, load: Load) -> None:
    assert {answer for answer in load.answers if answer not in {200, 201}} == set(), load.answers
    assert load.codes
    lost = [
        code
        for code in load.codes
        if product.ask(f"/open311/v2/requests/{code}.json?api_key=demo-open311").status != 200
    ]
    assert lost == []
    print(f"{sum(load.answers.values())} answered, {len(load.codes)} reports, the longest waited {load.longest:.1f} s")


def release(folder: Path, version: str, *, serves_from: str = "", column: str = "") -> Path:
    """A later release: this checkout's code with another version, and a column more."""
    shutil.copytree(CHECKOUT / "caunoi", folder / "caunoi", ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(CHECKOUT / "requirements", folder / "requirements")
    shutil.copy(CHECKOUT / "pyproject.toml", folder)  # a checkout, and no installed package
    named = folder / "caunoi" / "__init__.py"
    named.write_text(re.sub(r'"\d+\.\d+\.\d+"', f'"{version}"', named.read_text()))
    if serves_from:
        rule = folder / "caunoi" / "host" / "releases.py"
        rule.write_text(re.sub(r'SERVES_FROM = "[^"]+"', f'SERVES_FROM = "{serves_from}"', rule.read_text()))
    if column:
        steps = folder / "caunoi" / "jobs" / "migrations"
        last = max(path.stem for path in steps.glob("[0-9]*.py"))
        (steps / f"9999_{column}.py").write_text(
            "from django.db import migrations\n\n\nclass Migration(migrations.Migration):\n"
            f"    dependencies = [('jobs', '{last}')]\n"
            f"    operations = [migrations.RunSQL('ALTER TABLE jobs_periodictask ADD COLUMN {column} integer')]\n"
        )
    return folder


def typed(product: Product, code: Path, *words: str, timeout: float = 400) -> subprocess.CompletedProcess[str]:
    """`caunoi …` of another release, by the Python of this one."""
    environ = bare(product.home, PORT=str(product.port), PYTHONPATH=str(code), **product.environ)
    command = [CHECKOUT / ".venv" / "bin" / "python", "-m", "caunoi.cli", *words]
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, timeout=timeout, cwd=product.home.parent
    )


def version(product: Product) -> str:
    return str(product.ask("/health/live").json["version"])


def test_a_new_release_comes_in_at_noon_and_goes_again(demo: Product, tmp_path: Path) -> None:
    here = version(demo)
    later = release(tmp_path / "later", "7.1.0", column="noon")
    with busy(demo) as load:
        done = typed(demo, later, "upgrade", "--json")
        steps = [json.loads(line) for line in done.stdout.splitlines()]
        assert (done.returncode, [step["step"] for step in steps]) == (
            0,
            ["preflight", "backup", "migrate", "hand over"],
        ), done.stdout + done.stderr
        assert version(demo) == "7.1.0"
    nobody_was_refused(demo, load)
    with busy(demo) as load:
        done = demo.shell("upgrade", "--no-backup", PORT=str(demo.port))
        assert done.returncode == 0, done.stdout + done.stderr
        assert version(demo) == here
    nobody_was_refused(demo, load)


def test_the_way_back_ends_where_only_the_new_release_understands_the_data(demo: Product, tmp_path: Path) -> None:
    here = version(demo)
    later = release(tmp_path / "later", "7.2.0", serves_from="7.2.0", column="evening")
    assert typed(demo, later, "upgrade", "--no-backup").returncode == 0
    back = demo.shell("upgrade", "--no-backup", PORT=str(demo.port))
    assert (back.returncode, back.stderr.count("\n")) == (1, 1), back.stderr
    assert "7.2.0" in back.stderr and here in back.stderr and "backup" in back.stderr
    assert version(demo) == "7.2.0"
    assert demo.shell("web", "--port", "0").returncode == 1  # the older code serves nothing


def test_what_would_fail_is_found_before_anything_is_changed(demo: Product, tmp_path: Path) -> None:
    before = version(demo)
    later = release(tmp_path / "later", "7.3.0", serves_from="7.2.0")
    done = typed(demo, later, "upgrade", "--backup", "/proc/nowhere")
    assert (done.returncode, version(demo)) == (2, before), done.stderr
    with (later / "caunoi" / "host" / "releases.py").open("a") as code:
        code.write("\nraise SystemExit('broken')\n")
    assert typed(demo, later, "upgrade").returncode != 0
    assert version(demo) == before
    nothing = Product(tmp_path / "nothing").shell("upgrade")
    assert (nothing.returncode, nothing.stderr.count("\n")) == (1, 1), nothing.stderr


def test_a_new_release_that_does_not_start_leaves_the_one_before_at_work(demo_home: Path, tmp_path: Path) -> None:
    with Product(copied(demo_home, tmp_path / "home"), {"CAUNOI_DEMO": "1"}) as product:
        product.expect(".*")
        later = release(tmp_path / "later", "7.4.0")
        (later / "caunoi" / "cli" / "web.py").write_text("raise SystemExit('this release does not serve')\n")
        with busy(product) as load, pytest.raises(subprocess.TimeoutExpired):
            typed(product, later, "upgrade", "--no-backup", timeout=40)
        nobody_was_refused(product, load)
        assert product.shell("upgrade", "--no-backup", PORT=str(product.port)).returncode == 0
        assert version(product) != "7.4.0"


OLD = "3a27a5d"


@pytest.fixture(scope="module")
def old_checkout(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """The product as it was before it could be upgraded, set up as its own documents say."""
    folder = tmp_path_factory.mktemp("old") / "checkout"
    added = subprocess.run(
        ["git", "-C", CHECKOUT, "worktree", "add", "-q", "--detach", folder, OLD], capture_output=True
    )
    if added.returncode:
        pytest.skip(f"{OLD} is not in this clone")
    try:
        done = subprocess.run(["make", "setup"], cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        yield folder
    finally:
        subprocess.run(["git", "-C", CHECKOUT, "worktree", "remove", "--force", folder], check=True)


def test_a_release_that_cannot_hand_over_is_taken_over_from(old_checkout: Path, tmp_path: Path) -> None:
    product = Product(tmp_path / "home", {"CAUNOI_DEMO": "1"})
    log = (tmp_path / "old.log").open("wb")
    old = subprocess.Popen(
        [old_checkout / "bin" / "caunoi", "up", "--lang", "en"],
        stdout=log,
        stderr=log,
        start_new_session=True,
        cwd=old_checkout,  # its `bin/caunoi` runs what lies where it is called
        env=bare(product.home, PORT=str(product.port), **product.environ),
    )

    def ready() -> bool:
        assert old.poll() is None, (tmp_path / "old.log").read_text()
        return "Ready: " in (tmp_path / "old.log").read_text()

    try:
        wait_until(ready, 400)
        product.words = ("--lang", "en", "--take-over")
        with busy(product, patient=True) as load:  # the old release closes what is kept open when it ends
            done = product.shell("upgrade", PORT=str(product.port), timeout=400)
            assert (done.returncode, "take-over" in done.stderr) == (1, True), done.stdout + done.stderr
            product.expect(".*")
            product.start()
            assert version(product)
        nobody_was_refused(product, load)
        assert old.wait(30) == 0
        product.stop()
    finally:
        if old.poll() is None:
            os.killpg(old.pid, 9)
            old.wait()
        product.kill()
        log.close()
