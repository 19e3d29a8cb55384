"""Keeps the archive of the embedded database's log, files and keys, from which any moment can be restored."""

import argparse
import signal
import sys

from caunoi.host import archive, home

NAME = "archive"
HELP = "keep the archive of moments (`caunoi up` starts it): CAUNOI_WAL_ARCHIVE, or below CAUNOI_BACKUP_DIR"
NEEDS = "settings"


def arguments(parser: argparse.ArgumentParser) -> None:
    pass


def run(args: argparse.Namespace) -> int:
    place = archive.folder()
    if place is None:
        print(
            "caunoi archive: set CAUNOI_BACKUP_DIR or CAUNOI_WAL_ARCHIVE; a DATABASE_URL's server keeps its own",
            file=sys.stderr,
        )
        return 2
    try:
        keeper = archive.Archivist(home.home(), place)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: keeper.ending.set())
        keeper.run()
    except (OSError, ValueError) as error:
        print(f"caunoi archive: {error}", file=sys.stderr)
        return 1
    return 0
