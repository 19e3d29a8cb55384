"""A host that is about to end says so first: balancers stop sending anybody while it still answers."""

import os
import signal
from collections.abc import Mapping

NAME = "CAUNOI_LEAVE_SECONDS"
SIGNAL = signal.SIGUSR1
"""By which `up` tells its children that answer."""

_leaving = False


def seconds(environ: Mapping[str, str] = os.environ) -> float:
    """How long a host goes on answering after it was told to end."""
    return float(environ.get(NAME, "").strip() or 0)


def listen() -> None:
    """Take the signal. Only in the main thread."""
    signal.signal(SIGNAL, _leave)


def _leave(_number: int, _frame: object) -> None:
    global _leaving
    _leaving = True


def is_leaving() -> bool:
    return _leaving
