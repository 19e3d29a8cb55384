"""The passwords of an exchange, each phone's, the manager user's and its own: made once, sealed with the inbox'
secrets."""

import secrets
from typing import Any

from django.db import transaction

from caunoi.calls import queries
from caunoi.conversations.actions import edit_inbox
from caunoi.conversations.models import Inbox
from caunoi.events.actor import Actor


def _password() -> str:
    return secrets.token_urlsafe(18)


@transaction.atomic
def make_passwords(box: Inbox, *, by: Actor) -> Inbox:
    """Give every phone that has none a password, the manager user a secret, and the exchange a key by which it asks
    what is true now; those of phones that nobody has any more are forgotten. The inbox as it is then."""
    row = Inbox.objects.select_for_update().get(pk=box.pk)
    fresh: dict[str, Any] = {}
    if active := queries.active_of(row):
        make_passwords(active, by=by)  # a phone has the same at both
    else:
        stored = row.secrets.get("phones") or {}
        phones = {extension: stored.get(extension) or _password() for extension, _ in queries.telephones()}
        fresh |= {"phones": phones} if phones != stored else {}
    if not row.secrets.get("secret"):
        fresh["secret"] = _password()
    if not row.secrets.get("live_key"):
        fresh["live_key"] = _password()
    if fresh:
        edit_inbox(row, by=by, secrets=fresh)
        row.refresh_from_db()
    return row
