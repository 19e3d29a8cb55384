"""The ugly mails of `calls/email/`: each .eml has beside it what it means, as .json. Written by us; the people are made
up.

`python -m tests.channels.corpus NAME…` (over)writes what the named ones mean as we read them now: look at it.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

import httpx

from caunoi.channels.base import Account, Inbound, UnreadableError
from caunoi.channels.registry import channel

FOLDER = Path(__file__).parent / "calls" / "email"
NO_NETWORK = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500)))
ACCOUNT = Account(name="mail", http=NO_NETWORK, **json.loads((FOLDER / "account.json").read_text()))
RAW = {"uid": 7, "received": "2026-11-25T03:00:00+00:00"}


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.eml"))


def mail(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def meant(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def read(name: str) -> dict[str, Any]:
    """What it means to us, as JSON: what is left at its default is left out; `bytes` are the sizes of its files that
    came along by content."""
    adapter = channel("email")
    assert adapter is not None
    call: dict[str, Any] = {"why": name.replace("-", " "), "blob": f"{name}.eml", "raw": RAW}
    try:
        found = adapter.read(RAW, ACCOUNT, mail(name))
    except UnreadableError as error:
        return call | {"unreadable": str(error)}
    sizes = [len(media.content) if media.content is not None else None for one in found for media in one.media]
    return call | {"inbound": [_plain(one) for one in found]} | ({"bytes": sizes} if sizes else {})


def _plain(one: Inbound) -> dict[str, Any]:
    given = {}
    for field in fields(one):
        value = getattr(one, field.name)
        default = field.default if field.default is not MISSING else None
        if field.name == "media":
            value = [{key: said for key, said in asdict(media).items() if said and key != "content"} for media in value]
        if field.name == "at":
            value = value.isoformat()
        if value != default and (value or not isinstance(value, Sequence | dict)):
            given[field.name] = value
    return given


if __name__ == "__main__":
    for each in sys.argv[1:] or names():
        (FOLDER / f"{each}.json").write_text(json.dumps(read(each), ensure_ascii=False, indent=1) + "\n")
