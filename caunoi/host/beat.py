"""A child's signs of life to `up`: the first says that it serves, each later one that it does not hang. Written to a
pipe that the supervisor gives it; without one nothing happens."""

import os

EVERY = 5.0  # seconds

_pipe = int(os.environ.pop("UP_BEAT", "-1"))
if _pipe >= 0:
    os.set_inheritable(_pipe, False)
    os.set_blocking(_pipe, False)


def beat() -> None:
    """Tell the supervisor that this process is alive."""
    if _pipe >= 0:
        try:
            os.write(_pipe, b".")
        except OSError:
            pass  # nobody reads, or the pipe is full: somebody will read
