"""Products and people of the outside suite. See README.md."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, sync_playwright
from stage import CHROMIUM, FLAGS, Person, Product, copied


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    if not Path(CHROMIUM).exists():
        pytest.fail("Chromium is missing") if os.environ.get("CI") else pytest.skip("Chromium is missing")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def demo_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the demo province in it, made by `caunoi up` as a person makes it, and stopped again."""
    home = tmp_path_factory.mktemp("demo") / "home"
    with Product(home, {"CAUNOI_DEMO": "1"}):
        pass
    return home


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
