"""The model that every installation begins with (tools/starter_model.py)."""

from array import array
from functools import cache
from hashlib import sha256
from pathlib import Path

from caunoi.triage.model import BadModelError, Model

FILE = Path(__file__).parent / "data" / "starter.model"


NOTHING = Model(heads=(), rows={}, idf=(), weights=array("b"), steps=())
"""A model that proposes nothing."""


@cache
def model() -> Model:
    """NOTHING where the file is not there or damaged: rules still say whom to call, and `caunoi doctor` complains."""
    try:
        return Model.from_bytes(FILE.read_bytes())
    except (OSError, BadModelError):
        return NOTHING


def is_there() -> bool:
    return model() is not NOTHING


@cache
def digest() -> str:
    """Of the file: models that were trained beside another one may read messages otherwise."""
    return sha256(FILE.read_bytes() if is_there() else b"").hexdigest()
