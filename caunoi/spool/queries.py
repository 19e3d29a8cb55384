"""What lies in the spool. The store is asked, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from caunoi.lib.crypto.envelope import SealError, digest
from caunoi.spool.deposit import open_
from caunoi.store.places import PART, SPOOL, Place
from caunoi.store.queries import store

MOST = 200
DEPOSITS, NUMBERED, ASIDE = (f"{SPOOL}{folder}" for folder in ("kept", "numbered", "aside"))


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """How many there are, and since when the oldest is there of the first MOST."""

    count: int
    since: datetime | None


def name_of(token: str) -> str:
    """Under which the deposit of a token lies; says nothing about the token."""
    return digest(token).hex()


def places() -> list[Place]:
    """Where deposits may lie: the one to which they go, and one of before."""
    files = store()
    return [files.main, *([files.former] if files.former else [])]


def listing(folder: str) -> Iterator[tuple[Place, str]]:
    """What lies there, by place and name. StoreError."""
    for place in places():
        try:
            names = place.listdir(folder)[1]
        except FileNotFoundError:
            continue
        for name in names:
            if name and not name.startswith(PART):
                yield place, f"{folder}/{name}"


def kept_at(token: str) -> datetime | None:
    """When the deposit of a token was kept, which has no number yet. StoreError."""
    for place in places():
        try:
            return place.get_modified_time(f"{DEPOSITS}/{name_of(token)}")
        except FileNotFoundError:
            continue
    return None


def follow_of(token: str) -> tuple[str, str] | None:
    """The code of the ticket that a deposit became, and the secret by which its citizen follows it. StoreError."""
    name = f"{NUMBERED}/{name_of(token)}"
    for place in places():
        try:
            with place.take(name) as file:
                code, follow = open_(file.read(), name).decode().split("/")
        except (FileNotFoundError, SealError):
            continue
        return code, follow
    return None


def waiting(folder: str = DEPOSITS) -> Waiting:
    """What waits for a number; of ASIDE, for somebody to look at it. StoreError."""
    entries, times = list(listing(folder)), []
    for place, name in entries[:MOST]:
        try:
            times.append(place.get_modified_time(name))
        except FileNotFoundError:
            continue  # numbered meanwhile
    return Waiting(count=len(entries), since=min(times, default=None))
