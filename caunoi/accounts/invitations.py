"""Invitations: a signed link by which somebody without a password chooses one. It works once, until it is used, a newer
one is made or it has run out, and nothing secret is kept of it."""

from django.core import signing
from django.db import transaction

from caunoi.accounts.actions import choose_password
from caunoi.accounts.models import User
from caunoi.accounts.queries import digest
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only

SALT = "caunoi.invitation"
DAYS = 14


def waits(user: User) -> bool:
    """Whether somebody can be invited: an open account without a password."""
    return user.is_active and not user.has_usable_password()


def _mark(user: User) -> str:
    """Changes with the password, so that a link opens once."""
    return digest(user.password)[:16]


@transaction.atomic
def invite(user: User, *, by: Actor, anew: bool = True) -> str:
    """The token of a link for one person; `anew` ends the links that were made before. ValueError where the account is in
    use or closed."""
    administrators_only(by)
    if not waits(user):
        raise ValueError("in use")
    if anew:
        user.set_unusable_password()
        user.save(update_fields=["password"])
    record("person.invite", user, by=by, username=user.username)
    return signing.dumps([user.pk, _mark(user)], salt=SALT)


def invited(token: str) -> User | None:
    """Whom a token invites; None for a forged, used or old one."""
    try:
        pk, mark = signing.loads(token, salt=SALT, max_age=DAYS * 86400)
    except (signing.BadSignature, ValueError, TypeError):
        return None
    user = User.objects.filter(pk=pk).first()
    return user if user is not None and waits(user) and _mark(user) == mark else None


@transaction.atomic
def accept(token: str, password: str) -> User | None:
    """The invited person chooses a password; None where the link opens nothing any more."""
    user = invited(token)
    if user is None or not waits(User.objects.select_for_update().get(pk=user.pk)):
        return None
    choose_password(user, password, by=user.as_actor())
    return user
