"""One server, one address (docs/adr/0002)."""

import gc
import logging
import socket
from collections.abc import Callable
from typing import Any

import uvicorn
from django.conf import settings

THREADS = 8  # a process; each keeps one connection to the database


class Server(uvicorn.Server):
    """`ending()` is called before it waits for what is open: streams would never end by themselves."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self.ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.ending()
        await super().shutdown(sockets=sockets)


def server(application: Any, ending: Callable[[], None] = lambda: None) -> Server:
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
    return Server(config, ending)


def run(application: Any, sock: socket.socket, ending: Callable[[], None] = lambda: None) -> int:
    """Answers at a listening socket until it is told to stop."""
    one = server(application, ending)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not look at it again
    one.run(sockets=[sock])
    return 0 if one.started else 1
