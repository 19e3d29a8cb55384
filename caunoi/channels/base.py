"""What a channel is to us: it turns the provider's words into ours and ours into the provider's. Pure: it gets what it
needs as arguments, keeps nothing, and knows neither tickets nor Django.

An adapter is one file `adapters/<key>.py` with one subclass of Channel; its proof is the provider's recorded calls in
`tests/channels/calls/<key>/*.json`, run by one contract test.
"""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
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
    """One thing that came in, before anybody understands it: it becomes one receipt. `raw` is JSON; `blob` bytes too
    big or too odd for JSON (a mail), kept as a file; `cursor` where a poll goes on from once this one is kept."""

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


@dataclass(frozen=True, kw_only=True)
class Place:
    """Degrees WGS 84, and what the sender calls it."""

    latitude: float
    longitude: float
    label: str = ""


@dataclass(frozen=True, kw_only=True)
class Media:
    """Something that is no text: to be had at `url` (for a short time) or here as `content`."""

    kind: str  # image | video | audio | file | sticker
    url: str = ""
    content: bytes | None = None
    name: str = ""
    content_type: str = ""


@dataclass(frozen=True, kw_only=True)
class Inbound:
    """What somebody said, in our words. `sender` is their address on this channel; `thread` an address of the thread
    where it differs (a comment's post); `refers` the provider's id of the message that is answered, edited or reported
    on, `mentions` further ones (References); `phone` is E.164 and only one that the provider has verified, `claims` one
    that the sender merely says. DELIVERED or READ without `refers` is of all that was sent to `sender` until `at`."""

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
    """What we say to somebody. `id` is ours and the same in every try; `heard` when they last wrote, `answers` the id of
    the message answered, `since` how many we sent after it; `template` an approved template's name with its values."""

    id: str
    to: str
    text: str
    subject: str = ""
    thread: str = ""
    answers: str = ""
    mentions: Sequence[str] = ()
    heard: datetime | None = None
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


class Forged(Exception):
    """A call that does not come from the provider: answered 403, counted, not kept."""


class Unreadable(Exception):
    """A receipt that cannot be understood; the words say why, to an administrator."""


class NotSent(Exception):
    """The provider did not take it. `retry`: worth trying again, after `wait` seconds if it said so. `code` network,
    limit, token and setup concern the whole inbox."""

    def __init__(self, reason: str, *, retry: bool = False, wait: float | None = None, code: str = "") -> None:
        super().__init__(reason)
        self.retry, self.wait, self.code = retry, wait, code


class Unsure(NotSent):
    """It was handed over and no answer came: it may have arrived, so only what does no harm twice is sent again."""

    def __init__(self, reason: str, *, code: str = "") -> None:
        super().__init__(reason, retry=True, code=code)


class TokenExpired(NotSent):
    """The access token is no longer good: renew, then try again."""

    def __init__(self, reason: str, *, code: str = "token") -> None:
        super().__init__(reason, retry=True, code=code)


class WindowClosed(NotSent):
    """The provider lets us write to them in no such way any more: fall back to another."""


class NotPolled(Exception):
    """The provider does not let us read; the words tell an administrator why. `wait`: seconds until the next try."""

    def __init__(self, reason: str, *, wait: float | None = None) -> None:
        super().__init__(reason)
        self.wait = wait


class Channel:
    """One way by which people reach the hotline. Subclasses give `key`, `label`, `needs` and what they can do."""

    key: ClassVar[str]
    label: ClassVar[str]
    needs: ClassVar[Sequence[Need]] = ()
    webhook: ClassVar[bool] = False  # has `receive`
    polls: ClassVar[bool] = False  # has `poll`
    sends: ClassVar[bool] = False  # has `send`
    renews: ClassVar[bool] = False  # has `renew`
    idempotent: ClassVar[bool] = False  # the provider (or the recipient) drops a second sending of the same Outbound.id

    def answer(self, request: Request, account: Account) -> Reply | None:
        """A challenge answered; None when the request is none. Forged."""
        return None

    def receive(self, request: Request, account: Account) -> Sequence[Parcel]:
        """Check that the provider sent it and take it apart into what must be kept. Forged. No network, no waiting."""
        raise NotImplementedError

    def read(self, raw: Any, account: Account, blob: bytes | None = None) -> Sequence[Inbound]:
        """Understand a receipt; nothing for what does not concern us (own echoes, list mail). Unreadable. No network."""
        raise NotImplementedError

    def fetch(self, media: Media, account: Account, *, most: int) -> bytes:
        """The bytes of something sent, at most `most`. NotSent (retry or not); Unreadable when it is too big."""
        raise NotImplementedError

    def ready(self, account: Account) -> bool:
        """Whether enough is set up to send."""
        return True

    def window(self, outbound: Outbound, account: Account, now: datetime) -> Window:
        """How the provider lets us send this now."""
        return Window.FREE

    def repeatable(self, account: Account) -> bool:
        """Whether a second sending of the same Outbound.id does no harm."""
        return self.idempotent

    def renewable(self, account: Account) -> bool:
        """Whether there is enough to `renew` with."""
        return self.renews

    def send(self, outbound: Outbound, account: Account) -> Sent:
        """Hand it to the provider once. NotSent, Unsure, TokenExpired, WindowClosed."""
        raise NotImplementedError

    def renew(self, account: Account, now: datetime) -> Mapping[str, Any]:
        """New secrets instead of those that run out, with "until" (RFC 3339) when these do. The caller holds the lock and
        saves them in one step. NotSent."""
        raise NotImplementedError

    def poll(
        self, cursor: Mapping[str, Any], account: Account, stopping: Callable[[], bool]
    ) -> Generator[Parcel | None, None, None]:
        """What has come in since `cursor`, for ever, waiting at the provider; None now and then as a sign of life. Each
        parcel carries the cursor to go on from and is kept before the next is asked for. NotPolled, or whatever the
        network raises: the caller calls again, later."""
        raise NotImplementedError
