"""The whole product at one address: pages and the API under WSGI in threads, /live, /hooks and /cti on the event
loop (docs/adr/0002, 0007)."""

from typing import Any, cast

from a2wsgi import WSGIMiddleware

from caunoi.web import cti, hooks, live, serve
from caunoi.web.bodies import Bodies
from caunoi.wsgi import application as pages

CHUNKS = 512  # of an answer that may wait for a slow reader before a thread waits with them


def ending() -> None:
    """Ends the open streams."""
    live.hub.close()


def application() -> Any:
    """The ASGI application."""
    rest: Any = WSGIMiddleware(cast(Any, pages), workers=serve.THREADS, send_queue_size=CHUNKS)
    called = hooks.Hooks()
    told = cti.Cti(called.keeping)

    async def complete(scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        if scope["path"].startswith(hooks.PATH):
            await called(scope, receive, send)
        elif scope["path"].startswith(cti.PATH):
            await told(scope, receive, send)
        else:
            await rest(scope, receive, send)

    gathered = Bodies(complete)

    async def application(scope: live.Message, receive: live.Receive, send: live.Send) -> None:
        if scope["type"] == "http" and scope["path"] != "/live":
            await gathered(scope, receive, send)
        else:
            await live.application(scope, receive, send)

    return application
