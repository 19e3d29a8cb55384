"""A folder on an IMAP server, read on and on: each mail once, in order, waiting by IDLE where the server has it.

The cursor is {"validity", "uid", "since", "anew"}: UIDVALIDITY and the last UID that was kept, and when reading began.
UIDs only grow, so nothing depends on dates, flags or clocks. After a new UIDVALIDITY all that came since the beginning is
read again, and what was kept is known by its receipt: up to the UID `anew` mails from before the beginning are passed
over. The folder is opened for reading only unless mails are to be moved.
"""

import imaplib
import logging
import re
import socket
import ssl
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from imap_tools import BaseMailBox, MailBox, MailBoxStartTls, MailBoxUnencrypted
from imap_tools.errors import ImapToolsError, MailboxFolderSelectError, MailboxLoginError
from imap_tools.utils import encode_folder

from caunoi.channels.base import Account, NotPolled, Parcel
from caunoi.channels.mail.connection import PLAIN, STARTTLS, Server, incoming

log = logging.getLogger(__name__)

WHOLE = 30 * 1024 * 1024  # bytes; of a bigger mail the beginning is read
BATCH = 200  # mails whose sizes are asked for at once
IDLE = 240.0  # seconds: less than routers remember a silent connection
BEAT = 1.0  # seconds between signs of life
EVERY = 60.0  # seconds between looks where the server has no IDLE
REFUSED = 900.0  # seconds after a wrong password: servers lock those out who hammer
SKEW = timedelta(hours=1)  # by which the server's clock may differ from ours
PASSING = re.compile(r"\[(?:UNAVAILABLE|INUSE|LIMIT|OVERQUOTA|SERVERBUG)\]", re.I)


def poll(
    cursor: Mapping[str, Any], account: Account, stopping: Callable[[], bool]
) -> Generator[Parcel | None, None, None]:
    """What channels.base says of `poll`. One connection; it ends with an exception, or when `stopping` says so."""
    server = incoming(account)
    with _connected(server, account) as box:
        place = _Place(box, account, cursor)
        yield place.begin()
        while not stopping():
            yield from place.new(stopping)
            yield from _wait(box, account, stopping)
            _alive(box)


@contextmanager
def _connected(server: Server, account: Account) -> Iterator[BaseMailBox]:
    if not server.host or not server.user:
        raise NotPolled("The mailbox is not set up: server or user name is missing.", wait=REFUSED)
    try:
        box = _reached(server)
    except ssl.SSLError as error:
        raise NotPolled(f"No secure connection to {server.host}:{server.port}: {error}") from error
    except (OSError, imaplib.IMAP4.error, ImapToolsError) as error:
        raise NotPolled(f"The mail server {server.host}:{server.port} cannot be reached: {_said(error)}") from error
    try:
        _keep_alive(box.client.sock)
        try:
            login = box.login if server.user.isascii() and server.password.isascii() else box.login_utf8
            login(server.user, server.password, initial_folder=None)
        except imaplib.IMAP4.abort:
            raise
        except (MailboxLoginError, imaplib.IMAP4.error) as error:
            if PASSING.search(_said(error)):
                raise NotPolled(f"The mail server does not let us in now: {_said(error)}") from error
            raise NotPolled(
                f"The mail server refuses the user name or password: {_said(error)}", wait=REFUSED
            ) from error
        status, lines = box.client.capability()
        if status == "OK" and lines[-1]:  # after signing in there are more
            box.client.capabilities = tuple(lines[-1].decode("ascii", "replace").upper().split())
        yield box
    except (OSError, imaplib.IMAP4.abort) as error:
        raise NotPolled(f"The connection to the mail server broke: {_said(error)}") from error
    except (imaplib.IMAP4.error, ImapToolsError) as error:
        raise NotPolled(f"The mail server says: {_said(error)}") from error
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
    """A peer that has vanished is noticed in about two minutes, even while we only wait."""
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for option, value in (("TCP_KEEPIDLE", 60), ("TCP_KEEPINTVL", 15), ("TCP_KEEPCNT", 4)):
        if hasattr(socket, option):
            sock.setsockopt(socket.IPPROTO_TCP, getattr(socket, option), value)


def _said(error: Exception) -> str:
    """What the server or the system said, in one short line."""
    result = getattr(error, "command_result", None)
    words = result[1] if result else error.args or (type(error).__name__,)
    words = words if isinstance(words, (list, tuple)) else [words]
    line = " ".join(one.decode("utf-8", "replace") if isinstance(one, bytes) else str(one) for one in words if one)
    return " ".join(line.split())[:200] or type(error).__name__


