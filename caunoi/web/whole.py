"""The whole product at one address: pages and the API under WSGI in threads, /live, /hooks and /cti on the event
loop (docs/adr/0002, 0007). Threads are given by admission.py."""

from concurrent.futures import Executor
from http import HTTPStatus
from typing import Any, cast

from a2wsgi import WSGIMiddleware
from django.template import Context
from django.utils import translation
from django.utils.translation import gettext as _

from caunoi.jobs import direct, replica
from caunoi.lib.network import place
from caunoi.web import cti, hooks, live, observe, serve
from caunoi.web.admission import Admission, CrowdedError, Threads, headers, slot_of_request
from caunoi.web.bodies import LARGEST, Bodies
from caunoi.web.gateway import Gateway
from caunoi.web.intake import Intake
from caunoi.web.lanes import Lanes
from caunoi.web.page import Inset
from caunoi.web.reads import is_read
from caunoi.web.suspects import suspects
from caunoi.web.unavailable import AFTER, IN_JSON, MACHINES, UnavailablePage
from caunoi.wsgi import application as pages

CHUNKS = 512  # of an answer that may wait for a slow reader before a thread waits with them
WATCHED = ("/health/ready", "/health/reads")  # each waits for a server of its own
THREADS = serve.THREADS + len(WATCHED)
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


def ending() -> None:
    """End the open event streams at shutdown."""
    live.hub.close()


class Crew:
    """Threads in which pages are made, and who gets them."""

    def __init__(self, threads: int, reserve: int = 0) -> None:
        self.pages: Any = WSGIMiddleware(cast(Any, pages), workers=threads, send_queue_size=CHUNKS)
        self.pages.executor.shutdown()
        self.pages.executor = Threads(threads, thread_name_prefix="WSGI")
        self.admission = Admission(threads, reserve)


class Whole:
    """The ASGI application. `pool`: the threads in which pages are made. Where there is a standby, one is kept for what
    that can answer. Proxies are told how we are by threads of their own."""

    def __init__(self) -> None:
        self.crew = Crew(serve.THREADS, reserve=1 if replica.is_apart() else 0)
        self.watches = {path: Crew(1) for path in WATCHED}
        intake = Intake(direct.parameters())
        self.gateways: list[Gateway[Any]] = [Gateway(hooks.DOOR, intake), Gateway(cti.DOOR, intake)]
        self.gathered = Bodies(self._complete, self._largest)
        self.lanes = Lanes()
        self._waiting_pages: dict[tuple[str, bool], bytes] = {}

    @property
    def pool(self) -> Executor:
        return cast(Executor, self.crew.pages.executor)

    async def __call__(self, scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        if scope["type"] != "http":
            await live.application(scope, receive, send)
        elif scope["method"] not in METHODS:
            await live.respond(send, HTTPStatus.METHOD_NOT_ALLOWED, headers=[(b"allow", ", ".join(METHODS).encode())])
        elif "\0" in scope["path"]:
            await live.respond(send, HTTPStatus.BAD_REQUEST)
        elif scope["path"] == "/live":
            await live.application(scope, receive, send)
        elif gateway := self._gateway(scope):
            async with suspects.turn(gateway.door.path, client(scope)):
                await self.gathered(scope, receive, send)
        else:
            await self.gathered(scope, receive, send)

    def _gateway(self, scope: live.Message) -> Gateway[Any] | None:
        return next((one for one in self.gateways if scope["path"].startswith(one.door.path)), None)

    def _largest(self, scope: live.Message) -> int:
        gateway = self._gateway(scope)
        return gateway.largest(scope) if gateway else LARGEST

    async def _complete(self, scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        if gateway := self._gateway(scope):
            await observe.timed(gateway.door.path.strip("/"), gateway, scope, receive, send)
            return
        crew = self.watches.get(scope["path"], self.crew)
        reads = crew.admission.reserve > 0 and is_read(scope)
        try:
            slot = await crew.admission.slot(self.lanes.lane(scope), place(client(scope)), reads=reads)
        except CrowdedError:
            await observe.timed("crowded", self._crowded, scope, receive, send)
            return
        slot_of_request.set(slot)

        async def send_and_learn(message: live.Message) -> None:
            if message["type"] == "http.response.start":
                message = self.lanes.learn(scope, message)
            await send(message)

        try:
            await crew.pages(scope, receive, send_and_learn)
        finally:
            slot.release()

    async def _crowded(self, scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        """503 where no thread became free: made without one."""
        path = scope["path"]
        if path.startswith((*MACHINES, *IN_JSON)):
            kind, body = "application/json", b'{"code": 503, "description": "Very many requests just now"}'
        elif path.startswith("/static/"):
            kind, body = "text/plain", b""
        else:
            kind, body = "text/html; charset=utf-8", self._waiting_page(scope)
        await live.respond(send, HTTPStatus.SERVICE_UNAVAILABLE, body, headers(kind, AFTER))

    def _waiting_page(self, scope: live.Message) -> bytes:
        """The page that asks again by itself; what was sent stays with the browser, which reloads it."""
        cookies = b";".join(value for name, value in scope["headers"] if name == b"cookie")
        key = ("en" if b"language=en" in cookies else "vi", scope["method"] in ("GET", "HEAD"))
        if key not in self._waiting_pages:
            with translation.override(key[0]):
                title = _("Very many people are using the hotline just now")
                page = UnavailablePage(title=title, action="", way="again" if key[1] else "reload")
                self._waiting_pages[key] = Inset(page).render(Context()).encode()
        return self._waiting_pages[key]


def client(scope: live.Message) -> str:
    """The address of the peer, or whom a trusted proxy names (uvicorn)."""
    return str((scope.get("client") or ("",))[0])
