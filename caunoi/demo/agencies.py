"""The demo province's agencies: the kit's, some more, and the committee of every commune."""

import csv
from pathlib import Path

from caunoi.starter import actions as starter
from caunoi.starter import kit
from caunoi.starter.first_run import names

TABLE = Path(__file__).parent / "data" / "agencies.csv"


def build() -> None:
    """Create the missing agencies."""
    own = list(csv.DictReader(TABLE.read_text("utf-8").splitlines()))
    starter.agencies([*kit.agencies(names()), *own], _contact)
    starter.committees(_contact)


def _contact(number: int, code: str) -> dict[str, str]:
    """A telephone and mailbox that are plainly nobody's."""
    return {"phone": f"+842513000{number:03d}", "email": f"{code}@demo.example"}
