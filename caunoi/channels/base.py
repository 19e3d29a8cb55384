"""What a channel is to us: it translates the provider's words into ours and ours into the provider's. Pure: it gets
what it needs as arguments, stores nothing, and knows neither tickets nor Django.

A channel is one file `adapters/<key>.py` with one subclass of Channel, which declares all that others need to know of
it; there is no list of channels. The proof of what speaks to a provider is its recorded calls in
`tests/channels/calls/<key>/*.json`, run by one contract test.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Any, ClassVar

import httpx


@dataclass(frozen=True, kw_only=True)
class Need:
    """One setting an inbox must give; the setup form is drawn from it. `label` and `help` are English msgids."""

    name: str
    label: str
    help: str = ""
    secret: bool = False  # shown to nobody again once saved
    required: bool = True
    default: str = ""
    kind: str = "text"  # text | long (several lines) | url | number | email | choice | switch
    choices: Sequence[str] = ()


@dataclass(frozen=True, kw_only=True)
class Account:
    """One inbox as an adapter sees it: what was set up, and a client to reach the provider with."""

    name: str
    config: Mapping[str, Any] = field(default_factory=dict)
    secrets: Mapping[str, Any] = field(default_factory=dict)
    http: httpx.Client


@dataclass(frozen=True, kw_only=True)
class Request:
    """What a provider sends us, byte for byte; header names in lower case."""

    method: str = "POST"
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, kw_only=True)
class Reply:
    """What a provider wants to hear at once."""

    status: int = 200
    body: str = ""
    content_type: str = "text/plain; charset=utf-8"


@dataclass(frozen=True, kw_only=True)
class Parcel:
    """One thing that came in, not interpreted yet: it becomes one receipt. `raw` is JSON; `blob` bytes too big or too
    odd for JSON (a mail), stored as a file; `cursor` where a poll goes on once this one is stored."""

    external_id: str  # the provider's message id, else the SHA-256 of the raw body; empty: only the cursor moves
    raw: Any = None
    blob: bytes | None = None
    cursor: Mapping[str, Any] | None = None


class Does(StrEnum):
    """What an inbound thing is about."""

    SAY = "say"  # somebody says something
    EDIT = "edit"  # … says it otherwise: `refers` is the message
    REMOVE = "remove"  # … takes it back
    INTRODUCE = "introduce"  # … gives name, phone: no words
    DELIVERED = "delivered"  # of something we sent: `refers` is its external id
    READ = "read"
    BOUNCED = "bounced"
    FORGET = "forget"  # … wants everything about them to be erased: the provider passes it on


@dataclass(frozen=True, kw_only=True)
class Place:
    """Degrees WGS 84, and what the sender calls it."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Media:
    """A file, either behind `url` (for a short time) or here as `content`."""

    kind: str  # image | video | audio | file | sticker
    url: str = ""
    content: bytes | None = None
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """One thing that somebody wrote, in our words. `sender` is their address on this channel; `thread` an address of
    the thread where it differs (a comment's post); `refers` the provider's id of the message that is answered, edited
    or reported on, `mentions` further ones (References); `phone` is E.164 and only one that the provider has verified,
    `claims` one that the sender merely states. DELIVERED or READ without `refers` covers all that was sent to `sender`
    until `at`."""

    does: Does = Does.SAY
    external_id: str = ""
    sender: str
    thread: str = ""
    name: str = ""
    phone: str = ""
    claims: str = ""
    email: str = ""
    at: datetime
    subject: str = ""
    text: str = ""
    quoted: str = ""  # earlier words and signatures, folded away
    media: Sequence[Media] = ()
    place: Place | None = None
    refers: str = ""
    mentions: Sequence[str] = ()
    public: bool = False  # said in the open, e.g. a comment under a post
    extra: Mapping[str, Any] = field(default_factory=dict)


