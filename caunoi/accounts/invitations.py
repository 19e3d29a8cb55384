"""Invitations: a signed link by which somebody without a password chooses one. It works once, until it is used,
expires or a newer one is made, and nothing secret is stored."""

from typing import Any

from django.conf import settings
from django.core import signing
from django.db import transaction

from caunoi.accounts.actions import choose_password, end_custody
from caunoi.accounts.models import User
from caunoi.accounts.queries import mark
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only

SALT = "caunoi.invitation"
DAYS = 14


def waits(user: User) -> bool:
    """Whether somebody's link opens: an open account without a password."""
    return user.is_active and not user.has_usable_password()


def can_be_invited(user: User) -> bool:
    """An open account whose owner has chosen no password yet."""
    return waits(user) or (user.is_active and user.one_time)


@transaction.atomic
def invite(user: User, *, by: Actor, anew: bool = True, way: str = "") -> str:
    """The token of a link for one person; `anew` ends earlier links, and a one-time password ends in any case. `way`:
    the channel that it will be sent by, for the record. ValueError where the account is in use or closed."""
    administrators_only(by)
    if not can_be_invited(user):
        raise ValueError("in use")
    if not way:  # whoever makes it holds it
        end_custody(user, by=by)
    if anew or user.one_time:
        user.take_password(None)
    sent: dict[str, Any] = {"way": way} if way else {}
    record("person.invite", user, by=by, username=user.username, **sent)
    return _token(user)


def _token(user: User) -> str:
    return signing.dumps([user.pk, mark(user)], salt=SALT)


def link(pk: int) -> str | None:
    """The address at which somebody who was invited chooses a password; None when they have chosen one, or left."""
    user = User.objects.filter(pk=pk).first()
    return f"{settings.STAFF_URL}/invite/{_token(user)}" if user is not None and waits(user) else None


def invited(token: str) -> User | None:
    """The user a token invites; None when it is forged, used or expired."""
    try:
        pk, signed = signing.loads(token, salt=SALT, max_age=DAYS * 86400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk).first()
    return user if user is not None and waits(user) and signed == mark(user) else None


@transaction.atomic
def accept(token: str, password: str) -> User | None:
    """The invited person chooses a password; None where the link no longer works."""
    user = invited(token)
    if user is None or not waits(User.objects.select_for_update().get(pk=user.pk)):
        return None
    choose_password(user, password, by=user.as_actor())
    return user
