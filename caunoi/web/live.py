"""/live: server-sent events, straight on ASGI, so that an open screen costs a queue and not a thread.

PostgreSQL carries what happened on the channel `caunoi_live`: `{"to": [topics], "event": name, "id": …}`, ids only. A
listener hears the topics that `settings.LIVE_TOPICS` gives its actor (and the `follow` token of the address). Each
process has one connection that listens. A message may be lost when that connection breaks, a reader is slow, or a page
was made before its stream was open (`age`: milliseconds since it was asked for); then the reader gets
`{"kind": "resume"}`, upon which screens reload what they show.
"""

import asyncio
import json
import logging
import random
from collections import Counter, defaultdict, deque
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from typing import Any
from urllib.parse import parse_qs

import psycopg
from django.conf import settings
from django.db import Error, close_old_connections
from django.http import HttpRequest, parse_cookie
from django.utils.module_loading import import_string

from caunoi.accounts import sessions
from caunoi.calls.actions import attend
from caunoi.directory.queries import option
from caunoi.events.screens import CHANNEL
from caunoi.jobs import direct
from caunoi.lib.network import place
from caunoi.web import signed_in
from caunoi.web.who import actor

BEAT = 5.0  # seconds between two reports of whose pages are open
PING = 25.0  # seconds of silence after which a comment keeps proxies from closing the stream
LONGEST = 900.0  # seconds of a stream; the browser comes back and its rights are looked up again
WAITING = 64  # messages that may wait for a slow reader
REMEMBERED = 60.0  # seconds for which is known that something happened
MOST = 10_000  # such moments
RESUME = b'data: {"kind":"resume"}\n\n'
SAFE_HEADERS = [
    (b"x-content-type-options", b"nosniff"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"referrer-policy", b"same-origin"),
]
"""Of what is answered beside Django: streams and calls, which are no pages."""
HEADERS = [
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),
]
type Message = MutableMapping[str, Any]
type Receive = Callable[[], Awaitable[Message]]
type Send = Callable[[Message], Awaitable[None]]
type Listener = asyncio.Queue[bytes | None]  # None: the stream ends

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Allowance:
    """How many streams may be open for one follow link, and from one address without sign-in, in each process."""

    link: int
    address: int


