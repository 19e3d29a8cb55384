"""Which addresses only read, and so are answered from a standby of the database (jobs/replica.py), beside the table of
who may come in (access.py).

Not from the standby is read by whoever has just written, or is signed in and has just seen, more than is there (a
cookie, or the header WRITTEN, says up to where); what a page loads by itself upon news, which must not be older than
the news; and when the standby lags. Who is signed in, the primary says. While there is no primary, all of that is read
from the standby, and the page says as of when it is."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import Error
from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.urls import Resolver404, resolve
from prometheus_client import Counter

from caunoi.directory.queries import option
from caunoi.jobs import away, replica
from caunoi.web.live import Message
from caunoi.web.signed_in import PASSIVE, user_while_away

PAGES = (
    "home lookup register ticket procedures procedure-suggestions procedure procedure-version follow joined privacy "
    "accessibility agencies agency channels manifest worker app app-icon favicon near feed widget widget-guide "
    "widget-script report-answered robots security-txt sitemap sitemap-pages sitemap-procedures sitemap-part areas "
    "points"
)
LOG = "log log-heads log-entries log-consistency log-key log-keys log-verifier log-ticket log-proof"
API = "open-tickets open-ticket open-dictionary procedures procedure-suggestions measures measure"
BOARD = "overview slow measures measure outlook ranking wall overdue explanations reminders satisfaction tickets ticket"
READS: frozenset[str] = frozenset(
    {
        *(f"citizen:{name}" for name in f"{PAGES} {LOG} open-data open-data-file".split()),
        *(f"board:{name}" for name in BOARD.split()),
        *(f"api:{name}" for name in API.split()),
        *(f"open311:{name}" for name in "discovery services service requests request token".split()),
        "picture",
    }
)
"""Names of views. What else they write down (a search, a visit) they do by `replica.note`."""
METHODS = ("GET", "HEAD")
COOKIE = "__Host-written" if settings.SECURE else "written"
WRITTEN, AS_OF = "X-Written", "X-As-Of"
SECONDS = 60  # for which a browser says how far it has written, or seen
MISSING = (403, 404)  # what is not there yet, or not yet allowed, may be on the primary
ASKS_PRIMARY = (b"authorization", WRITTEN.lower().encode(), PASSIVE.lower().encode())
_POSITION = re.compile(r"[0-9A-F]{1,16}")

ANSWERED = Counter("caunoi_reads", "Requests of addresses that only read, by where", ["at"])
for _at in ("standby", "primary", "again", "away"):
    ANSWERED.labels(_at)


def is_read(scope: Message) -> bool:
    """Whether a standby alone can answer: an address that only reads, asked by whoever is not signed in and has not
    lately written."""
    if scope["method"] not in METHODS or any(name in ASKS_PRIMARY for name, _value in scope["headers"]):
        return False
    cookies = b"".join(value for name, value in scope["headers"] if name == b"cookie")
    if any(f"{name}=".encode() in cookies for name in (settings.SESSION_COOKIE_NAME, COOKIE)):
        return False
    try:
        return resolve(scope["path"]).view_name in READS
    except Resolver404:
        return False


@dataclass(frozen=True, kw_only=True)
class AsOf:
    """There is no primary: what is shown is as of this moment, where it is known."""

    at: datetime | None


class Reader:
    """Where a request reads. Begun once its address is known, ended when its answer is made."""

    def __init__(self, request: HttpRequest) -> None:
        self.request = request
        self.as_of: AsOf | None = None
        self.is_standby = False  # it was answered from one
        self.remembers = False  # somebody signed in, who is not to see older pages after newer ones
        self._bind: replica.Bind | None = None

    @property
    def bound(self) -> bool:
        return self._bind is not None

    def begin(self) -> None:
        match = self.request.resolver_match
        if match is None or match.view_name not in READS or self.request.method not in METHODS:
            return
        self.bind()
        if self.bound and settings.SESSION_COOKIE_NAME in self.request.COOKIES:
            self._look_who()
        self.is_standby = self.bound
        ANSWERED.labels("away" if self.as_of else "standby" if self.bound else "primary").inc()

    def bind(self) -> None:
        """From here on this request reads from a standby, if there is one with which it may."""
        if replica.bound() or (bind := replica.new()) is None:
            return
        bind.begin()
        self._bind = bind
        try:
            fits = self._fits(bind)
        except Error as error:
            self.end()
            replica.standby.lose(error)
        else:
            if not fits:
                self.end()

    def _fits(self, bind: replica.Bind) -> bool:
        """Whether this request may be answered with what the standby has."""
        needs = needed(self.request)
        state = bind.replayed(needs)
        if replica.primary.is_away(state):
            self.as_of = AsOf(at=bind.catch_up(needs).at)
            return True
        if PASSIVE in self.request.headers or not state.is_current(needs):
            return False
        late = state.age is not None and state.age > option("replica_seconds")
        return not (late and replica.primary.is_ahead(state))

    def _look_who(self) -> None:
        """Who is signed in, before anybody asks within the bind."""
        if self.as_of is None:
            try:
                with replica.on_primary():
                    self.request.user.is_authenticated  # noqa: B018  who that is, is found out here
                return
            except Error as error:
                if not away.lost(error) or self._bind is None:
                    raise
                replica.primary.lose()
                self.as_of = AsOf(at=self._bind.replayed().at)
        self.request._cached_user = user_while_away(self.request)  # type: ignore[attr-defined]

    def end(self) -> None:
        """From here on this request reads from the primary."""
        bind, self._bind = self._bind, None
        if bind is not None:
            bind.end()

    def give_up(self, error: Exception | None = None) -> bool:
        """Whether the request is to be made again on the primary, and from here on it reads there: what only reads can
        be made again."""
        if not self.bound or self.as_of or not replica.is_apart():
            return False
        self.request.reading.end(error)  # type: ignore[attr-defined]
        self.end()
        self.is_standby = False
        ANSWERED.labels("again").inc()
        return True

    def finish(self, response: HttpResponse) -> None:
        """What an answer from the standby says of itself, and what of it is still to be read."""
        if self.as_of:
            response["Cache-Control"] = "no-store"
            if self.as_of.at:
                response[AS_OF] = self.as_of.at.isoformat(timespec="seconds")
            self.request.session.modified = False  # it cannot be kept
        if self.is_standby and isinstance(response, StreamingHttpResponse) and not isinstance(response, FileResponse):
            response.streaming_content = _bound(iter(response))


@contextmanager
def reading(request: HttpRequest) -> Iterator[None]:
    """The part of a request that only reads, of one that also writes."""
    reader = Reader(request)
    reader.bind()
    try:
        yield
    finally:
        reader.end()


def _bound(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Pieces of an answer that are read while they are sent."""
    bind = replica.new()
    while True:
        if bind is not None:
            bind.begin()
        try:
            piece = next(pieces, None)
        finally:
            if bind is not None:
                bind.end()
        if piece is None:
            return
        yield piece


