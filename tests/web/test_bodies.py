"""Whoever sends slowly, or not at all, keeps no thread and no connection for ever."""

import asyncio
import socket
import threading
import time

import pytest

from caunoi.web import bodies, serve
from caunoi.web.bodies import Bodies


class Client:
    """Sends what it is told to, then nothing more."""

    def __init__(self, *chunks, announce=None, address="a", ends=True):
        length = sum(map(len, chunks)) if announce is None else announce
        self.chunks, self.ends, self.answers = list(chunks), ends, []
        self.scope = {
            "type": "http",
            "path": "/report/x/photos",
            "method": "POST",
            "client": (address, 1),
            "headers": [(b"content-length", b"%d" % length)],
        }

    async def receive(self):
        if self.chunks:
            chunk = self.chunks.pop(0)
            return {"type": "http.request", "body": chunk, "more_body": bool(self.chunks) or not self.ends}
        return await asyncio.sleep(3600)

    async def send(self, message):
        self.answers.append(message)

    @property
    def status(self):
        return self.answers[0]["status"] if self.answers else None


def page(seen):
    """An application that reads the whole body."""

    async def application(scope, receive, send):
        body, chunks = b"", 0
        while True:
            message = await receive()
            body, chunks = body + message["body"], chunks + 1
            if not message["more_body"]:
                break
        seen.append((body, chunks))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b""})

    return application


def run(gate, *clients):
    async def every():
        await asyncio.gather(*(gate(c.scope, c.receive, c.send) for c in clients))

    asyncio.run(asyncio.wait_for(every(), 20))


def test_a_body_comes_whole_and_at_once_however_it_was_sent():
    seen = []
    run(Bodies(page(seen)), Client(b"tex", b"t=", b"a", b""))
    assert seen == [(b"text=a", 1)]


def test_a_large_one_lies_in_a_file_meanwhile():
    seen, whole = [], bytes(range(256)) * 4096
    run(Bodies(page(seen)), Client(*(whole[n : n + 60_000] for n in range(0, len(whole), 60_000))))
    assert seen == [(whole, 4)]


def test_one_that_does_not_come_is_answered_408_and_no_page_is_asked(monkeypatch):
    monkeypatch.setattr(bodies, "GRACE", 0.05)
    seen, slow, quick = [], Client(b"te", announce=100, ends=False), Client(b"text=b")
    gate = Bodies(page(seen))
    run(gate, slow, quick)
    assert (slow.status, quick.status) == (408, 200) and [body for body, _ in seen] == [b"text=b"]
    assert (b"connection", b"close") in slow.answers[0]["headers"]
    assert not gate.waiting


def test_one_that_drips_is_given_time_only_as_far_as_it_comes(monkeypatch):
    monkeypatch.setattr(bodies, "GRACE", 0.1)
    monkeypatch.setattr(bodies, "SLOWEST", 1000)

    class Drip(Client):
        async def receive(self):
            await asyncio.sleep(0.04)
            return {"type": "http.request", "body": b"x", "more_body": True}

    drip = Drip(announce=10_000)
    begun = time.monotonic()
    run(Bodies(page([])), drip)
    assert drip.status == 408 and time.monotonic() - begun < 5


def test_what_is_too_large_is_refused_before_it_comes_or_as_soon_as_it_is(monkeypatch):
    monkeypatch.setattr(bodies, "LARGEST", 1000)
    said, more, nonsense = Client(announce=1001), Client(b"x" * 600, b"x" * 600, announce=900), Client(b"x", announce=1)
    nonsense.scope["headers"] = [(b"content-length", b"-5")]
    run(Bodies(page([])), said, more, nonsense)
    assert [said.status, more.status, nonsense.status] == [413, 413, 413]


@pytest.mark.parametrize("addresses", [["a"] * 6, [f"2001:db8::{n}" for n in range(6)]], ids=["one", "an IPv6 /64"])
def test_of_one_address_the_oldest_is_given_up_for_the_newest(monkeypatch, addresses):
    monkeypatch.setattr(bodies, "CROWD", 3)
    monkeypatch.setattr(bodies, "GRACE", 0.5)
    *five, last = addresses
    crowd = [Client(b"x", announce=9, ends=False, address=one) for one in five]
    other, late, seen = Client(b"x", announce=9, ends=False, address="b"), Client(b"text=c", address=last), []
    order = []

    async def every():
        gate = Bodies(page(seen))

        async def one(client):
            await gate(client.scope, client.receive, client.send)
            order.append(client)

        await asyncio.gather(*map(one, [*crowd, other, late]))

    asyncio.run(asyncio.wait_for(every(), 20))
    assert late.status == 200 and seen
    assert set(order[:4]) == {*crowd[:3], late}


def test_a_request_without_a_body_is_passed_on_as_it_is():
    got = []

    async def application(scope, receive, send):
        got.append(receive)

    client = Client()
    client.scope["headers"] = [(b"host", b"x")]
    run(Bodies(application), client)
    assert got == [client.receive]


@pytest.fixture
def address(monkeypatch):
    """A server that waits for headers no longer than a moment."""
    monkeypatch.setattr(serve, "HEADERS", 0.3)

    async def application(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})

    sock = socket.create_server(("127.0.0.1", 0))
    server = serve.server(application)
    server.install_signal_handlers = lambda: None
    thread = threading.Thread(target=server.run, kwargs={"sockets": [sock]})
    thread.start()
    yield sock.getsockname()
    server.should_exit = True
    thread.join(10)


@pytest.mark.parametrize("said", [b"", b"GET / HTTP/1.1\r\nHost: x\r\n"], ids=["nothing", "half its headers"])
def test_a_connection_that_asks_nothing_is_closed(said, address):
    with socket.create_connection(address, 10) as stuck:
        stuck.sendall(said)
        assert stuck.recv(100) == b""


def test_one_that_asked_is_kept_for_its_next_request(address):
    with socket.create_connection(address, 10) as one:
        for _ in range(2):
            one.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert one.recv(1000).endswith(b"ok")
            time.sleep(0.5)
        one.sendall(b"GET / HT")
        assert one.recv(100) == b""


def test_what_is_too_large_for_its_reader_is_passed_on_unread():
    seen = []

    async def application(scope, receive, send):
        seen.append(scope.get("oversize"))
        await send({"type": "http.response.start", "status": 403, "headers": []})

    gate = Bodies(application, lambda scope: 10)
    announced, chunked = Client(b"x" * 11), Client(b"x" * 6, b"x" * 6)
    chunked.scope["headers"] = [(b"transfer-encoding", b"chunked")]
    run(gate, announced, chunked)
    assert seen == [True, True] and [one.status for one in (announced, chunked)] == [403, 403]
    assert announced.chunks, "nothing of it was read"
