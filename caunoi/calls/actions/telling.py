"""Notifies open screens that something about calls changed: ids only, once it is committed."""

from collections.abc import Iterable

from django.db import connection

from caunoi.calls.models import Call
from caunoi.events.screens import tell_screens

WAKE = "SELECT pg_notify('caunoi_bridge', %s)"


def tell_calls(rows: Iterable[Call]) -> None:
    """Whoever looks at the log, or at one of these calls."""
    tell_screens({"to": ["desk"], "event": "call", "id": row.pk} for row in rows)


def tell_ringing(user_ids: Iterable[int]) -> None:
    """Those on whose phone something began or stopped to ring or talk."""
    tell_screens({"to": [f"user:{pk}"], "event": "ring"} for pk in sorted(user_ids))


def tell_dial(user_id: int, pk: int) -> None:
    """Whoever asked for a click-to-call."""
    tell_screens([{"to": [f"user:{user_id}"], "event": "dial", "id": pk}])


def tell_callback(pk: int) -> None:
    """Whoever looks at the call-backs."""
    tell_screens([{"to": ["desk"], "event": "callback", "id": pk}])


def tell_presence(user_id: int) -> None:
    """Somebody came, went or paused; the bridge says it to the PBX."""
    tell_screens([{"to": ["desk"], "event": "presence", "id": user_id}])
    wake_bridge("presence")


def tell_link() -> None:
    """The PBX was lost or came back."""
    tell_screens([{"to": ["desk"], "event": "health"}])


def wake_bridge(why: str) -> None:
    """There is something to do for the bridge; one that is not there hears nothing."""
    with connection.cursor() as cursor:
        cursor.execute(WAKE, [why])