class Window(StrEnum):
    """How the provider lets us write to somebody now."""

    FREE = "free"
    PAID = "paid"  # or with a special tag
    TEMPLATE = "template"  # only an approved template, to a phone number
    CLOSED = "closed"


@dataclass(frozen=True, kw_only=True)
class Outbound:
    """What we say to somebody. `id` is ours and the same in every try; `last_received` when they last wrote, `answers`
    the id of the message answered, `since` how many we sent after it; `template` an approved template's name with its
    values."""

    id: str
    to: str
    text: str
    subject: str = ""
    thread: str = ""
    answers: str = ""
    mentions: Sequence[str] = ()
    last_received: datetime | None = None
    since: int = 0
    window: Window = Window.FREE
    template: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    phone: str = ""  # E.164
    files: Sequence[Media] = ()
    automatic: bool = False  # written by nobody: a notice


@dataclass(frozen=True, kw_only=True)
class Sent:
    """The provider took it. `external_id` is its name for it, if it says one."""

    external_id: str = ""


class ForgedError(Exception):
    """A call that does not come from the provider: answered with 403, counted, not stored."""


class UnreadableError(Exception):
    """A receipt that makes no sense to us; the message tells an administrator why."""


class DeliveryError(Exception):
    """The provider did not take it. `retry`: worth trying again, after `wait` seconds if it said so. `code` network,
    limit, token and setup concern the whole inbox."""

    def __init__(self, reason: str, *, retry: bool = False, wait: float | None = None, code: str = "") -> None:
        super().__init__(reason)
        self.retry, self.wait, self.code = retry, wait, code


class UncertainDeliveryError(DeliveryError):
    """The provider got it and never answered: it may have arrived, so it is sent again only where a second one does no
    harm."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(reason, retry=True, code=code)


class TokenExpiredError(DeliveryError):
    """The access token is no longer valid: renew, then try again."""

    def __init__(self, reason: str, *, code: str = "token") -> None:
        super().__init__(reason, retry=True, code=code)


class WindowClosedError(DeliveryError):
    """The provider does not let us write to them this way any more: fall back to another."""


class PollingError(Exception):
    """The provider does not let us read; the message tells an administrator why. `wait`: seconds until the next try."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Reach(StrEnum):
    """How we write back to whoever came by a channel."""

    CHAT = "chat"  # in the thread where they wrote
    SMS = "sms"  # at any mobile number, thread or none
    MAIL = "mail"  # at any e-mail address, thread or none
    PAGE = "page"  # on the page of their own report
    CALL = "call"  # by voice


class Rule(StrEnum):
    """What the quality of a channel is judged by."""

    SIGNATURE = "signature"  # one changed byte of a call is refused as forged
    WINDOW = "window"  # what the provider lets us send, and when, is kept to
    REPLAY = "replay"  # what comes twice is one
    FULL_DISK = "full disk"  # what cannot be kept is not acknowledged
    CONTRACT_TEST = "contract test"  # recorded calls of the provider are understood
    RUNBOOK = "runbook"  # what to set up, and what can go wrong


@dataclass(frozen=True)
class Done:
    """The rule is met; `proof` is a test (`tests/….py::test_…`), a folder of recorded calls or a part of a document
    (`docs/….md#heading`), from the checkout or, for a channel from elsewhere, beside its file."""

    proof: str


@dataclass(frozen=True)
class Exempt:
    """A rule does not apply."""

    reason: str


