"""The demo's passwords and keys are known to everybody: it answers only those at the machine itself.

It is not opened at other addresses at all (`caunoi up`, `web`, `live`). This is for a proxy, or a tunnel, that passes
others on to it."""

import ipaddress
import re
from collections.abc import Callable, Iterator

from django.conf import settings
from django.http import HttpRequest, HttpResponse

REFUSED = (
    "Bản dùng thử có mật khẩu ai cũng biết nên chỉ trả lời ngay trên máy chạy nó.\n"
    "The demo has passwords that everybody knows, so it answers only on the machine that it runs on.\n"
)
_FORWARDED = re.compile(r"for=\"?\[?([^;,\"\]]+)", re.I)


class DemoOnly:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if settings.DEMO and not all(_here(one) for one in _senders(request)):
            return HttpResponse(REFUSED, "text/plain; charset=utf-8", status=403)
        return self.get_response(request)


def _senders(request: HttpRequest) -> Iterator[str]:
    """Every address that a request says it comes from."""
    yield request.META.get("REMOTE_ADDR") or "127.0.0.1"  # none: a socket of this machine
    for name in ("X-Forwarded-For", "X-Real-IP"):
        yield from (one.strip() for one in request.headers.get(name, "").split(",") if one.strip())
    yield from _FORWARDED.findall(request.headers.get("Forwarded", ""))


def _here(address: str) -> bool:
    try:
        parsed = ipaddress.ip_address(address.strip("[] "))
    except ValueError:
        return False
    mapped = getattr(parsed, "ipv4_mapped", None)
    return (mapped or parsed).is_loopback