class _Place:
    """Where we are in one folder, during one connection."""

    def __init__(self, box: BaseMailBox, account: Account, cursor: Mapping[str, Any]) -> None:
        self.box = box
        folder = str(account.config.get("folder") or "INBOX")
        self.target = str(account.config.get("move_to") or "")
        try:
            box.folder.set(folder, readonly=not self.target)
        except MailboxFolderSelectError as error:
            raise NotPolled(f"The folder {folder} cannot be opened: {_said(error)}", wait=REFUSED) from error
        self.validity = self._number("UIDVALIDITY")
        last = max(0, self._number("UIDNEXT") - 1)
        since = cursor.get("since") or account.config.get("since")
        self.since = _moment(since) if since else datetime.now(UTC)
        self.first = not cursor
        if cursor.get("validity") == self.validity:
            self.uid, self.anew = int(cursor.get("uid", 0)), int(cursor.get("anew", 0))
        elif since:
            log.info("reading the folder anew, what came since %s", self.since)
            self.uid, self.anew = 0, last
        else:
            self.uid, self.anew = last, 0

    def _number(self, name: str) -> int:
        _, found = self.box.client.response(name)
        if not found or found[0] is None:
            if name == "UIDNEXT":
                return max([int(uid) for uid in self.box.uids("ALL", charset=None)], default=0) + 1
            raise NotPolled(f"The mail server does not tell {name}.")
        return int(found[0])

    def cursor(self, uid: int) -> Mapping[str, Any]:
        return {"validity": self.validity, "uid": uid, "since": self.since.isoformat(), "anew": self.anew}

    def begin(self) -> Parcel | None:
        """Where the very first reading starts is written down before anything comes."""
        return Parcel(external_id="", cursor=self.cursor(self.uid)) if self.first else None

    def new(self, stopping: Callable[[], bool]) -> Iterator[Parcel | None]:
        """All that has come since, in order."""
        found = self.box.uids(f"UID {self.uid + 1}:*", charset=None)  # the last one even when it is not that new
        uids = sorted(uid for uid in map(int, found) if uid > self.uid)
        for start in range(0, len(uids), BATCH):
            facts = self._facts(uids[start : start + BATCH])
            for uid in uids[start : start + BATCH]:
                if stopping():
                    return
                if uid not in facts:  # somebody deleted it meanwhile
                    continue
                size, received = facts[uid]
                if uid <= self.anew and received < self.since - SKEW:
                    continue
                yield self._parcel(uid, size, received)
                self.uid = uid
                self._move(uid)
            self.uid = max(self.uid, uids[start : start + BATCH][-1])

    def _facts(self, uids: Sequence[int]) -> Mapping[int, tuple[int, datetime]]:
        """Size in bytes, and when the server got it."""
        status, lines = self.box.client.uid("FETCH", ",".join(map(str, uids)), "(UID RFC822.SIZE INTERNALDATE)")
        if status != "OK":
            raise imaplib.IMAP4.error(*lines)
        facts = {}
        for line in lines:
            words = line[0] if isinstance(line, tuple) else line or b""
            uid, size = re.search(rb"UID (\d+)", words), re.search(rb"RFC822\.SIZE (\d+)", words)
            if uid and size:
                at = imaplib.Internaldate2tuple(words)
                received = datetime.fromtimestamp(time.mktime(at), UTC) if at else datetime.now(UTC)
                facts[int(uid[1])] = (int(size[1]), received)
        return facts

    def _parcel(self, uid: int, size: int, received: datetime) -> Parcel:
        raw: dict[str, Any] = {"uid": uid, "validity": self.validity, "size": size, "received": received.isoformat()}
        if size > WHOLE:
            raw["cut"] = WHOLE
        data = self._fetched(uid, f"BODY.PEEK[]<0.{WHOLE}>" if size > WHOLE else "BODY.PEEK[]")
        if data is None:
            data, raw["cut"] = self._fetched(uid, "BODY.PEEK[HEADER]"), 0
        if data is None:
            raw["trouble"] = f"the mail server does not hand out mail {uid} of this folder"
            return Parcel(external_id=f"{self.validity}/{uid}", raw=raw, cursor=self.cursor(uid))
        return Parcel(external_id=identity(data), raw=raw, blob=data, cursor=self.cursor(uid))

    def _fetched(self, uid: int, what: str) -> bytes | None:
        """The bytes; None when the server refuses this one for good."""
        status, lines = self.box.client.uid("FETCH", str(uid), f"({what})")
        if status != "OK":
            said = _said(imaplib.IMAP4.error(*lines))
            if re.search(r"\[(?:UNAVAILABLE|INUSE|LIMIT)\]", said, re.I):
                raise imaplib.IMAP4.error(said)
            log.warning("mail %s cannot be fetched: %s", uid, said)
            return None
        return next((bytes(line[1]) for line in lines if isinstance(line, tuple)), None)

    def _move(self, uid: int) -> None:
        """Into the folder for what has been read; that this fails must not keep us from reading."""
        if not self.target:
            return
        target = encode_folder(self.target).decode("ascii")
        if "MOVE" in self.box.client.capabilities:
            status, lines = self.box.client.uid("MOVE", str(uid), target)
        else:
            status, lines = self.box.client.uid("COPY", str(uid), target)
            if status == "OK":
                status, lines = self.box.client.uid("STORE", str(uid), "+FLAGS", r"(\Deleted)")
                if "UIDPLUS" in self.box.client.capabilities:
                    self.box.client.uid("EXPUNGE", str(uid))
        if status != "OK":
            log.warning("mail %s cannot be moved: %s", uid, _said(imaplib.IMAP4.error(*lines)))


def identity(data: bytes) -> str:
    """What makes a mail the same when it is delivered or fetched again, and another one when somebody uses its
    Message-ID: the fields that its author set, and its body; not what servers on the way wrote over it."""
    head, _, rest = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = re.findall(rb"^(?:message-id|from|date|subject|to)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", head, re.M | re.I)
    return sha256(b"\n".join(sorted(fields)) + b"\n\n" + rest).hexdigest()


def _moment(given: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(given))
    except ValueError as error:
        raise NotPolled(f"The day from which mails are read is no date: {given}", wait=REFUSED) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _wait(box: BaseMailBox, account: Account, stopping: Callable[[], bool]) -> Iterator[None]:
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
        wait = min(BEAT, left)
        begun = time.monotonic()
        news = bool(box.idle.poll(timeout=wait)) or time.monotonic() - begun < wait * 0.8
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


def _alive(box: BaseMailBox) -> None:
    status, lines = box.client.noop()
    if status != "OK":
        raise imaplib.IMAP4.error(*lines)
