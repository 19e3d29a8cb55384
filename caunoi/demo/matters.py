"""What people of the demo write about, and the answers: rows of data/, with slots for place and time. Pure."""

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"


@dataclass(frozen=True, kw_only=True)
class Matter:
    """One kind of thing that happens. `texts` are citizens' words, the n-th fitting the n-th of `answers` (counted
    round);
    `weight` how often it comes, `flood` how often in a storm. `agency` is who acts where the category's own rule does
    not fit (`commune` = the committee); `wrong` an agency that first gets it and why it gives it back. `direct` = the
    operator answers from the procedures. `photos` = scenes of pictures.py, before and after; `side` = the kind of
    commune it happens in."""

    category: str
    texts: tuple[str, ...]
    summary: str
    answers: tuple[str, ...]
    weight: int = 1
    flood: int = 0
    details: tuple[str, ...] = ()
    kind: str = ""
    urgency: str = ""
    agency: str = ""
    direct: bool = False
    ask: str = ""
    reply: str = ""
    wrong: tuple[str, ...] = ()
    photos: tuple[str, ...] = ()
    hours: str = ""
    channel: str = ""
    side: str = ""


@dataclass(frozen=True, kw_only=True)
class Refusal:
    """Something that the hotline cannot take on."""

    reason: str
    texts: tuple[str, ...]
    notes: tuple[str, ...]
    channel: str = ""


def _rows(path: Path, table: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = tomllib.loads(path.read_text("utf-8"))[table]
    return [{k: tuple(v) if isinstance(v, list) else v for k, v in row.items()} for row in rows]


@cache
def matters() -> tuple[Matter, ...]:
    return tuple(Matter(**row) for path in sorted((DATA / "matters").glob("*.toml")) for row in _rows(path, "matter"))


@cache
def refusals() -> tuple[Refusal, ...]:
    return tuple(Refusal(**row) for row in _rows(DATA / "refused.toml", "refused"))


@cache
def places() -> Mapping[str, Any]:
    return tomllib.loads((DATA / "places.toml").read_text("utf-8"))
