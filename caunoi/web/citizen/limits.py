"""How often somebody may do what costs us: sending, looking up, uploading. Counted in the database, for all processes
and hosts (caunoi/limits); an address of IPv6 is its subscriber's network."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from caunoi.lib.network import place
from caunoi.limits import actions
from caunoi.limits.actions import Verdict


def address(request: HttpRequest) -> str:
    """Where a request comes from: the peer, or whom a trusted proxy names."""
    peer: str = request.META.get("REMOTE_ADDR", "")
    if peer in settings.TRUSTED_PROXIES:
        return request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip()
    return peer


def count(what: str, request: HttpRequest, *, seconds: int) -> None:
    """Count that this address has done it; the first begins a window of so many seconds."""
    actions.add(what, place(address(request)), seconds)


def often(what: str, request: HttpRequest, most: int) -> bool:
    """Whether this address has done it as often as it may. Then `retry_after` says when it may again."""
    return not _noted(request, actions.peek(what, place(address(request)), most)).allowed


def take(what: str, request: HttpRequest, subject: str = "") -> bool:
    """Count one more of a limit of limits/rates.py for a subject, else for this address; False when it is one too
    many."""
    return _noted(request, actions.take(what, subject or place(address(request)))).allowed


def take_share(what: str, request: HttpRequest) -> bool:
    """As `take` for this address, of what is asked so often that each process counts ahead."""
    return _noted(request, actions.take_share(what, place(address(request)))).allowed


def wait(request: HttpRequest) -> int:
    """The seconds after which what was refused may be done again; 0 when nothing was."""
    verdict: Verdict | None = getattr(request, "_refused", None)
    return verdict.wait if verdict else 0


def retry_after(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """The answer with Retry-After, when something was refused."""
    if seconds := wait(request):
        response["Retry-After"] = str(seconds)
    return response


def note(request: HttpRequest, verdict: Verdict) -> None:
    """What was refused elsewhere, for `wait` and `retry_after`."""
    _noted(request, verdict)


def _noted(request: HttpRequest, verdict: Verdict) -> Verdict:
    if not verdict.allowed:
        request._refused = verdict  # type: ignore[attr-defined]
    return verdict
