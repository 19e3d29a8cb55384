"""A telephone exchange as a browser phone meets it: SIP over a WebSocket (RFC 7118), in a thread.

It keeps to what an Asterisk does: every REGISTER and INVITE must prove, by digest (RFC 2617, qop auth) against a nonce
of ours that is used once, the password whose digest (HA1) `proofs` has for the extension now; a connection that ends
takes its registration with it; a phone that is rung gets the call's id as X-Linkedid. The messages have the headers
that Asterisk 22 (PJSIP) sends. It carries no sound: what a citizen offers and is answered (SDP) is handed through.
"""

import asyncio
import base64
import contextlib
import hashlib
import re
import secrets
import struct
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from typing import Any, Self

REALM = "caunoi"
ACCEPT = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


@dataclass
class Message:
    """A request or an answer of SIP; `head` is its first line."""

    head: str
    headers: dict[str, str]
    body: str = ""

    @property
    def method(self) -> str:
        return self.head.partition(" ")[0]

    @property
    def status(self) -> int:
        return int(self.head.split(" ")[1]) if self.head.startswith("SIP/2.0") else 0

    @classmethod
    def read(cls, text: str) -> Self:
        top, _, body = text.partition("\r\n\r\n")
        head, *lines = top.split("\r\n")
        pairs = (line.split(":", 1) for line in lines if ":" in line)
        return cls(head, {name.strip().lower(): value.strip() for name, value in pairs}, body)


def _md5(text: str) -> str:
    return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()


