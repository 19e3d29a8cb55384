"""Request bodies are read on the event loop, with a deadline, before a thread takes the request: a slow or silent
client holds nothing but a socket.

A body may take GRACE seconds, and longer while it arrives at SLOWEST or faster. One address may have CROWD requests
under way; the next one displaces the oldest. Large bodies lie in a temporary file meanwhile."""

import asyncio
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
from tempfile import TemporaryFile
from typing import IO, Any

from caunoi.lib.network import place
from caunoi.web.live import Message, Receive, Send, respond

GRACE, SLOWEST = 20.0, 4096  # seconds; bytes a second
CROWD = 64
SMALL = 256 * 1024  # bytes kept in memory
LARGEST = 256 * 1024 * 1024  # bytes: a province's old tickets come as one file

type Application = Callable[[Message, Receive, Send], Any]


class Body:
    """What has arrived: in memory, or in a file above SMALL."""

    def __init__(self) -> None:
        self.size = 0
        self.chunks: list[bytes] = []
        self.file: IO[bytes] | None = None

    def add(self, chunk: bytes) -> None:
        self.size += len(chunk)
        self.chunks.append(chunk)
        if self.size > SMALL:
            if self.file is None:
                self.file = TemporaryFile()  # noqa: SIM115 — kept for as long as the request
            self.file.write(b"".join(self.chunks))
            self.chunks.clear()

    def again(self, receive: Receive) -> Receive:
        """The body as an application receives it."""
        left, file = True, self.file
        if file:
            file.seek(0)

        async def receive_again() -> Message:
            nonlocal left
            if not left:
                return await receive()
            body = file.read(SMALL) if file else b"".join(self.chunks)
            left = bool(file and file.tell() < self.size)
            return {"type": "http.request", "body": body, "more_body": left}

        return receive_again

    def close(self) -> None:
        if self.file:
            self.file.close()


class Bodies:
    """An ASGI application in front of another, which gets complete bodies. `largest` says how many bytes a request may
    have; where that is less than LARGEST, what is larger is passed on unread, as `oversize` in its scope."""

    def __init__(self, application: Application, largest: Callable[[Message], int] = lambda scope: LARGEST) -> None:
        self.application, self.largest = application, largest
        self.waiting: dict[str, list[asyncio.Timeout]] = defaultdict(list)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        announced, most = _announced(scope), self.largest(scope)
        if announced > most and most < LARGEST:
            await self.application({**scope, "oversize": True}, receive, send)
        elif announced == 0:
            await self.application(scope, receive, send)
        elif announced > LARGEST:
            await _refuse(send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        else:
            body = Body()
            try:
                client = scope.get("client") or ("",)
                status = await self._gather(receive, body, place(str(client[0])), most)
                if status is HTTPStatus.OK:
                    await self.application(scope, body.again(receive), send)
                elif status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE and most < LARGEST:
                    await self.application({**scope, "oversize": True}, receive, send)
                elif status is not None:
                    await _refuse(send, status)
            finally:
                body.close()

    async def _gather(self, receive: Receive, body: Body, client: str, most: int) -> HTTPStatus | None:
        """Read all of it: OK, the status to refuse it with, or None when the client has left."""
        begun, waiting = asyncio.get_running_loop().time(), self.waiting[client]
        limit = asyncio.timeout_at(begun + GRACE)
        try:
            async with limit:
                waiting.append(limit)
                if len(waiting) > CROWD:
                    waiting.pop(0).reschedule(begun)
                while True:
                    message = await receive()
                    if message["type"] == "http.disconnect":
                        return None
                    body.add(message.get("body", b""))
                    if body.size > most:
                        return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
                    if not message.get("more_body"):
                        return HTTPStatus.OK
                    if limit in waiting:  # not given up
                        limit.reschedule(begun + GRACE + body.size / SLOWEST)
        except TimeoutError:
            return HTTPStatus.REQUEST_TIMEOUT
        finally:
            with suppress(ValueError):
                waiting.remove(limit)
            if not waiting:
                self.waiting.pop(client, None)


def _announced(scope: Message) -> int:
    """How many bytes the headers announce; 1 where they do not say how many, 0 for no body."""
    for name, value in scope["headers"]:
        if name == b"content-length":
            return int(value) if value.isdigit() else LARGEST + 1
        if name == b"transfer-encoding":
            return 1
    return 0


async def _refuse(send: Send, status: HTTPStatus) -> None:
    headers = [(b"content-type", b"text/plain"), (b"connection", b"close")]
    await respond(send, status, status.phrase.encode(), headers)
