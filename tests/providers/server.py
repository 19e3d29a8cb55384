"""A provider played by a small HTTP server on loopback: real sockets, one thread a call, faults on demand.

provider = Zalo(); provider.start(); … provider.faults += ["429", "cut"]; … provider.stop()
"""

import json
import socket
import struct
from collections import deque
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Lock, Thread
from typing import Any
from urllib.parse import parse_qsl, urlsplit

FAULTS = ("down", "500", "504", "429", "html", "timeout", "lost", "cut", "slow", "garbage")
"""What may go wrong with a call; "lost" is taken, but the connection breaks before the answer."""


@dataclass
class Call:
    """One call as it came."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]  # names in lower case
    body: bytes

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.body)

    @property
    def form(self) -> dict[str, str]:
        return dict(parse_qsl(self.body.decode(), keep_blank_values=True))


@dataclass
class Told:
    """What the provider answers."""

    status: int = 200
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)


class _Server(ThreadingHTTPServer):
    daemon_threads, block_on_close, request_queue_size = True, False, 64
    provider: "Provider"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hung up is no news."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version, disable_nagle_algorithm = "HTTP/1.1", True
    server: _Server

    def log_message(self, *args: Any) -> None:
        pass

    def _any(self) -> None:
        length = int(self.headers.get("content-length") or 0)
        parts = urlsplit(self.path)
        call = Call(
            self.command,
            parts.path,
            dict(parse_qsl(parts.query, keep_blank_values=True)),
            {name.lower(): value for name, value in self.headers.items()},
            self.rfile.read(length),
        )
        provider = self.server.provider
        with provider.lock:
            provider.calls.append(call)
            fault = provider.faults.popleft() if provider.faults else provider.always
        if fault:
            self._fail(fault, provider, call)
        else:
            with provider.lock:
                told = provider.handle(call)
            self._answer(told)

    do_GET = do_POST = do_PUT = do_DELETE = _any

    def _answer(self, told: Told) -> None:
        raw = told.body if isinstance(told.body, bytes) else json.dumps(told.body, ensure_ascii=False).encode()
        self.send_response(told.status)
        for name, value in {"Content-Type": "application/json", **told.headers}.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def _fail(self, fault: str, provider: "Provider", call: Call) -> None:
        match fault:
            case "500" | "504":
                self._answer(Told(int(fault), b"<html>Bad gateway</html>", {"Content-Type": "text/html"}))
            case "429":
                self._answer(Told(429, {"message": "slow down"}, {"Retry-After": "120"}))
            case "html":
                self._answer(Told(200, b"<html>Sign in to the network</html>", {"Content-Type": "text/html"}))
            case "garbage":
                self._answer(Told(200, b'{"error": 0, "data": '))
            case "timeout":
                provider.over.wait()
            case "slow":
                self.send_response(200)
                self.send_header("Content-Length", "1000000")
                self.end_headers()
                with suppress(OSError):
                    while not provider.over.wait(0.02):
                        self.wfile.write(b" ")
            case "lost":
                with provider.lock:
                    provider.handle(call)
                self._cut()
            case _:
                self._cut()

    def _cut(self) -> None:
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.close_connection = True
        self.connection.close()


class Provider:
    """One provider: what it was asked, what goes wrong next, and its own rules in `handle`."""

    def __init__(self, port: int = 0) -> None:
        self.calls: list[Call] = []
        self.faults: deque[str] = deque()
        self.always = ""  # a fault until further notice
        self.over, self.lock = Event(), Lock()
        self._port, self._server = port, None

    def handle(self, call: Call) -> Told:
        raise NotImplementedError

    def start(self) -> "Provider":
        self._server = _Server(("127.0.0.1", self._port), _Handler)
        self._server.provider = self
        self._port = self._server.server_address[1]
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def stop(self) -> None:
        """Gone: nobody listens any more. May be started again, at the same port."""
        self.over.set()
        if self._server:
            self._server.shutdown()
            self._server.server_close()
        self._server, self.over = None, Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._port}"
