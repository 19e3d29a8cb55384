"""What programs may ask how often, and how they are told (RateLimit headers: draft-ietf-httpapi-ratelimit-headers-10,
read in a secondary source)."""

from typing import NoReturn

from django.http import HttpRequest, HttpResponse

from caunoi.limits.actions import Verdict, take, take_share
from caunoi.limits.rates import RATES


class TooManyError(Exception):
    """One more than the limit allows; it may be done again after `wait` seconds."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(f"Too often: wait {wait} seconds.")


def limit(request: HttpRequest, name: str, subject: str) -> None:
    """Count a request for a limit of limits/rates.py; its answer will carry what is left. TooManyError."""
    verdict = (take_share if RATES[name].by == "key" else take)(name, subject)
    request._verdict = (name, verdict)  # type: ignore[attr-defined]
    if not verdict.allowed:
        raise TooManyError(verdict.wait)


def refuse(request: HttpRequest, name: str, verdict: Verdict) -> NoReturn:
    """TooManyError for what was counted elsewhere; the answer says so, as for `limit`."""
    request._verdict = (name, verdict)  # type: ignore[attr-defined]
    raise TooManyError(verdict.wait)


def headers(request: HttpRequest, response: HttpResponse) -> None:
    """Say in the answer what the limit is and what is left of it."""
    noted: tuple[str, Verdict] | None = getattr(request, "_verdict", None)
    if noted is None:
        return
    name, verdict = noted
    response["RateLimit-Policy"] = f'"{name}";q={verdict.most};w={RATES[name].seconds}'
    response["RateLimit"] = f'"{name}";r={verdict.left};t={verdict.wait}'
    if not verdict.allowed:
        response["Retry-After"] = str(verdict.wait)
