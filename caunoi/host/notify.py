"""Messages to systemd (sd_notify(3)). Without systemd there is no socket, and nothing is sent."""

import os
import socket
from collections.abc import Mapping


def tell(*lines: str, environ: Mapping[str, str] = os.environ) -> bool:
    """Sends assignments, e.g. "READY=1", to whoever started us and asked (NOTIFY_SOCKET); whether they were sent."""
    where = environ.get("NOTIFY_SOCKET", "")
    if not where.startswith(("/", "@")):
        return False
    address = "\0" + where[1:] if where.startswith("@") else where
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sock:
            sock.sendto("\n".join(lines).encode(), address)
    except OSError:  # it has gone: it will see by itself how we fare
        return False
    return True


def patience(environ: Mapping[str, str] = os.environ) -> float:
    """Seconds within which the watchdog wants each sign of life (WATCHDOG_USEC); 0 where it wants none of us."""
    if environ.get("WATCHDOG_PID") not in {None, str(os.getpid())}:
        return 0
    text = environ.get("WATCHDOG_USEC", "")
    return int(text) / 1e6 if text.isdecimal() else 0
