"""What a request is, as admission.py asks: by its path, and by whom this process has seen to be staff. A stranger who
claims to be staff is none: a session or key counts after an answer to it proved it."""

from collections.abc import Iterable
from hashlib import blake2b
from time import monotonic

from django.conf import settings
from django.http import parse_cookie

from caunoi.limits.memory import Memory
from caunoi.web.admission import Lane
from caunoi.web.live import Message

PROVED = 3600.0  # seconds for which a session or key is taken for what it was
STAFF = frozenset("desk agency board setup quality procedures notices away drafts password after-login logout".split())
FOLLOW = frozenset("f j r l lookup recover invite first files health metrics".split())
REPORTS = frozenset("report app login near".split())


class Lanes:
    """Of one process."""

    def __init__(self) -> None:
        self._proved = Memory(5_000)

    def lane(self, scope: Message) -> Lane:
        first = _first(scope)
        if any(self._proved.read(key, monotonic()) for key in _claims(scope)):
            return (
                Lane.CALLS if scope["path"].startswith(("/desk/phone", "/desk/presence", "/desk/dial")) else Lane.STAFF
            )
        if first in FOLLOW or scope["path"].startswith("/api/v1/mine"):
            return Lane.FOLLOW
        if first in REPORTS or first in STAFF or (first in ("open311", "api") and scope["method"] == "POST"):
            return Lane.REPORTS
        return Lane.BROWSING

    def learn(self, scope: Message, status: int, location: bytes) -> None:
        """An answer of a page of the staff, or of the API, says whether whoever asked is who they claim to be."""
        first = _first(scope)
        good = status == 200 or (status in (302, 303) and not location.startswith(b"/login"))
        if good and (first in STAFF - {"drafts", "logout"} or (first == "api" and "/mine" not in scope["path"])):
            for key in _claims(scope, keys=first == "api"):
                self._proved.put(key, 1, monotonic() + PROVED)


def _first(scope: Message) -> str:
    """The first part of the path."""
    return str(scope["path"]).lstrip("/").partition("/")[0]


def _claims(scope: Message, *, keys: bool = True) -> Iterable[bytes]:
    """Digests of the session and the key that a request shows."""
    for name, value in scope["headers"]:
        if name == b"cookie" and (session := parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)):
            yield blake2b(b"session " + session.encode(), digest_size=16).digest()
        elif name == b"authorization" and keys:
            yield blake2b(b"key " + value, digest_size=16).digest()
