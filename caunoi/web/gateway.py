"""Where other machines report to us, `/hooks/<inbox>/` and `/cti/<token>`: a call is checked, stored and acknowledged;
it is interpreted later.

Answered on the event loop beside /live (docs/adr/0007-hooks.md).
"""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from http import HTTPStatus
from time import monotonic

import psycopg
from django.db import Error, close_old_connections, connections

from caunoi.channels.base import Reply
from caunoi.conversations.actions.receipts import Row
from caunoi.web.intake import Intake, NotStoredError
from caunoi.web.live import Message, Receive, Send, respond
from caunoi.web.suspects import suspects

BESIDE = 64 * 1024  # bytes from which a call is looked at beside the event loop
FRESH = 2.0  # seconds until a change by an administrator takes effect here

log = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Call:
    """What came: `name` is the rest of the path, `query` without the `?`, header names in lower case."""

    name: str
    method: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    address: str = ""


@dataclass(frozen=True)
class Forgery:
    """A call to an inbox that was not its provider's."""

    inbox: int


@dataclass(frozen=True, kw_only=True)
class Stored:
    """Receipts, and what is answered once they are stored."""

    rows: Sequence[Row]
    reply: Reply


type Outcome = Reply | HTTPStatus | Forgery | Stored | Sequence[Row]


@dataclass(frozen=True, kw_only=True)
class Door[T]:
    """One kind of caller: `read` reads what is needed from the database, `open` turns a call into an answer or into
    receipts to be stored first, `reply` puts a status into the caller's format, `limit` says how large a call to a
    name may be, `oversize` what a larger one, of which nothing was read, is answered, and `key` by which key one that
    was let in came."""

    path: str
    largest: int  # bytes of a call
    read: Callable[[], T]
    open: Callable[[T, Call], Outcome]
    reply: Callable[[HTTPStatus], Reply]
    limit: Callable[[T, str], int] | None = None
    oversize: Callable[[T, str], Outcome] | None = None
    key: Callable[[T, Call], int | None] | None = None


class Refreshed[T]:
    """`get` gives what `read` gave last, read again in a thread when it is older than FRESH; the old value while the
    database is away. NotStoredError when there is none yet."""

    def __init__(self, read: Callable[[], T]) -> None:
        self.read = read
        self.value: T | None = None
        self.at = 0.0
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="refreshed")

    async def get(self) -> T:
        if self.value is None or monotonic() - self.at > FRESH:
            try:
                self.value = await asyncio.get_running_loop().run_in_executor(self._thread, self._read)
            except Error as error:
                if self.value is None:
                    raise NotStoredError(str(error)) from error
            self.at = monotonic()
        return self.value

    async def close(self) -> None:
        """Give back the thread and its connection."""
        await asyncio.get_running_loop().run_in_executor(self._thread, connections.close_all)
        self._thread.shutdown()

    def _read(self) -> T:
        close_old_connections()
        try:
            return self.read()
        finally:
            close_old_connections()


class Gateway[T]:
    """The ASGI application of every path below a door's."""

    def __init__(self, door: Door[T], intake: Intake) -> None:
        self.door, self.intake, self.accounts = door, intake, Refreshed(door.read)

    def largest(self, scope: Message) -> int:
        """The most bytes that a call to this path may have."""
        if self.door.limit is None or self.accounts.value is None:
            return self.door.largest
        return min(self.door.largest, self.door.limit(self.accounts.value, self._name(scope)))

    def _name(self, scope: Message) -> str:
        return str(scope["path"].removeprefix(self.door.path).removesuffix("/"))

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        address = str((scope.get("client") or ("",))[0])
        body = None if scope.get("oversize") else await _whole_body(receive, self.door.largest)
        if body is None:
            outcome = await self._oversize(self._name(scope), address)
            reply = outcome if isinstance(outcome, Reply) else self.door.reply(outcome)
        else:
            call = Call(
                name=self._name(scope),
                method=scope["method"],
                query=scope["query_string"].decode("latin-1"),
                headers={key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]},
                body=body,
                address=(scope.get("client") or ("", 0))[0],
            )
            outcome = await self._answer(call, address)
            reply = outcome if isinstance(outcome, Reply) else self.door.reply(outcome)
        headers = [(b"content-type", reply.content_type.encode("latin-1"))]
        await respond(send, reply.status, reply.body.encode(), headers)

    async def _oversize(self, name: str, address: str) -> Reply | HTTPStatus:
        """Nothing of it is read: it is too large to be its provider's."""
        try:
            outcome = self.door.oversize(await self.accounts.get(), name) if self.door.oversize else None
        except NotStoredError:
            return HTTPStatus.SERVICE_UNAVAILABLE
        if isinstance(outcome, Forgery):
            return self._forged(outcome, address)
        return outcome if isinstance(outcome, HTTPStatus) else HTTPStatus.REQUEST_ENTITY_TOO_LARGE

    def _forged(self, forgery: Forgery, address: str) -> HTTPStatus:
        self.intake.forged(forgery.inbox)
        suspects.note(self.door.path, address)
        return HTTPStatus.FORBIDDEN

    async def _answer(self, call: Call, address: str) -> Reply | HTTPStatus:
        try:
            accounts, door_open = await self.accounts.get(), self.door.open
            large = len(call.body) > BESIDE
            outcome = await asyncio.to_thread(door_open, accounts, call) if large else door_open(accounts, call)
            if isinstance(outcome, HTTPStatus) and not outcome.is_success:
                if outcome is HTTPStatus.FORBIDDEN:
                    suspects.note(self.door.path, address)
                return outcome
            if isinstance(outcome, Forgery):
                return self._forged(outcome, address)
            if self.door.key and (key := self.door.key(accounts, call)) is not None:
                self.intake.use(key)
            if isinstance(outcome, Stored):
                await self.intake.keep(outcome.rows)
                return outcome.reply
            if isinstance(outcome, Reply | HTTPStatus):
                return outcome
            if outcome:
                await self.intake.keep(outcome)
        except NotStoredError:
            return HTTPStatus.SERVICE_UNAVAILABLE
        except psycopg.DataError as error:
            log.error("a call to %s cannot be kept: %s", self.door.path, error)
            return HTTPStatus.BAD_REQUEST
        except Exception:
            log.exception("a call to %s", self.door.path)
            return HTTPStatus.INTERNAL_SERVER_ERROR
        return HTTPStatus.OK

    async def close(self) -> None:
        """Give back the thread."""
        await self.accounts.close()


async def _whole_body(receive: Receive, most: int) -> bytes | None:
    """All of it; None when it is larger than `most` bytes."""
    chunks, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        chunk: bytes = message.get("body", b"")
        size += len(chunk)
        if size > most:
            return None
        chunks.append(chunk)
        if not message.get("more_body"):
            return b"".join(chunks)
