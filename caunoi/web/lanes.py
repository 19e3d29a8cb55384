"""What a request is, as admission.py asks: by its path, and by whom this process has seen to be staff. A stranger who
claims to be staff is none: a session or key counts after the application has let somebody in by it, which it says by a
header of its answer that goes no further."""

import re
from collections.abc import Iterable
from hashlib import blake2b
from time import monotonic

from django.conf import settings
from django.http import parse_cookie

from caunoi.limits.memory import Memory
from caunoi.web.access import ADMITTED
from caunoi.web.admission import Lane
from caunoi.web.live import Message

PROVED = 3600.0  # seconds for which a session or key is taken for what it was
STAFF = frozenset("desk agency board setup quality procedures notices away drafts password after-login logout".split())
FOLLOW = frozenset("f j k r l lookup recover invite first files health metrics".split())
HEADER = ADMITTED.lower().encode()
REPORTS = frozenset("report app login near".split())
PROPOSALS = re.compile(r"/report/[^/]+/proposals")
"""What a form asks by itself takes no turn from who sends one."""


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
        if PROPOSALS.fullmatch(scope["path"]):
            return Lane.BROWSING
        if first in FOLLOW or scope["path"].startswith("/api/v1/mine"):
            return Lane.FOLLOW
        if first in REPORTS or first in STAFF or (first in ("open311", "api") and scope["method"] == "POST"):
            return Lane.REPORTS
        return Lane.BROWSING

    def learn(self, scope: Message, answer: Message) -> Message:
        """The beginning of an answer without what the application says of whoever asked, which is kept."""
        proofs = {value for name, value in answer["headers"] if name.lower() == HEADER}
        if not proofs:
            return answer
        for name, key in _named_claims(scope):
            if name in proofs:
                self._proved.put(key, 1, monotonic() + PROVED)
        return {**answer, "headers": [pair for pair in answer["headers"] if pair[0].lower() != HEADER]}


def _first(scope: Message) -> str:
    """The first part of the path."""
    return str(scope["path"]).lstrip("/").partition("/")[0]


def _claims(scope: Message) -> Iterable[bytes]:
    """Digests of the session and the key that a request shows."""
    return (key for _name, key in _named_claims(scope))


def _named_claims(scope: Message) -> Iterable[tuple[bytes, bytes]]:
    for name, value in scope["headers"]:
        if name == b"cookie" and (session := parse_cookie(value.decode("latin-1")).get(settings.SESSION_COOKIE_NAME)):
            yield b"session", blake2b(b"session " + session.encode(), digest_size=16).digest()
        elif name == b"authorization":
            yield b"key", blake2b(b"key " + value, digest_size=16).digest()
