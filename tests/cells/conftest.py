"""A control plane in a folder, and what a web server shows of it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from caunoi.cells import actions
from caunoi.directory.actions import set_option
from caunoi.events.actor import SYSTEM
from caunoi.lib import cells
from caunoi.plane.folder import Folder

ADDRESS = "http://127.0.0.1:9/plane"
DAYS = "day,kind,name\n2031-02-03,off,Nghỉ bù\n2031-02-08,works,Làm bù\n"


class Shown:
    """The folder as its web server answers; `instead` answers otherwise by path."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.instead: dict[str, Any] = {}
        self.asked: list[str] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/plane/")
        self.asked.append(name)
        if name in self.instead:
            value = self.instead[name]
            return value if isinstance(value, httpx.Response) else httpx.Response(200, content=value)
        path = self.folder.public / name
        return httpx.Response(200, content=path.read_bytes()) if path.is_file() else httpx.Response(404)

    def fetch(self) -> None:
        actions.fetch(httpx.Client(transport=httpx.MockTransport(self.answer)))

    def holidays(self, text: str = DAYS) -> None:
        path = self.folder.path / "days.csv"
        path.write_text(text, "utf-8")
        self.folder.add_edition("holidays", [path])


@pytest.fixture
def shown(db: None, tmp_path: Path) -> Iterator[Shown]:
    folder = Folder(tmp_path / "plane")
    folder.create()
    set_option("plane_address", ADDRESS, by=SYSTEM)
    set_option("plane_key", cells.key_text(folder.key), by=SYSTEM)
    yield Shown(folder)
