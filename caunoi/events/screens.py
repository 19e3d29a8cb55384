"""Notifies open screens that something changed, once it is committed: ids only, which a page then asks for."""

import json
from collections.abc import Iterable

from django.db import connection

CHANNEL = "caunoi_live"


def tell_screens(messages: Iterable[dict[str, object]]) -> None:
    """`to`: whose screens; `event` and `id`: what changed."""
    payloads = [json.dumps(message, separators=(",", ":")) for message in messages]
    if payloads:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_notify(%s, payload) FROM unnest(%s::text[]) AS payload", [CHANNEL, payloads])
