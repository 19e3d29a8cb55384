"""The whole product at one address: pages and the API under WSGI in threads, /live, /hooks and /cti on the event
loop (docs/adr/0002, 0007)."""

from concurrent.futures import Executor
from typing import Any, cast

from a2wsgi import WSGIMiddleware

from caunoi.jobs import direct
from caunoi.web import cti, hooks, live, observe, serve
from caunoi.web.bodies import Bodies
from caunoi.web.gateway import Gateway
from caunoi.web.intake import Intake
from caunoi.wsgi import application as pages

CHUNKS = 512  # of an answer that may wait for a slow reader before a thread waits with them


def ending() -> None:
    """End the open event streams at shutdown."""
    live.hub.close()


class Whole:
    """The ASGI application. `pool`: the threads in which pages are made."""

    def __init__(self) -> None:
        self.pages: Any = WSGIMiddleware(cast(Any, pages), workers=serve.THREADS, send_queue_size=CHUNKS)
        intake = Intake(direct.parameters())
        self.gateways: list[Gateway[Any]] = [Gateway(hooks.DOOR, intake), Gateway(cti.DOOR, intake)]
        self.gathered = Bodies(self._complete)

    @property
    def pool(self) -> Executor:
        return cast(Executor, self.pages.executor)

    async def __call__(self, scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/live":
            await self.gathered(scope, receive, send)
        else:
            await live.application(scope, receive, send)

    async def _complete(self, scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        for gateway in self.gateways:
            if scope["path"].startswith(path := gateway.door.path):
                await observe.timed(path.strip("/"), gateway, scope, receive, send)
                return
        await self.pages(scope, receive, send)