class Channel:
    """One way by which people reach the hotline. Subclasses declare what it is and can do; registry.py checks that
    nothing is missing."""

    key: ClassVar[str]  # as tickets, the API, addresses and open data name it; never changed
    label: ClassVar[str]  # as pages, papers and statistics call it; an English msgid
    icon: ClassVar[str]  # of assets/icons.txt
    rank: ClassVar[int] = 100  # where it stands in lists, the lowest first
    reach: ClassVar[Reach]
    quality: ClassVar[Mapping[Rule, Done | Exempt]]
    needs: ClassVar[Sequence[Need]] = ()
    windows: ClassVar[Mapping[Window, timedelta | None]] = MappingProxyType({Window.FREE: None})
    """How one may be written to so long after one's last word; None: for ever. In the order of time."""
    by_hand: ClassVar[bool] = True  # the staff may write down what came by it
    words: ClassVar[Mapping[str, str]] = MappingProxyType({})
    """Vietnamese of the English of `label` and `needs`, for a channel that is not in caunoi/locale."""
    largest: ClassVar[int] = 4 * 1024 * 1024  # bytes of one call of its provider; larger ones are forged
    aliases: ClassVar[Sequence[str]] = ()  # what lists of old systems call it, our own word first
    webhook: ClassVar[bool] = False  # has `receive`
    polls: ClassVar[bool] = False  # has `poll`
    sends: ClassVar[bool] = False  # has `send`
    renews: ClassVar[bool] = False  # has `renew`
    idempotent: ClassVar[bool] = False  # the provider (or the recipient) drops a second sending of the same Outbound.id

    @property
    def reads(self) -> bool:
        """Whether people write by it: what comes in is read as messages."""
        return self.webhook or self.polls

    @property
    def chat(self) -> bool:
        """Whether people write line by line, so that a single word may be a command: a code to follow, a grade."""
        return self.reads and self.reach in (Reach.CHAT, Reach.SMS)

    def answer(self, request: Request, account: Account) -> Reply | None:
        """The answer to a challenge; None when the request is none. ForgedError."""
        return None

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        """Check that the provider sent it and take it apart into what must be kept. ForgedError. No network, no
        waiting."""
        raise NotImplementedError

    def acknowledge(self, request: Request, account: Account, pages: str) -> Reply | None:
        """What the provider wants to hear once what it sent is stored; None: only that it is. Below the address `pages`
        people read how their requests about their data stand, by the code that we give them."""
        return None

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        """Interpret a receipt; nothing for what does not concern us (own echoes, list mail). UnreadableError. No
        network."""
        raise NotImplementedError

    def fetch(self, media: Media, account: Account, *, most: int) -> bytes:
        """The bytes of something sent, at most `most`. DeliveryError (retry or not); UnreadableError when it is too
        big."""
        raise NotImplementedError

    def ready(self, account: Account) -> bool:
        """Whether enough is set up to send."""
        return True

    def window(self, outbound: Outbound, account: Account, now: datetime) -> Window:
        """How the provider lets us send this now."""
        age = now - outbound.last_received if outbound.last_received else None
        lasting = (w for w, lasts in self.windows.items() if lasts is None or (age is not None and age <= lasts))
        return next(lasting, Window.CLOSED)

    def repeatable(self, account: Account) -> bool:
        """Whether sending the same Outbound.id twice does no harm."""
        return self.idempotent

    def renewable(self, account: Account) -> bool:
        """Whether the settings suffice to `renew`."""
        return self.renews

    def send(self, outbound: Outbound, account: Account) -> Sent:
        """Hand it to the provider once. DeliveryError, UncertainDeliveryError, TokenExpiredError, WindowClosedError."""
        raise NotImplementedError

    def renew(self, account: Account, now: datetime) -> Mapping[str, Any]:
        """New secrets in place of the expiring ones, with "until" (RFC 3339) when these expire. The caller holds the
        lock and saves them in one step. DeliveryError."""
        raise NotImplementedError

    def poll(
        self, cursor: Mapping[str, Any], account: Account, stopping: Callable[[], bool]
    ) -> Generator[Parcel | None, None, None]:
        """What has come in since `cursor`, endlessly, waiting at the provider; None now and then as a sign of life.
        Each parcel carries the cursor to go on from and is stored before the next is fetched. PollingError, or whatever
        the network raises: the caller calls again, later."""
        raise NotImplementedError
