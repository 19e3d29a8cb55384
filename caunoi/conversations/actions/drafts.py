"""Reports being written by people without an account."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from caunoi.conversations.models import Draft

DRAFT_DAYS = 7


def save_draft(token: str, data: Mapping[str, Any]) -> Draft:
    """Write down a report as far as it has come; without a token a new draft is begun."""
    draft, _ = Draft.objects.get_or_create(token=token or secrets.token_urlsafe(18))
    if not draft.sent:
        draft.data, draft.touched = {**draft.data, **data}, now()
        draft.save()
    return draft


def end_draft(draft: Draft) -> None:
    """The draft has become a ticket: forget what it said."""
    Draft.objects.filter(pk=draft.pk).update(sent=True, data={}, touched=now())


def forget_drafts() -> int:
    """Drafts that nobody finished are deleted."""
    return Draft.objects.filter(touched__lt=now() - timedelta(days=DRAFT_DAYS)).delete()[0]
