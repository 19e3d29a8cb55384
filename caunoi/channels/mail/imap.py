"""The connection to an IMAP server: signed in, kept alive, waiting by IDLE where the server has it. Whatever breaks or
is refused is a PollingError with a message for an administrator."""

import imaplib
import re
import socket
import ssl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxLoginError

from caunoi.channels.base import Account, PollingError, TokenExpiredError
from caunoi.channels.mail import token
from caunoi.channels.mail.connection import PLAIN, STARTTLS, Server

IDLE = 240.0  # seconds: less than routers remember a silent connection
BEAT = 1.0  # seconds between signs of life
EVERY = 60.0  # seconds between looks where the server has no IDLE
REFUSED = 900.0  # seconds after a wrong password: servers lock those out who hammer
PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|SERVERBUG)\]", re.I)


@contextmanager
def connected(server: Server) -> Iterator[BaseMailBox]:
    if not server.host or not server.user:
        raise PollingError("The mailbox is not set up: server or user name is missing.", wait=REFUSED)
    if server.token == "":
        raise TokenExpiredError("There is no token yet.")
    try:
        box = _reached(server)
    except ssl.SSLError as error:
        raise PollingError(f"No secure connection to {server.host}:{server.port}: {error}") from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise PollingError(
            f"The mail server {server.host}:{server.port} cannot be reached: {error_text(error)}"
        ) from error
    try:
        _keep_alive(box.client.sock)
        try:
            if server.token is not None:
                words = token.xoauth2(server.user, server.token).encode()
                box.client.authenticate("XOAUTH2", lambda why: b"" if why else words)
            else:
                login = box.login if server.user.isascii() and server.password.isascii() else box.login_utf8
                login(server.user, server.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            if PASSING.search(error_text(error)):
                raise PollingError(f"The mail server does not let us in now: {error_text(error)}") from error
            if server.token is not None:
                raise TokenExpiredError(f"The mail server refuses the token: {error_text(error)}") from error
            raise PollingError(
                f"The mail server refuses the user name or password: {error_text(error)}", wait=REFUSED
            ) from error
        status, lines = box.client.capability()
        if status == "OK" and lines[-1]:  # after signing in there are more
            box.client.capabilities = tuple(lines[-1].decode("ascii", "replace").upper().split())
        yield box
    except (OSError, imaplib.IMAP4.abort) as error:
        raise PollingError(f"The connection to the mail server broke: {error_text(error)}") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise PollingError(f"The mail server says: {error_text(error)}") from error
    finally:
        with suppress(Exception):
            box.client.sock.settimeout(2)
            box.logout()
        with suppress(Exception):
            box.client.shutdown()


def _reached(server: Server) -> BaseMailBox:
    if server.security == PLAIN:
        return MailBoxUnencrypted(server.host, server.port, timeout=server.timeout)
    kind = MailBoxStartTls if server.security == STARTTLS else MailBox
    return kind(server.host, server.port, timeout=server.timeout, ssl_context=server.context())


def _keep_alive(sock: socket.socket) -> None:
    """A vanished peer is noticed in about two minutes, even while we only wait."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def error_text(error: Exception) -> str:
    """The server's or the system's error, in one short line."""
    result = getattr(error, "command_result", None)
    words = result[1] if result else error.args or (type(error).__name__,)
    words = words if isinstance(words, (list, tuple)) else [words]
    line = " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in words if one)
    return " ".join(line.split())[:200] or type(error).__name__


def wait(box: BaseMailBox, account: Account, stopping: Callable[[], bool]) -> Iterator[None]:
    """Until something may have come in, with signs of life."""
    if "IDLE" in box.client.capabilities:
        yield from _idle(box, float(account.config.get("idle") or IDLE), stopping)
        return
    end = time.monotonic() + float(account.config.get("every") or EVERY)
    while not stopping() and (left := end - time.monotonic()) > 0:
        time.sleep(min(BEAT, left))
        yield None


def _idle(box: BaseMailBox, seconds: float, stopping: Callable[[], bool]) -> Iterator[None]:
    """RFC 2177, ended in time. A look that comes back early has news, or the connection is gone: leaving IDLE tells."""
    box.idle.start()  # type: ignore[no-untyped-call]
    end = time.monotonic() + seconds
    news = _buffered(box.client)  # came in one piece with the server's answer to IDLE
    while not news and not stopping() and (left := end - time.monotonic()) > 0:
        pause = min(BEAT, left)
        begun = time.monotonic()
        news = bool(box.idle.poll(timeout=pause)) or time.monotonic() - begun < pause * 0.8
        yield None
    box.idle.stop()  # type: ignore[no-untyped-call]


def _buffered(client: imaplib.IMAP4) -> bool:
    """Whether a line lies in our own buffer, where waiting at the socket does not see it."""
    timeout = client.sock.gettimeout()
    client.sock.settimeout(0)
    try:
        return bool(client._get_line())
    except OSError:
        return False
    except imaplib.IMAP4.abort as error:
        if "EOF" in str(error):  # so it says too when there is nothing to read
            return False
        raise
    finally:
        client.sock.settimeout(timeout)


def alive(box: BaseMailBox) -> None:
    status, lines = box.client.noop()
    if status != "OK":
        raise imaplib.IMAP4.error(*lines)