@dataclass
class SipExchange:
    """`with SipExchange() as pbx`; `pbx.wss` is its address. `proofs`: extension → HA1."""

    proofs: dict[str, str] = field(default_factory=dict)
    heard: list[Message] = field(default_factory=list)
    refused: int = 0
    answers: dict[str, str] = field(default_factory=dict)
    ended: dict[str, Message] = field(default_factory=dict)
    on_change: Callable[[str, bool], None] = lambda _phone, _on: None

    def __post_init__(self) -> None:
        self._at: dict[str, tuple[asyncio.StreamWriter, str]] = {}
        self._nonces: set[str] = set()
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self.port = 0

    def __enter__(self) -> Self:
        threading.Thread(target=self._run, daemon=True).start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: Any) -> None:
        self._loop.call_soon_threadsafe(self._loop.stop)

    @property
    def wss(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def registered(self) -> set[str]:
        return set(self._at)

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)

        async def listen() -> None:
            server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
            self.port = server.sockets[0].getsockname()[1]
            self._ready.set()

        self._loop.create_task(listen())
        self._loop.run_forever()

    # --- the WebSocket ---

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = (await reader.readuntil(b"\r\n\r\n")).decode()
        (key,) = re.findall(r"(?im)^Sec-WebSocket-Key: (\S+)", asked)
        proof = base64.b64encode(hashlib.sha1(key.encode() + ACCEPT).digest()).decode()
        writer.write(
            (
                "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                f"Sec-WebSocket-Accept: {proof}\r\nSec-WebSocket-Protocol: sip\r\n\r\n"
            ).encode()
        )
        with contextlib.suppress(OSError, EOFError):
            async for text in self._texts(reader, writer):
                if text.strip():
                    self._take(Message.read(text), writer)
        for phone, (at, _) in list(self._at.items()):
            if at is writer:
                del self._at[phone]
                self.on_change(phone, False)
        writer.close()

    async def _texts(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> AsyncIterator[str]:
        while True:
            kind, size = await reader.readexactly(2)
            length = size & 127
            if length > 125:
                length = int.from_bytes(await reader.readexactly(2 if length == 126 else 8))
            mask = await reader.readexactly(4)
            data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(await reader.readexactly(length)))
            if kind & 15 == 8:
                return
            if kind & 15 == 1:
                yield data.decode()

    def _send(self, writer: asyncio.StreamWriter, head: str, headers: list[tuple[str, str]], body: str = "") -> None:
        lines = [head, *(f"{name}: {value}" for name, value in headers), f"Content-Length: {len(body.encode())}"]
        data = ("\r\n".join(lines) + "\r\n\r\n" + body).encode()
        size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + struct.pack(">H", len(data))
        writer.write(b"\x81" + size + data)

    def _answer(self, to: Message, writer: asyncio.StreamWriter, status: str, *more: tuple[str, str]) -> None:
        names = {"via": "Via", "from": "From", "call-id": "Call-ID", "cseq": "CSeq"}
        kept = [(shown, to.headers[name]) for name, shown in names.items()]
        tag = "" if ";tag=" in to.headers["to"] else f";tag={secrets.token_hex(4)}"
        self._send(writer, f"SIP/2.0 {status}", [*kept, ("To", to.headers["to"] + tag), *more])

    # --- what phones say ---

    def _take(self, said: Message, writer: asyncio.StreamWriter) -> None:
        self.heard.append(said)
        if said.status:
            self._answered(said, writer)
        elif said.method == "REGISTER":
            if phone := self._proved(said, writer):
                gone = re.search(r"expires=0\b", said.headers.get("contact", "")) or said.headers.get("expires") == "0"
                contact = re.findall(r"<(\S+?)>", said.headers.get("contact", ""))
                if gone:
                    self._at.pop(phone, None)
                elif contact:
                    self._at[phone] = (writer, contact[0])
                self._answer(said, writer, "200 OK", ("Contact", f"{said.headers.get('contact', '*')};expires=120"))
                self.on_change(phone, not gone)
        elif said.method == "INVITE":
            if self._proved(said, writer):
                self._answer(said, writer, "404 Not Found")
        elif said.method == "BYE":
            self.ended[said.headers["call-id"]] = said
            self._answer(said, writer, "200 OK")
        elif said.method != "ACK":
            self._answer(said, writer, "200 OK")

    def _proved(self, said: Message, writer: asyncio.StreamWriter) -> str:
        """The extension whose password was proved; "" where it was not, which is answered."""
        given = dict(re.findall(r'(\w+)="?([^",]+)"?', said.headers.get("authorization", "")))
        if given.get("nonce") in self._nonces:
            self._nonces.discard(given["nonce"])
            known = self.proofs.get(given.get("username", ""), "")
            asked = _md5(f"{said.method}:{given.get('uri')}")
            middle = [given.get(name, "") for name in ("nonce", "nc", "cnonce", "qop")]
            if known and given.get("response") == _md5(":".join([known, *middle, asked])):
                return given["username"]
            self.refused += 1
        nonce = secrets.token_hex(12)
        self._nonces.add(nonce)
        wanted = f'Digest realm="{REALM}",nonce="{nonce}",algorithm=MD5,qop="auth"'
        self._answer(said, writer, "401 Unauthorized", ("WWW-Authenticate", wanted))
        return ""

    def _answered(self, said: Message, writer: asyncio.StreamWriter) -> None:
        call, cseq = said.headers["call-id"], said.headers["cseq"]
        if said.status < 200 or not cseq.endswith("INVITE"):
            return
        if said.status == 200:
            self.answers[call] = said.body
        (contact,) = re.findall(r"<(\S+?)>", said.headers.get("contact", "")) or [f"sip:{call}@invalid"]
        copied = [("From", said.headers["from"]), ("To", said.headers["to"]), ("Call-ID", call)]
        way = ("Via", f"SIP/2.0/WS 127.0.0.1:8088;branch=z9hG4bK{secrets.token_hex(8)}")
        self._send(writer, f"ACK {contact} SIP/2.0", [way, *copied, ("CSeq", cseq.replace("INVITE", "ACK"))])

    # --- what happens at it ---

    def ring(self, phone: str, linkedid: str, caller: str, offer: str) -> str:
        """Let a phone ring for a call with what the citizen's side offers; the id of its leg."""
        writer, contact = self._at[phone]
        leg = secrets.token_hex(12)
        headers = [
            ("Via", f"SIP/2.0/WS 127.0.0.1:8088;rport;branch=z9hG4bK{secrets.token_hex(8)}"),
            ("From", f'"{caller}" <sip:{caller}@127.0.0.1>;tag={secrets.token_hex(6)}'),
            ("To", f"<{contact}>"),
            ("Contact", "<sip:asterisk@127.0.0.1:8088;transport=ws>"),
            ("Call-ID", leg),
            ("CSeq", "24171 INVITE"),
            ("Allow", "OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, INFO"),
            ("Max-Forwards", "70"),
            ("User-Agent", "Asterisk PBX 22.10.1"),
            ("X-Linkedid", linkedid),
            ("Content-Type", "application/sdp"),
        ]
        self._loop.call_soon_threadsafe(self._send, writer, f"INVITE {contact} SIP/2.0", headers, offer)
        return leg
