"""One server, one address (docs/adr/0002)."""

import asyncio
import gc
import logging
import socket
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Any

import uvicorn
from django.conf import settings
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from caunoi.host import beat

HEADERS = 20.0  # seconds for a request's headers, and for the first request of a connection
STALL = 20.0  # seconds in which a slow reader takes what the connection buffers (some 48 kB)
DRAIN = 1.5  # seconds in which kept connections may make one more request, whose answer closes them
SWITCH = 0.0005  # seconds: a thread to which the database has answered waits for no other's page
THREADS = 8  # a process; each keeps one connection to the database


class Protocol(HttpToolsProtocol):
    """Closes a connection whose request does not come, or does not get beyond its headers, or whose answer is not read:
    uvicorn waits for ever."""

    deadline: asyncio.TimerHandle | None = None
    stalled: asyncio.TimerHandle | None = None
    incoming = False  # a request of which not all has come

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._wait()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        self._drained()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        self._arrived()
        self._wait()
        self.incoming = True
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._arrived()
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        self._arrived()
        self.incoming = False
        super().on_message_complete()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        if self.incoming:  # it was answered before it was read: what still comes is thrown away, but not for ever
            self._arrived()
            self._wait()

    def pause_writing(self) -> None:
        super().pause_writing()
        self.stalled = self.loop.call_later(STALL, self.transport.abort)

    def resume_writing(self) -> None:
        self._drained()
        super().resume_writing()

    def _drained(self) -> None:
        if self.stalled is not None:
            self.stalled.cancel()
            self.stalled = None

    def _wait(self) -> None:
        self.deadline = self.loop.call_later(HEADERS, self.timeout_keep_alive_handler)

    def _arrived(self) -> None:
        if self.deadline is not None:
            self.deadline.cancel()
            self.deadline = None


class Alive:
    """Beats for as long as the loop turns and a thread of the pool comes free now and then."""

    def __init__(self, pool: Executor | None) -> None:
        self.pool = pool
        self.asking: asyncio.Future[None] | None = None

    async def notify(self) -> None:
        if self.pool is None:
            beat.beat()
        elif self.asking is None or self.asking.done():
            self.asking = asyncio.get_running_loop().run_in_executor(self.pool, beat.beat)


class Server(uvicorn.Server):
    """`ending()` is called before it waits for what is open: streams would never end by themselves."""

    def __init__(self, config: uvicorn.Config, ending: Callable[[], None]) -> None:
        super().__init__(config)
        self.ending = ending

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Take no more connections, close each kept one with its next answer, and end."""
        for one in self.servers:
            one.close()
        self.ending()
        self.server_state.default_headers = [*self.server_state.default_headers, (b"connection", b"close")]
        until = time.monotonic() + DRAIN
        while self.server_state.connections and time.monotonic() < until:
            await asyncio.sleep(0.05)
        await super().shutdown(sockets=sockets)


def server(application: Any, ending: Callable[[], None] = lambda: None, pool: Executor | None = None) -> Server:
    """A server that has not begun; `run(sockets=[…])` serves until it is stopped. `pool`: where its pages are made;
    while that is free for a moment the server is alive."""
    alive = Alive(pool)
    logging.getLogger("uvicorn").setLevel(logging.WARNING)
    config = uvicorn.Config(
        application,
        loop="uvloop",
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=bool(settings.TRUSTED_PROXIES),
        forwarded_allow_ips=settings.TRUSTED_PROXIES,
        timeout_keep_alive=75,  # longer than a proxy in front keeps it
        timeout_graceful_shutdown=3,
        callback_notify=alive.notify,
        timeout_notify=int(beat.EVERY),
    )
    return Server(config, ending)


def run(
    application: Any, sock: socket.socket, ending: Callable[[], None] = lambda: None, pool: Executor | None = None
) -> int:
    """Serve a listening socket until stopped."""
    one = server(application, ending, pool)
    sys.setswitchinterval(SWITCH)
    gc.collect()
    gc.freeze()  # what is loaded by now stays; the collector need not look at it again
    one.run(sockets=[sock])
    return 0 if one.started else 1
