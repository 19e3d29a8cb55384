"""Products and people of the outside suite. See README.md."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Playwright, sync_playwright
from stage import CHECKOUT, CHROMIUM, FLAGS, PHONES, Person, Product, copied

FOLDER = Path(tempfile.gettempdir()) / f"caunoi-outside-{os.getuid()}"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The longest days begin first, so that at the end nobody waits for one; then those with the most stories."""
    stories = Counter(item.path for item in items)

    def weight(item: pytest.Item) -> tuple[int, int]:
        long = item.get_closest_marker("long")
        return -(long.kwargs.get("minutes", 0) if long else 0), -stories[item.path]

    items.sort(key=weight)


@contextmanager
def _machine(*, alone: bool) -> Iterator[None]:
    """This machine, shared with the other stories or alone: who waits to be alone lets no new story begin."""
    FOLDER.mkdir(mode=0o711, parents=True, exist_ok=True)
    with (FOLDER / "turn").open("w") as turn, (FOLDER / "machine").open("w") as machine:
        fcntl.flock(turn, fcntl.LOCK_EX)
        fcntl.flock(machine, fcntl.LOCK_EX if alone else fcntl.LOCK_SH)
        fcntl.flock(turn, fcntl.LOCK_UN)
        yield


@pytest.hookimpl(wrapper=True, tryfirst=True)  # a story's time does not run while it waits
def pytest_runtest_protocol(item: pytest.Item) -> Generator[None, object, object]:
    with _machine(alone=item.get_closest_marker("alone") is not None):
        return (yield)


@pytest.fixture(scope="module", autouse=True)
def new_phones() -> None:
    """People of the same name in another file's province are others, with other phones."""
    PHONES.clear()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """The one driver of a process: a second one beside it does not start."""
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing") if os.environ.get("CI") else pytest.skip("Chromium is missing")
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield running
    running.close()


def _state() -> str:
    """What the checkout holds now, uncommitted changes too."""
    words = ["rev-parse HEAD", "diff HEAD", "status --porcelain"]
    told = [subprocess.run(["git", "-C", CHECKOUT, *line.split()], capture_output=True).stdout for line in words]
    return hashlib.sha256(b"".join([*told, date.today().isoformat().encode()])).hexdigest()[:16]


@pytest.fixture(scope="session")
def demo_home() -> Path:
    """A home with the demo province in it, made by `caunoi up` as a person makes it, and stopped again; kept for the
    next run of the same day on the same state of the checkout."""
    place = FOLDER / hashlib.sha256(bytes(CHECKOUT)).hexdigest()[:8]
    place.mkdir(mode=0o711, parents=True, exist_ok=True)
    place.parent.chmod(0o711)  # the database's own user must get through
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        made = place / _state()
        if not (made / "done").exists():
            for old in place.glob("*/"):
                shutil.rmtree(old)
            made.mkdir(mode=0o711)
            with Product(made / "home", {"CAUNOI_DEMO": "1"}):
                pass
            (made / "done").touch()
    return made / "home"


@pytest.fixture(scope="module")
def demo(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """The running demo province, fresh for each file of stories."""
    folder = tmp_path_factory.mktemp("product")
    with Product(copied(demo_home, folder / "home"), {"CAUNOI_DEMO": "1"}) as product:
        yield product
    shutil.rmtree(folder)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    """A running installation without the demo, from an empty home."""
    with Product(tmp_path_factory.mktemp("empty") / "home") as product:
        yield product


@pytest.fixture(scope="session")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of dist/ as `make release` leaves it, in a folder that knows of no checkout."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / "dist"
    with open(shared / "dist.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # one worker builds it for all
        if not folder.exists():
            subprocess.run(["make", "-C", CHECKOUT, "release"], check=True, capture_output=True)
            shutil.copytree(CHECKOUT / "dist", shared / "dist.part").rename(folder)
    return folder


@pytest.fixture
def person(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Callable[..., Person]]:
    """`person(product, "lan", size="phone")`: somebody signed in before a browser of their own; without a name a
    citizen. Whatever their browser complained about, and the story did not expect, fails the story."""
    people: list[Person] = []

    def arrive(product: Product, name: str = "", password: str = "", **how: Any) -> Person:
        somebody = Person(browser, product.address, **how)
        people.append(somebody)
        return somebody.sign_in(name, *([password] if password else [])) if name else somebody

    yield arrive
    complaints = [text for somebody in people for text in somebody.complaints]
    for somebody in people:
        somebody.close()
    assert complaints == []