class Hub:
    """Who listens to what in this process. Lives in one event loop; the connection is made for the first listener."""

    def __init__(self) -> None:
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.strangers: Counter[str] = Counter()  # by address
        self.listening = asyncio.Event()
        self.closed = False
        self._lately: deque[tuple[float, frozenset[str]]] = deque(maxlen=MOST)  # when something was said, to whom
        self._complete_since = 0.0  # since when that is all
        self._tasks: tuple[asyncio.Task[None], ...] = ()

    async def join(self, topics: Iterable[str], age: float = 0.0) -> Listener:
        """A queue of the messages on the topics from now on, which ends at once when the hub is closed; it begins with
        RESUME where there may have been some in the last `age` seconds. TimeoutError while there is no database."""
        topics = set(topics)
        if not (self._tasks or self.closed):
            self._tasks = (asyncio.create_task(self._listen()), asyncio.create_task(self._attend()))
        await asyncio.wait_for(self.listening.wait(), 5)
        listener: Listener = asyncio.Queue(WAITING)
        for topic in topics:
            self.listeners[topic].add(listener)
        if self.closed:
            self.end(listener)
        elif age and self._missed(topics, asyncio.get_running_loop().time() - age):
            self._put([listener], RESUME)
        return listener

    def _missed(self, topics: set[str], since: float) -> bool:
        if since < self._complete_since or (len(self._lately) == MOST and since < self._lately[0][0]):
            return True
        return any(at >= since and not topics.isdisjoint(to) for at, to in reversed(self._lately))

    def _note(self, to: frozenset[str]) -> None:
        at = asyncio.get_running_loop().time()
        self._lately.append((at, to))
        while self._lately and self._lately[0][0] < at - REMEMBERED:
            self._lately.popleft()
            self._complete_since = max(self._complete_since, at - REMEMBERED)

    def leave(self, listener: Listener, topics: Iterable[str]) -> None:
        for topic in topics:
            self.listeners[topic].discard(listener)
            if not self.listeners[topic]:
                del self.listeners[topic]

    def crowded(self, topics: Iterable[str], address: str, allowance: Allowance) -> bool:
        """Whether a stranger has as many streams open as they may."""
        topics = set(topics)
        return _is_stranger(topics) and (
            self.strangers[address] >= allowance.address
            or any(len(self.listeners.get(topic, ())) >= allowance.link for topic in topics)
        )

    def hear(self, payload: str) -> None:
        """Pass a message from the database on to its listeners."""
        try:
            message = json.loads(payload)
            to, event = frozenset(message.pop("to")), message.pop("event")
            chunk = f"event: {event}\ndata: {json.dumps(message, separators=(',', ':'))}\n\n".encode()
            listeners = {listener for topic in to for listener in self.listeners.get(topic, ())}
        except (ValueError, KeyError, TypeError, AttributeError):
            log.warning("not understood on %s: %.200s", CHANNEL, payload)
            return
        self._note(to)
        self._put(listeners, chunk)
        if event in (sessions.SIGNED_OUT, sessions.RENEWED):
            self._put(listeners, None)

    def end(self, listener: Listener) -> None:
        self._put([listener], None)

    def close(self) -> None:
        """Ends all streams, those too that are about to begin, so that the process can."""
        self.closed = True
        self.listening.set()
        self._put({one for many in self.listeners.values() for one in many}, None)
        for task in self._tasks:
            task.cancel()

    def _put(self, listeners: Iterable[Listener], chunk: bytes | None) -> None:
        for listener in listeners:
            if listener.full():
                while not listener.empty():
                    listener.get_nowait()
                listener.put_nowait(chunk and RESUME)
            else:
                listener.put_nowait(chunk)

    async def _attend(self) -> None:
        """Report every few seconds whose pages are open here."""
        while True:
            topics = (topic.partition(":") for topic in self.listeners)
            people = {int(pk) for kind, _, pk in topics if kind == "user" and pk.isdigit()}
            if people:
                try:
                    await asyncio.get_running_loop().run_in_executor(_rights, _attended, people)
                except Error as error:
                    log.warning("live: no database to say who is there (%s)", type(error).__name__)
            await asyncio.sleep(BEAT)

    async def _listen(self) -> None:
        pause = 0.2
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(**direct.parameters(), autocommit=True) as conn:
                    await conn.execute(f"LISTEN {CHANNEL}")
                    self._put({one for many in self.listeners.values() for one in many}, RESUME)
                    self._complete_since = asyncio.get_running_loop().time()
                    self.listening.set()
                    pause = 0.2
                    while True:
                        async for message in conn.notifies(timeout=30):
                            self.hear(message.payload)
                        await conn.execute("SELECT 1")  # or a lost network is never noticed
            except (psycopg.Error, OSError) as error:
                self.listening.clear()
                log.warning("live: no database (%s); tried again in %.1f s", type(error).__name__, pause)
            await asyncio.sleep(pause * random.uniform(1, 1.5))
            pause = min(pause * 2, 5.0)


hub = Hub()
_rights = ThreadPoolExecutor(4, thread_name_prefix="live")


def _attended(people: set[int]) -> None:
    close_old_connections()
    try:
        attend(people)
    finally:
        close_old_connections()


async def application(scope: Message, receive: Receive, send: Send) -> None:
    """The ASGI application; it answers to any path."""
    if scope["type"] != "http":
        return
    if scope["method"] != "GET":
        await respond(send, 405)
        return
    if b"%00" in scope["query_string"]:
        await respond(send, 404)
        return
    try:
        topics, allowance = await asyncio.get_running_loop().run_in_executor(_rights, _rights_and_allowance, scope)
        if not topics:
            await _refuse(scope, send)
            return
        address = place(str((scope.get("client") or ("",))[0]))
        if hub.crowded(topics, address, allowance):
            await respond(send, 429, headers=[(b"retry-after", b"60")])
            return
        listener = await hub.join(topics, _age(scope))
    except (Error, TimeoutError):
        await respond(send, 503)
        return
    hub.strangers[address] += (stranger := _is_stranger(topics))
    try:
        if not stranger and topics != await asyncio.get_running_loop().run_in_executor(_rights, rights, scope):
            hub.end(listener)  # signed out, or with other rights, before anything could be heard of it
        await send({"type": "http.response.start", "status": 200, "headers": [*HEADERS, *safe_headers()]})
        await _stream(listener, missed=_header(scope, b"last-event-id") != "", receive=receive, send=send)
    except Error:
        await respond(send, 503)
    finally:
        hub.leave(listener, topics)
        hub.strangers -= Counter({address: int(stranger)})


