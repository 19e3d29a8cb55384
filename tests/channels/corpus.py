"""The ugly mails of `mails/`: each .eml has beside it what it means, as .json. Written by us; the people are made up.

`python -m tests.channels.corpus NAME…` (over)writes what the named ones mean as we read them now: look at it.
"""

import json
import sys
from collections.abc import Sequence
from dataclasses import MISSING, asdict, fields
from pathlib import Path
from typing import Any

import httpx

from caunoi.channels.base import Account, Inbound, Unreadable
from caunoi.channels.registry import channel

FOLDER = Path(__file__).parent / "mails"
ACCOUNT = Account(
    name="mail",
    config={"address": "1022@tinh.example", "list_id": "hotline.tinh.example"},
    secrets={"password": "demo"},
    http=httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(500))),
)
RAW = {"uid": 7, "received": "2026-11-25T03:00:00+00:00"}


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.eml"))


def mail(name: str) -> bytes:
    return (FOLDER / f"{name}.eml").read_bytes()


def meant(name: str) -> Any:
    return json.loads((FOLDER / f"{name}.json").read_text())


def read(data: bytes) -> Any:
    """What it means to us, as JSON: what is left at its default is left out, files are named by kind and size."""
    adapter = channel("email")
    assert adapter is not None
    try:
        return [_plain(one) for one in adapter.read(RAW, ACCOUNT, data)]
    except Unreadable as error:
        return {"unreadable": str(error)}


def _plain(one: Inbound) -> dict[str, Any]:
    given = {}
    for field in fields(one):
        value = getattr(one, field.name)
        default = field.default if field.default is not MISSING else None
        if field.name == "media":
            value = [_file(media) for media in value]
        if field.name == "at":
            value = value.isoformat()
        if value != default and (value or not isinstance(value, Sequence | dict)):
            given[field.name] = value
    return given


def _file(media: Any) -> dict[str, Any]:
    size = len(media.content) if media.content is not None else None
    return {key: value for key, value in (asdict(media) | {"content": size}).items() if value not in ("", None)}


if __name__ == "__main__":
    for name in sys.argv[1:] or names():
        (FOLDER / f"{name}.json").write_text(json.dumps(read(mail(name)), ensure_ascii=False, indent=1) + "\n")
