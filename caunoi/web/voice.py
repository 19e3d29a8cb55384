"""`/voice/…`: a telephone exchange asks what is true now, while a caller listens: what is said before waiting, where a
ticket stands, how an announcement sounds.

The key is the exchange's and opens nothing else. It is asked for in the body, so that no log has it, and works only
from this host or from the inbox' own exchange. An answer is one short line of letters and digits, or nothing: the
caller goes on to a person then. Of a ticket only a word is said, by the rules of the page on which people look one up:
the caller's number takes the place of the number that is typed there.
"""

import logging
import re
import socket
from collections.abc import Callable
from functools import wraps
from ipaddress import ip_address

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_POST
from prometheus_client import Counter

from caunoi.calls import menus, queries
from caunoi.calls.actions import sound_of
from caunoi.conversations.models import Inbox
from caunoi.lib.languages import MOTHER_TONGUE
from caunoi.lib.numbers import phone
from caunoi.telephony.waiting import expected_wait, minutes_said
from caunoi.tickets import lookups
from caunoi.tickets.lifecycle import RefusedError, State

FORGED = Counter("caunoi_voice_forged", "Requests at /voice/ that no exchange of ours has sent")
LONGEST_BODY = 2048  # bytes
DIGEST = re.compile(r"[0-9a-f]{64}")
WORDS = {
    State.NEW: "new",
    State.WAITING: "waiting",
    State.ANSWERED: "answered",
    State.CLOSED: "closed",
    State.REFUSED: "refused",
}  # all others: the work goes on

log = logging.getLogger(__name__)
type Answer = Callable[[HttpRequest], str]
type View = Callable[[HttpRequest], HttpResponse]


def _asked_by_exchange(answer: Answer) -> View:
    @csrf_exempt  # the key is the whole authority; no cookie is looked at
    @require_POST
    @wraps(answer)
    def view(request: HttpRequest) -> HttpResponse:
        box = _exchange(request)
        if box is None:
            FORGED.inc()
            return _line("", 403)
        return _line(answer(request))

    return view


def _line(text: str, status: int = 200) -> HttpResponse:
    response = HttpResponse(text, "text/plain", status)
    response["Cache-Control"] = "no-store"
    return response


def _text(request: HttpRequest, name: str, longest: int) -> str:
    """A field of the form, as a column could hold it."""
    return request.POST.get(name, "").replace("\0", "")[:longest]


def _exchange(request: HttpRequest) -> Inbox | None:
    """The inbox whose exchange asks; None for anybody else."""
    if int(request.META.get("CONTENT_LENGTH") or 0) > LONGEST_BODY:
        return None
    box = queries.box_of_live_key(request.POST.get("key", ""))
    return box if box and _is_near(request, str(box.config.get("host", ""))) else None


def _is_near(request: HttpRequest, host: str) -> bool:
    """Whether it comes straight from this host or from the exchange, and through no proxy."""
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        peer = ip_address(request.META.get("REMOTE_ADDR", ""))
        peer = getattr(peer, "ipv4_mapped", None) or peer
        if peer.is_loopback:
            return True
        exchanges = {ip_address(str(info[4][0]).split("%")[0]) for info in socket.getaddrinfo(host, None)}
    except (ValueError, OSError):
        return False
    return peer in exchanges


@_asked_by_exchange
def before(request: HttpRequest) -> str:
    """`MINUTES*DIGEST*PRIORITY*EXTENSION`: for how long about the next caller of a queue will wait; what is said of an
    incident to who chose a field; at which priority this caller enters the line; and the phone of the operator who
    knows them and is free. Each may be empty."""
    number = phone.parse(_text(request, "from", 20))
    caller = (number.e164 or "") if number else ""
    ahead, last = queries.line_priority(caller), queries.last_extension(caller)
    seconds = expected_wait(queries.queue_reading(_text(request, "queue", 80)))
    notice = menus.notice_for(_text(request, "field", 40))
    version = menus.latest(notice.prompt.name) if notice else None
    return f"{minutes_said(seconds) or ''}*{version.digest if version else ''}*{ahead or ''}*{last}"


@_asked_by_exchange
def ticket(request: HttpRequest) -> str:
    """Where the ticket of a caller stands, in a word (speaking.TICKET_STATES)."""
    try:
        row = lookups.find(_text(request, "code", 20), _text(request, "from", 20), "")
    except RefusedError:
        return "often"
    return WORDS.get(State(row.state), "working") if row else "unknown"


@_asked_by_exchange
def prompt(request: HttpRequest) -> str:
    """The digest of the sound of an announcement as it is now."""
    language = _text(request, "language", 3) or MOTHER_TONGUE
    version = menus.latest(_text(request, "prompt", 40), language)
    return version.digest if version else ""


@require_GET
def sound(request: HttpRequest, digest: str) -> HttpResponse:
    """A prompt's sound, which every caller may hear, by the digest of it."""
    version = menus.version_of(digest) if DIGEST.fullmatch(digest) else None
    if version is None:
        raise Http404
    response = HttpResponse(sound_of(version), "audio/wav")
    response["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
