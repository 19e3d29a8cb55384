"""A real SMTP server (aiosmtpd) that takes mails, refuses them, or breaks off, as a test says."""

import socket
import ssl
from base64 import b64decode
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult, Envelope, Session


class Post:
    """What the server does: `answers` are given one after another to the step of their name (helo, mail, rcpt, data);
    "cut" ends the connection there, after the whole mail for "data"."""

    def __init__(self) -> None:
        self.taken: list[Envelope] = []
        self.answers: dict[str, list[str]] = {}
        self.tokens: set[str] = set()

    def _answer(self, step: str, server: SMTP) -> str | None:
        waiting = self.answers.get(step)
        answer = waiting.pop(0) if waiting else None
        if answer == "cut":
            server.transport.close()
            return "451 gone"
        return answer

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        session.host_name = hostname
        if answer := self._answer("helo", server):
            return [answer]
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._answer("mail", server):
            return answer
        envelope.mail_from = address
        envelope.mail_options += options
        return "250 OK"

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if answer := self._answer("rcpt", server):
            return answer
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options += options
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = self._answer("data", server)
        if answer is None or answer == "451 gone":
            self.taken.append(envelope)
        return answer or "250 taken"

    async def auth_XOAUTH2(self, server: SMTP, args: list[str]) -> AuthResult:
        given = b64decode(args[1]).decode()
        if any(f"auth=Bearer {token}\1" in given for token in self.tokens):
            return AuthResult(success=True)
        await server.push("334 eyJzdGF0dXMiOiI0MDAifQ==")
        await server._reader.readline()
        return AuthResult(success=False, handled=False)

    def mails(self) -> list[EmailMessage]:
        return [message_from_bytes(one.content, policy=default) for one in self.taken]  # type: ignore[misc,arg-type]


def serve(
    post: Post, *, user: str = "", password: str = "", pem: Path | None = None, tls: bool = False, **more: Any
) -> Controller:
    """Start it on a free port; with `user` it wants a password, with `pem` it has STARTTLS, or speaks TLS at once."""

    post.tokens = more.pop("tokens", set())

    def check(server: SMTP, session: Session, envelope: Envelope, mechanism: str, given: Any) -> AuthResult:
        good = (given.login.decode(), given.password.decode()) == (user, password)
        return AuthResult(success=good, handled=good)

    context: ssl.SSLContext | None = None
    if pem:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(pem)
    make: Callable[..., Controller] = Controller
    more |= {"authenticator": check, "auth_required": not tls, "auth_require_tls": not tls} if user else {}
    if post.tokens:
        more |= {"auth_require_tls": False}
    if tls:
        more["ssl_context"] = context
    elif context:
        more["tls_context"] = context
    controller = make(post, hostname="127.0.0.1", port=more.pop("port", None) or _free(), **more)
    controller.start()
    return controller


def _free() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
