"""Unreadable marks of what was done from an address or with a number: enough to notice that it was done often, or by
somebody who works here, and not enough to say who. Keyed digests, forgotten after ⚙trace_days."""

import ipaddress
from datetime import datetime, timedelta

from django.utils.crypto import salted_hmac
from django.utils.timezone import now

from caunoi.directory.queries import option
from caunoi.lib.network import place as network
from caunoi.lib.network import unmapped
from caunoi.tickets.models import Device, Trace
from caunoi.vault.signing import secret_keys

SALT = "caunoi.traces"


def digest(kind: str, value: str) -> str:
    """What is stored of a value: the same for the same, and nothing to anybody without the installation's key."""
    return digests(kind, value)[0]


def digests(kind: str, value: str) -> list[str]:
    """The same, and what was stored of it under the keys before that are still accepted."""
    words = f"{kind} {value}"
    return [salted_hmac(SALT, words, secret=key, algorithm="sha256").hexdigest() for key in secret_keys()]


def place(address: str) -> str:
    """The network that an address belongs to (of IPv6 the subscriber's); empty for the machine itself, from which
    everybody comes where no proxy says more."""
    try:
        return "" if ipaddress.ip_address(address).is_loopback else network(address)
    except ValueError:
        return ""


def is_agency_network(address: str) -> bool:
    """Whether an address is in one of ⚙agency_networks."""
    if (parsed := unmapped(address)) is None:
        return False
    for text in str(option("agency_networks")).split(","):
        try:
            if parsed in ipaddress.ip_network(text.strip(), strict=False):
                return True
        except ValueError:
            continue
    return False


def leave(kind: str, value: str, *, at: datetime | None = None) -> None:
    """Mark that it was done."""
    if value:
        Trace.objects.create(digest=digest(kind, value), at=at or now())


def times(kind: str, value: str, within: timedelta) -> int:
    """How often it was done lately."""
    if not value:
        return 0
    return Trace.objects.filter(digest__in=digests(kind, value), at__gt=now() - within).count()


def forget() -> int:
    """Delete the marks that are older than they are kept; how many."""
    since = now() - timedelta(days=option("trace_days"))
    Device.objects.filter(at__lt=since).exclude(network="").update(network="")
    return Trace.objects.filter(at__lt=since).delete()[0]
