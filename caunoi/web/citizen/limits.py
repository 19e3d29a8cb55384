"""How often one address may do what costs us: sending, looking up. Counted per process, forgotten with it."""

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest


def address(request: HttpRequest) -> str:
    """Where a request comes from: the peer, or whom a trusted proxy names."""
    peer: str = request.META.get("REMOTE_ADDR", "")
    if peer in settings.TRUSTED_PROXIES:
        return request.headers.get("X-Forwarded-For", peer).rsplit(",", 1)[-1].strip()
    return peer


def count(what: str, request: HttpRequest, *, seconds: int) -> None:
    key = _key(what, request)
    if not cache.add(key, 1, seconds):
        try:
            cache.incr(key)
        except ValueError:  # it ran out just now
            cache.set(key, 1, seconds)


def often(what: str, request: HttpRequest, most: int) -> bool:
    """Whether this address has done it as often as it may."""
    return int(cache.get(_key(what, request), 0)) >= most


def _key(what: str, request: HttpRequest) -> str:
    return f"{what}:{address(request)}".replace(" ", "")[:200]
