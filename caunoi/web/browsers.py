"""What a browser sends of itself that wants to be notified (Web Push), or no longer."""

import json
from dataclasses import dataclass

from django.http import HttpRequest, JsonResponse
from django.http.request import RawPostDataException

LONGEST = 4000  # bytes


@dataclass(frozen=True, kw_only=True)
class BrowserWish:
    """A PushSubscription. `off`: to end it; `asks`: only whether it is there; `before`: the address that this browser
    had until now, where it has another."""

    endpoint: str
    p256dh: str
    auth: str
    before: str
    off: bool
    asks: bool


def browser_wish(request: HttpRequest) -> BrowserWish:
    """ValueError for what is no subscription."""
    try:
        sent = json.loads(request.body[:LONGEST])
        off, asks = bool(sent.get("off")), bool(sent.get("asks"))
        keys = {"p256dh": "", "auth": ""} if off or asks else sent["keys"]
        return BrowserWish(
            endpoint=str(sent["endpoint"]),
            p256dh=str(keys["p256dh"]),
            auth=str(keys["auth"]),
            before=str(sent.get("before") or ""),
            off=off,
            asks=asks,
        )
    except (KeyError, TypeError, AttributeError, RawPostDataException):  # the last of a form
        raise ValueError("subscription") from None


def standing(*, on: bool) -> JsonResponse:
    return JsonResponse({"on": on}, headers={"Cache-Control": "no-store"})


def refused() -> JsonResponse:
    return JsonResponse({"error": "no subscription that we can use"}, status=422)
