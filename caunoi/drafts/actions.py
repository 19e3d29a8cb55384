"""Drafts are saved as people type, and end in the transaction that does what they were typed for."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.drafts import queries
from caunoi.drafts.models import Draft, Sending

LIFE = timedelta(days=7)
SENT = timedelta(days=2)  # nobody presses the button of an older page


def _lock(user_id: int, once: str) -> None:
    """Saving a form's draft and sending that form wait for one another."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [f"draft:{user_id}:{once}"])


class EditedElsewhereError(Exception):
    """The same person has written into the same form in another window since this one was opened."""


@transaction.atomic
def keep(
    user_id: int, about: str, form: str, fields: Mapping[str, Any], *, once: str, opened: datetime, window: str = ""
) -> bool:
    """Keep what a person has typed so far into the form `once`, or forget it when nothing is left. True when others
    should hear of it: somebody began or stopped writing. What arrives after the form was sent is not kept; Elsewhere,
    when it would take the place of what another window wrote after this one was `opened`."""
    _lock(user_id, once)
    if queries.sending(user_id, once):
        return False
    before = Draft.objects.filter(user=user_id, about=about, form=form).first()
    if before and window and before.window not in ("", window) and before.at > opened:
        raise EditedElsewhereError
    if not fields:
        return before is not None and bool(before.delete())
    at = now()
    row = Draft(user_id=user_id, about=about, form=form, fields=dict(fields), at=at, window=window)
    Draft.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["user", "about", "form"], update_fields=["fields", "at", "window"]
    )
    return before is None or before.at < at - queries.WRITING


def begin(user_id: int, once: str) -> str | None:
    """Before a form is acted upon, in the transaction of the act: where it led when it was sent before, else None. A
    second press waits here until the first is done."""
    _lock(user_id, once)
    before = queries.sending(user_id, once)
    return before.led_to if before else None


@transaction.atomic
def finish(
    user_id: int, about: str, form: str, *, once: str, opened: datetime, window: str = "", led_to: str = ""
) -> bool:
    """The form was sent and done: its draft ends with it, but not what another window has written since this one was
    `opened`. True when there was one."""
    Sending.objects.create(user_id=user_id, once=once, led_to=led_to)
    own = Q(window__in=("", window)) | Q(at__lte=opened)
    mine = Draft.objects.filter(user=user_id, about=about, form=form)
    return bool((mine.filter(own) if window else mine).delete()[0])


def forget(user_id: int, about: str) -> None:
    """Delete a person's drafts about something."""
    Draft.objects.filter(user=user_id, about=about).delete()


def forget_old() -> None:
    """Delete drafts nobody came back to for a week, and the marks of forms sent long ago."""
    Draft.objects.filter(at__lt=now() - LIFE).delete()
    Sending.objects.filter(at__lt=now() - SENT).delete()
