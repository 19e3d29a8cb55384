"""Ties a child's life to its parent's, so that nothing is left running when the parent is killed."""

import ctypes
import os
import signal
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1


def tie(number: signal.Signals = signal.SIGTERM, *, parent: int | None = None) -> Callable[[], None]:
    """For Popen's `preexec_fn`: the kernel sends the child this signal when the thread that started it ends.

    Called in the process itself, it ties that process to its `parent`.
    """
    parent = parent or os.getpid()
    prctl = ctypes.CDLL(None).prctl  # looked up here: nothing may be loaded between fork and exec

    def tied() -> None:
        prctl(_PR_SET_PDEATHSIG, int(number))
        if os.getppid() != parent:
            os._exit(1)  # it died in between

    return tied
