"""The model that every installation begins with (tools/starter_model.py)."""

from functools import cache
from hashlib import sha256
from pathlib import Path

from caunoi.triage.model import Model

FILE = Path(__file__).parent / "data" / "starter.model"


@cache
def model() -> Model:
    return Model.from_bytes(FILE.read_bytes())


@cache
def digest() -> str:
    """Of the file: models that were trained beside another one may read messages otherwise."""
    return sha256(FILE.read_bytes()).hexdigest()
