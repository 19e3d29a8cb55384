"""The model that every installation begins with (tools/starter_model.py)."""

from functools import cache
from pathlib import Path

from caunoi.triage.model import Model

FILE = Path(__file__).parent / "data" / "starter.model"


@cache
def model() -> Model:
    return Model.from_bytes(FILE.read_bytes())
