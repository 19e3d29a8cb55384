"""Reports being written by people without an account."""

import hashlib
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.utils.timezone import now

from caunoi.conversations.models import Draft

DRAFT_DAYS = 7
PERSONAL = frozenset(
    {"name", "phone", "email", "consent", "consent_version"}
)  # what no other browser is shown or handed


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest() if browser else ""


def owns_draft(browser: str, draft: Draft) -> bool:
    """Whether a draft was begun by the browser with this secret, which is marked by it as one that keeps cookies."""
    if not browser or draft.browser != _digest(browser):
        return False
    if not draft.returned:
        draft.returned = True
        Draft.objects.filter(pk=draft.pk).update(returned=True)
    return True


def begin_draft(browser: str, data: Mapping[str, Any]) -> Draft:
    """A new draft of this browser, under an address that nobody can have prepared."""
    return Draft.objects.create(token=secrets.token_urlsafe(18), browser=_digest(browser), data=dict(data))


def copy_draft(draft: Draft, browser: str) -> Draft:
    """A draft's content, except who reports it, as a new draft of this browser."""
    return begin_draft(browser, {k: v for k, v in draft.data.items() if k not in PERSONAL})


def save_draft(draft: Draft, data: Mapping[str, Any]) -> None:
    """Save a report as far as it has come."""
    if not draft.sent:
        draft.data, draft.touched = {**draft.data, **data}, now()
        draft.save(update_fields=["data", "touched"])


def end_draft(draft: Draft) -> None:
    """The draft has become a ticket: forget its content."""
    Draft.objects.filter(pk=draft.pk).update(sent=True, data={}, touched=now())


def forget_drafts() -> int:
    """Drafts that nobody finished are deleted."""
    return Draft.objects.filter(touched__lt=now() - timedelta(days=DRAFT_DAYS)).delete()[0]
