"""Accounts that nobody uses are closed by the product, and opened again by an administrator; the list of all accounts
is reviewed twice a year."""

from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.actions import close
from caunoi.accounts.models import User
from caunoi.accounts.queries import unused
from caunoi.directory.queries import option
from caunoi.events.actor import SYSTEM, Actor, Role, administrators_only
from caunoi.events.models import Event


@transaction.atomic
def close_unused() -> int:
    """Close the accounts that nobody used for the option `unused_days`; how many. One administrator who has signed in
    always stays: the one who was here last."""
    days = int(option("unused_days"))
    if not days:
        return 0
    rows = unused(now() - timedelta(days=days))
    closing = {user.pk for user in rows}
    real = User.objects.filter(role=Role.ADMIN, is_active=True, removed=None, demo=False, last_login__isnull=False)
    if not real.exclude(pk__in=closing).exists():
        administrators = [user for user in rows if user.role == Role.ADMIN]
        if administrators:
            closing.discard(max(administrators, key=_came_last).pk)
    for user in rows:
        if user.pk in closing:
            close(user, by=SYSTEM, reason="unused", days=days)
            User.objects.filter(pk=user.pk).update(disuse=True)
    return len(closing)


def _came_last(user: User) -> tuple[bool, datetime, int]:
    return user.last_login is not None, user.last_login or user.date_joined, user.pk


def review(count: int, *, by: Actor) -> None:
    """An administrator has looked through the list of all accounts."""
    administrators_only(by)
    Event.objects.create(
        at=now(), kind="people.review", subject="people", subject_id=0, **by.signature, data={"count": count}
    )


def last_review() -> datetime | None:
    return Event.objects.filter(kind="people.review").order_by("-id").values_list("at", flat=True).first()
