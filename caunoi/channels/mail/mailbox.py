"""A folder on an IMAP server, read continuously: each mail once, in order, waiting by IDLE where the server has it.

The cursor is {"validity", "uid", "since", "anew"}: UIDVALIDITY, the UID of the last stored mail, and when reading
began; before the first connection {"since"} alone, when the mailbox was set up, or nothing. UIDs only grow, so once
connected nothing depends on dates, flags or clocks. After a new UIDVALIDITY everything since the
beginning is read again, and stored mails are recognised by their receipts: up to the UID `anew` mails from before the
beginning are skipped. The folder is opened read-only unless mails are to be moved."""

import imaplib
import logging
import re
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any

from imap_tools import A, BaseMailBox
from imap_tools.errors import MailboxFolderSelectError
from imap_tools.utils import encode_folder

from caunoi.channels.base import Account, Parcel, PollingError
from caunoi.channels.mail.connection import incoming
from caunoi.channels.mail.imap import REFUSED, alive, connected, error_text, wait

log = logging.getLogger(__name__)

WHOLE = 30 * 1024 * 1024  # bytes; of a bigger mail the beginning is read
BATCH = 200  # mails whose sizes are asked for at once
SKEW = timedelta(hours=1)  # by which the server's clock may differ from ours
JUST_BEFORE = timedelta(minutes=1)  # the same where older mails are not ours to answer


def poll(
    cursor: Mapping[str, Any], account: Account, stopping: Callable[[], bool]
) -> Generator[Parcel | None, None, None]:
    """`Channel.poll` for one folder. One connection; it ends with an exception, or when `stopping` says so."""
    server = incoming(account)
    with connected(server) as box:
        place = _Place(box, account, cursor)
        yield place.begin()
        while not stopping():
            yield from place.new(stopping)
            yield from wait(box, account, stopping)
            alive(box)


class _Place:
    """Where we are in one folder, during one connection."""

    def __init__(self, box: BaseMailBox, account: Account, cursor: Mapping[str, Any]) -> None:
        self.box = box
        folder = str(account.config.get("folder") or "INBOX")
        self.target = str(account.config.get("move_to") or "")
        try:
            box.folder.set(folder, readonly=not self.target)
        except MailboxFolderSelectError as error:
            raise PollingError(f"The folder {folder} cannot be opened: {error_text(error)}", wait=REFUSED) from error
        self.validity = self._number("UIDVALIDITY")
        last = max(0, self._number("UIDNEXT") - 1)
        self.first = "validity" not in cursor
        first_day, begun = account.config.get("since"), cursor.get("since")
        since = first_day if first_day and self.first else begun
        self.since = _moment(since) if since else datetime.now(UTC)
        if cursor.get("validity") == self.validity:
            self.uid, self.anew = int(cursor.get("uid", 0)), int(cursor.get("anew", 0))
        elif first_day or not self.first:
            log.info("reading the folder anew, what came since %s", self.since)
            self.uid, self.anew = 0, last
        else:
            self.uid, self.anew = self._last_before(self.since - JUST_BEFORE, last) if begun else last, 0

    def _last_before(self, moment: datetime, last: int) -> int:
        """The UID of the last mail that the server had before this moment; `last`: of the last one that it has."""
        day = moment.date() - timedelta(days=1)  # the server's days are those of its own time
        uids = sorted(map(int, self.box.uids(A(date_gte=day), charset=None)))
        for start in range(0, len(uids), BATCH):
            facts = self._facts(uids[start : start + BATCH])
            if later := [uid for uid, (_size, received) in facts.items() if received >= moment]:
                return min(later) - 1
        return last

    def _number(self, name: str) -> int:
        _, values = self.box.client.response(name)
        if not values or values[0] is None:
            if name == "UIDNEXT":
                return max([int(uid) for uid in self.box.uids("ALL", charset=None)], default=0) + 1
            raise PollingError(f"The mail server does not tell {name}.")
        return int(values[0])

    def cursor(self, uid: int) -> Mapping[str, Any]:
        return {"validity": self.validity, "uid": uid, "since": self.since.isoformat(), "anew": self.anew}

    def begin(self) -> Parcel | None:
        """Record where the very first reading starts, before anything comes."""
        return Parcel(external_id="", cursor=self.cursor(self.uid)) if self.first else None

    def new(self, stopping: Callable[[], bool]) -> Iterator[Parcel | None]:
        """All that has come since, in order."""
        listing = self.box.uids(f"UID {self.uid + 1}:*", charset=None)  # the last one even when it is not that new
        uids = sorted(uid for uid in map(int, listing) if uid > self.uid)
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
            words = error_text(imaplib.IMAP4.error(*lines))
            if re.search(r"\[(?:UNAVAILABLE|INUSE|LIMIT)\]", words, re.I):
                raise imaplib.IMAP4.error(words)
            log.warning("mail %s cannot be fetched: %s", uid, words)
            return None
        return next((bytes(line[1]) for line in lines if isinstance(line, tuple)), None)

    def _move(self, uid: int) -> None:
        """Into the folder for read mails; a failure here must not keep us from reading."""
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
            log.warning("mail %s cannot be moved: %s", uid, error_text(imaplib.IMAP4.error(*lines)))


def identity(data: bytes) -> str:
    """What makes a mail the same when it is delivered or fetched again, and different when somebody copies its
    Message-ID: the fields that its author set, and its body; not what servers on the way added."""
    head, _, rest = data.replace(b"\r\n", b"\n").partition(b"\n\n")
    fields = re.findall(rb"^(?:message-id|from|date|subject|to)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*", head, re.M | re.I)
    return sha256(b"\n".join(sorted(fields)) + b"\n\n" + rest).hexdigest()


def _moment(value: object) -> datetime:
    try:
        at = datetime.fromisoformat(str(value))
    except ValueError as error:
        raise PollingError(f"The day from which mails are read is no date: {value}", wait=REFUSED) from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
