"""Questions to cells, over their public addresses: bounded in time and size, and never followed elsewhere."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic
from typing import Any

import httpx

from caunoi.lib import cells
from caunoi.lib.cells import Cell

PATIENCE, LONGEST, MOST = 5.0, 10.0, 200_000  # seconds of silence, seconds for all of it, bytes of a small answer
LONGEST_FILE, MOST_FILE = 600.0, 2 << 30
ABOUT = "/cell.json"


class SilentCellError(Exception):
    """A cell did not answer, or not what it should; the message says what."""


@dataclass(frozen=True, kw_only=True)
class About:
    """What a cell says of itself: who it is, its release and since when, and what it holds of the control plane's."""

    cell: Cell
    version: str
    upgraded: str
    catalogue: int
    editions: Mapping[str, int]


def client() -> httpx.Client:
    return httpx.Client(timeout=PATIENCE, follow_redirects=False, headers={"User-Agent": "caunoi cells"})


def about(http: httpx.Client, address: str) -> About:
    """SilentCellError."""
    content = _object(get(http, f"{address}{ABOUT}"))
    try:
        code, name = str(content["code"]), cells.clean_name(content["name"])
        cell = Cell(code=code, name=name, address=address, key=cells.public_key(content["key"]))
        editions = {str(subject): int(number) for subject, number in dict(content["editions"]).items()}
        version, upgraded = cells.clean_name(content["version"]), str(content["upgraded"])
        catalogue = int(content["catalogue"])
    except (KeyError, TypeError, ValueError, AttributeError):
        raise SilentCellError("it is no installation of this product, or of an older release") from None
    return About(cell=cell, version=version, upgraded=upgraded, catalogue=catalogue, editions=editions)


def health(http: httpx.Client, address: str) -> tuple[str, list[str]]:
    """ok, degraded or down, and the names of the checks that say so. SilentCellError."""
    content = _object(get(http, f"{address}/health", accepted=(200, 503)))
    reasons = content.get("reasons")
    state = content.get("state")
    if state not in ("ok", "degraded", "down") or not isinstance(reasons, list):
        raise SilentCellError("its health cannot be read")
    return state, [str(one)[:40] for one in reasons]


def get(http: httpx.Client, url: str, *, accepted: tuple[int, ...] = (200,)) -> bytes:
    """A small answer. SilentCellError."""
    content = bytearray()
    _read(http, url, content.extend, accepted=accepted, most=MOST, longest=LONGEST)
    return bytes(content)


def download(http: httpx.Client, url: str, target: Path) -> None:
    """A file. SilentCellError, OSError."""
    with target.open("wb") as out:
        _read(http, url, out.write, accepted=(200,), most=MOST_FILE, longest=LONGEST_FILE)


def _read(
    http: httpx.Client,
    url: str,
    take: Callable[[bytes], object],
    *,
    accepted: tuple[int, ...],
    most: int,
    longest: float,
) -> None:
    size, until = 0, monotonic() + longest
    try:
        with http.stream("GET", url, headers={"Accept-Encoding": "identity"}) as response:
            if response.status_code not in accepted:
                raise SilentCellError(f"it answers {response.status_code}")
            if response.headers.get("content-encoding", "identity") != "identity":
                raise SilentCellError("it answers packed, against our wish")
            for piece in response.iter_bytes():
                size += len(piece)
                if size > most or monotonic() > until:
                    raise SilentCellError("it answers too much" if size > most else "it answers too slowly")
                take(piece)
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise SilentCellError(f"it cannot be reached ({type(error).__name__})") from None


def _object(content: bytes) -> dict[str, Any]:
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict):
        raise SilentCellError("its answer cannot be read")
    return value
