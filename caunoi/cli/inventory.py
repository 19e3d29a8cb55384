"""Counts the installation's content, and checks whether it is whole: rows, pictures, the public log."""

import argparse
from collections.abc import Iterator
from typing import Any

from django.core.files.storage import default_storage
from django.db import connection
from PIL import Image

from caunoi.calls.models import Call
from caunoi.cli import lines
from caunoi.conversations.models import Receipt
from caunoi.files.models import Attachment
from caunoi.files.queries import content
from caunoi.host import backup
from caunoi.publication.actions import log

NAME = "inventory"
HELP = "count what the installation holds and look whether it is whole; exit 1 when something is not"
NEEDS = "database"


def arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--json", action="store_true", help="one object a line: what, count, ok, first_bad")


def run(args: argparse.Namespace) -> int:
    whole = True
    for result in _all():
        whole &= result["ok"]
        bad = "" if result["ok"] else f"   WRONG: {result['first_bad']}"
        print(lines.dumps(result) if args.json else f"{result['what']:<12} {result['count']:>10}{bad}")
    return 0 if whole else 1


def _all() -> Iterator[dict[str, Any]]:
    connection.ensure_connection()
    for name, count in backup.count(connection.connection).items():
        yield _result(name, count)
    yield _pictures()
    yield _others()
    yield _result("log head", *log.check())


def _pictures() -> dict[str, Any]:
    """Every picture is there in both sizes, as long as before and a picture."""
    count, bad = 0, ""
    for row in Attachment.objects.order_by("pk").iterator():
        reason = ""
        try:
            for small in (False, True):
                with content(row, small=small) as file, Image.open(file) as image:
                    image.verify()
                    if not small and file.size != row.size:
                        reason = f"has {file.size} bytes instead of {row.size}"
        except (OSError, ValueError, SyntaxError) as error:
            reason = "is missing" if isinstance(error, FileNotFoundError) else "is no picture any more"
        count += not reason
        bad = bad or (reason and f"{row.name}.webp {reason}")
    return _result("files", count, bad)


def _others() -> dict[str, Any]:
    """Every sound and every raw message that a row names is there."""
    count, bad = 0, ""
    for names in (
        Call.objects.exclude(sound="").values_list("sound", flat=True),
        Receipt.objects.exclude(blob="").values_list("blob", flat=True),
    ):
        for name in names.iterator():
            there = default_storage.exists(name)
            count += there
            bad = bad or ("" if there else f"{name} is missing")
    return _result("other files", count, bad)


def _result(what: str, count: int, bad: str = "") -> dict[str, Any]:
    return {"what": what, "count": count, "ok": not bad, "first_bad": bad or None}
