"""What other offices do: rows of a matter, of who sees to it and of how people tell of it.

They stand in the index beside the procedures and are judged like them, but are never a result: where one of them comes
before every procedure, nothing fits, and whoever asked is told who sees to it. A matter that a procedure's name covers
is left out, so the rows need not shrink as more procedures are imported.
"""

import csv
from functools import cache
from pathlib import Path

from caunoi.procedures.search.chat import in_full
from caunoi.procedures.search.document import MATTER, Document

ELSEWHERE = Path(__file__).parent.parent / "data" / "elsewhere.tsv"


@cache
def matters() -> tuple[Document, ...]:
    """Each matter: its subject as name, who sees to it as agency."""
    with ELSEWHERE.open(encoding="utf-8", newline="") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        return tuple(
            Document(
                code=f"{MATTER}{number}",
                name=row["subject"],
                agencies=(row["office"],),
                tale=in_full(row["tale"]),
                levels=("commune",),
            )
            for number, row in enumerate(rows)
        )