async def _refuse(scope: Message, send: Send) -> None:
    """Nobody is signed in. A page of the staff that comes back here (its machine slept meanwhile) is told so, because a
    browser shows no page the status of a stream."""
    if b"follow=" in scope["query_string"]:
        await respond(send, 403)
    else:
        await respond(send, 200, f"event: {sessions.SIGNED_OUT}\ndata: {{}}\n\n".encode(), HEADERS)


def _is_stranger(topics: Iterable[str]) -> bool:
    """Whether somebody listens by a follow link, or what opens their ticket, alone."""
    return all(topic.startswith(("ticket:", "opened:")) for topic in topics)


def _rights_and_allowance(scope: Message) -> tuple[set[str], Allowance]:
    topics = rights(scope)
    return topics, Allowance(option("streams_per_link"), option("streams_per_address"))


def rights(scope: Message) -> set[str]:
    """The topics that the caller may hear, by its session cookie and the `follow` token; whoever is signed in hears at
    least when that ends. A locked session still hears that something happened, in ids: its person is on duty, and the
    phone must ring. Runs in a thread."""
    close_old_connections()
    try:
        request = HttpRequest()
        cookies = parse_cookie(_header(scope, b"cookie"))
        request.session = import_module(settings.SESSION_ENGINE).SessionStore(cookies.get(settings.SESSION_COOKIE_NAME))
        request.user = signed_in.user_of(request, passive=True)
        row = signed_in.session_of(request)
        if locked := signed_in.locked_session(request):
            request.user, row = locked.user, locked
        follow = parse_qs(scope["query_string"].decode("latin-1")).get("follow", [""])[0]
        topics: set[str] = import_string(settings.LIVE_TOPICS)(actor(request), follow, cookies)
        if row is not None:
            topics.add(sessions.topic(row.pk))
        return topics
    finally:
        close_old_connections()


async def _stream(listener: Listener, *, missed: bool, receive: Receive, send: Send) -> None:
    async def pump() -> None:
        loop = asyncio.get_running_loop()
        until = loop.time() + LONGEST * random.uniform(0.8, 1.2)
        chunk: bytes | None = b"retry: 3000\nid: 1\n\n" + (RESUME if missed else b"")
        while chunk is not None:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
            try:
                chunk = await asyncio.wait_for(listener.get(), PING)
            except TimeoutError:
                chunk = b": ping\n\n" if loop.time() < until else None
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    async def disconnected() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    tasks = {asyncio.create_task(pump()), asyncio.create_task(disconnected())}
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()


def safe_headers() -> list[tuple[bytes, bytes]]:
    if not settings.SECURE_HSTS_SECONDS:
        return SAFE_HEADERS
    more = "; includeSubDomains" if settings.SECURE_HSTS_INCLUDE_SUBDOMAINS else ""
    strict = f"max-age={settings.SECURE_HSTS_SECONDS}{more}"
    return [*SAFE_HEADERS, (b"strict-transport-security", strict.encode())]


async def respond(send: Send, status: int, body: bytes = b"", headers: Iterable[tuple[bytes, bytes]] = ()) -> None:
    """A whole answer."""
    length = (b"content-length", b"%d" % len(body))
    await send({"type": "http.response.start", "status": int(status), "headers": [*headers, *safe_headers(), length]})
    await send({"type": "http.response.body", "body": body})


def _age(scope: Message) -> float:
    """How many seconds ago the page was asked for; 0 where it does not say."""
    typed = parse_qs(scope["query_string"].decode("latin-1")).get("age", [""])[0]
    return int(typed[:9]) / 1000 if typed.isascii() and typed.isdecimal() else 0.0


def _header(scope: Message, name: bytes) -> str:
    return "; ".join(value.decode("latin-1") for key, value in scope["headers"] if key == name)
