"""A small Asterisk for tests: on loopback, signs in, answers lists and pings, and can freeze, lie or go away."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from caunoi.telephony.ami import Packet, Reader

BANNER = b"Asterisk Call Manager/11.0.0\r\n"


def packet(**fields: str) -> bytes:
    return "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode() + b"\r\n"


@dataclass
class FakePbx:
    """`frozen`: reads, never answers. `split`: sends byte by byte. `boots`: else it signs in and is never ready.
    `silent`: the actions it leaves unanswered.
    `without`: what its dialplan does not have; `beside`: the queues of skills and operators that it has."""

    secret: str = "s3cret"
    frozen: bool = False
    split: bool = False
    boots: bool = True
    silent: set[str] = field(default_factory=set)
    without: tuple[str, ...] = ()
    beside: tuple[str, ...] = ()
    members: tuple[str, ...] = ("lan", "tam")
    queue: str = "tongdai1022"
    channels: tuple[str | dict[str, str], ...] = ()
    waiting: tuple[dict[str, str], ...] = ()
    actions: list[Packet] = field(default_factory=list)
    links: list[asyncio.StreamWriter] = field(default_factory=list)
    logins: int = 0
    on_list: Callable[[], bytes] = lambda: b""
    writing: asyncio.Lock = field(default_factory=asyncio.Lock)

    @asynccontextmanager
    async def listening(self, port: int = 0) -> AsyncIterator[int]:
        server = await asyncio.start_server(self._serve, "127.0.0.1", port)
        try:
            yield server.sockets[0].getsockname()[1]
        finally:
            server.close()
            self.drop()
            await server.wait_closed()

    def drop(self) -> None:
        for link in self.links:
            link.transport.abort()
        self.links.clear()

    async def say(self, data: bytes) -> None:
        for link in self.links:
            await self._send(link, data)

    async def _send(self, link: asyncio.StreamWriter, data: bytes) -> None:
        """An answer comes between two packets, never inside one."""
        for whole in re.findall(rb".+?(?:\r\n\r\n|$)", data, re.DOTALL):
            async with self.writing:
                for piece in [bytes([byte]) for byte in whole] if self.split else [whole]:
                    link.write(piece)
                    await link.drain()
                    await asyncio.sleep(0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.links.append(writer)
        writer.write(BANNER)
        wire = Reader()
        try:
            while data := await reader.read(65536):
                for action in wire.feed(data):
                    self.actions.append(action)
                    if not self.frozen and action["Action"] not in self.silent:
                        await self._send(writer, self._answer(action))
        except ConnectionError:
            pass
        finally:
            if writer in self.links:
                self.links.remove(writer)
            writer.close()

    def _answer(self, action: Packet) -> bytes:
        this = {"ActionID": action["ActionID"]}
        match action["Action"]:
            case "Login":
                if action["Secret"] != self.secret:
                    return packet(Response="Error", **this, Message="Authentication failed")
                self.logins += 1
                booted = packet(Event="FullyBooted", Status="Fully Booted") if self.boots else b""
                return packet(Response="Success", **this) + booted
            case "QueueStatus":
                items = [
                    packet(Event="QueueMember", Queue=self.queue, Name=name, Location=f"PJSIP/{name}", **this)
                    for name in self.members
                ] + [packet(Event="QueueEntry", **each, **this) for each in self.waiting]
            case "CoreShowChannels":
                known = [{"Linkedid": each} if isinstance(each, str) else each for each in self.channels]
                items = [packet(Event="CoreShowChannel", **each, **this) for each in known]
            case "Getvar" if asked := re.fullmatch(r"QUEUE_EXISTS\(((?:own|skill)-.*)\)", action["Variable"]):
                value = "1" if asked[1] in self.beside else "0"
                return packet(Response="Success", **this, Variable=action["Variable"], Value=value)
            case "Getvar":
                missing = any(context in action["Variable"] for context in self.without)
                return packet(Response="Success", **this, Variable=action["Variable"], Value="0" if missing else "1")
            case "Hangup":
                return packet(Response="Error", **this, Message="No such channel")
            case _:
                return packet(Response="Success", **this)
        listed = packet(Response="Success", **this, EventList="start") + b"".join(items) + self.on_list()
        return listed + packet(Event=f"{action['Action']}Complete", **this, EventList="Complete", ListItems="2")
