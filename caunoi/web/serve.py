"""One server, one address (docs/adr/0002)."""

import gc
import logging
import socket
from typing import Any

import uvicorn
from django.conf import settings

from caunoi.web import live

THREADS = 8  # a process; each keeps one connection to the database


class Server(uvicorn.Server):
    """Ends the open streams before it waits for what is open."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        live.hub.close()
        await super().shutdown(sockets=sockets)


def server(application: Any) -> Server:
    """A server that has not begun; `run(sockets=[…])` answers until it is told to stop."""
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http="httptools",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_keep_alive=75,  # longer than a proxy in front keeps it
        timeout_graceful_shutdown=2,
    )
    return Server(config)


def run(application: Any, sock: socket.socket) -> int:
    """Answers at a listening socket until it is told to stop."""
    one = server(application)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not look at it again
    one.run(sockets=[sock])
    return 0 if one.started else 1
