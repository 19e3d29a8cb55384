"""The address the product listens at. The socket is made before the processes that answer at it.

So a taken port is noticed at once, and while an answering process is started again callers wait instead of failing.
"""

import errno
import os
import socket


class PortTakenError(Exception):
    """Another program listens at the port."""


class PortForbiddenError(Exception):
    """This user may not listen at the port, or the machine has no such address."""


def listen(host: str, port: int) -> socket.socket:
    """A listening socket at the address. PortTakenError or PortForbiddenError where that cannot be."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    sock = socket.socket(family, socket.SOCK_STREAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        sock.bind((host, port))
        sock.listen(2048)
    except OSError as error:
        sock.close()
        if error.errno == errno.EADDRINUSE:
            raise PortTakenError(f"{host}:{port}") from error
        raise PortForbiddenError(f"{host}:{port}: {os.strerror(error.errno or 0)}") from error
    return sock