def as_of(request: HttpRequest) -> AsOf | None:
    """As of when a page is, where there is no primary."""
    reader: Reader | None = getattr(request, "reads", None)
    return reader.as_of if reader else None


def needed(request: HttpRequest) -> int:
    """The position of the log up to which a reader has written; 0 for one who has not lately."""
    text = request.headers.get(WRITTEN) or request.COOKIES.get(COOKIE, "")
    return int(text, 16) if _POSITION.fullmatch(text) else 0


def tell_seen(request: HttpRequest, response: HttpResponse) -> None:
    """After a page for somebody who is signed in: their browser says with what it asks next how much it has seen."""
    reader: Reader = request.reads  # type: ignore[attr-defined]
    if not reader.remembers or reader.as_of or not replica.is_apart():
        return
    try:
        position = replica.seen()
    except Error:  # they have their page all the same
        return
    needs = needed(request)  # whoever did not know what they need was answered by the primary
    _set_cookie(response, f"{position if needs == replica.UNKNOWN else max(position, needs):X}")


def tell_written(request: HttpRequest, response: HttpResponse) -> None:
    """After something was committed: let the browser, or the program, say so with what it asks next."""
    if not replica.is_apart():
        return
    try:
        position = replica.written()
    except Error as error:  # it is committed all the same
        position = replica.UNKNOWN
        if away.lost(error):
            replica.primary.lose()
    text = f"{position:X}"
    response[WRITTEN] = text
    _set_cookie(response, text)


def _set_cookie(response: HttpResponse, text: str) -> None:
    response.set_cookie(COOKIE, text, max_age=SECONDS, httponly=True, secure=settings.SECURE, samesite="Lax")
