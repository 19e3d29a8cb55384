import secrets

from django.db import transaction
from django.utils.timezone import now

from caunoi.accounts.models import Key, User
from caunoi.accounts.queries import apps, digest
from caunoi.directory.models import Agency
from caunoi.events.actions import record
from caunoi.events.actor import Actor, Role


@transaction.atomic
def add_person(username: str, full_name: str, role: Role, *, by: Actor, agency: Agency | None = None) -> User:
    """A new account without a password; an administrator hands one out."""
    user = User(username=username, full_name=full_name, role=role, agency=agency)
    user.set_unusable_password()
    user.save()
    record("person.add", user, by=by, role=role)
    return user


@transaction.atomic
def issue_key(use: Key.Use, label: str, *, by: Actor, user: User | None = None, secret: str = "") -> str:
    """Make a key and return its secret, which is shown this once only."""
    secret = secret or secrets.token_urlsafe(24)
    key, _ = Key.objects.update_or_create(digest=digest(secret), defaults={"use": use, "label": label, "user": user})
    record("key.issue", key, by=by, use=use)
    apps.drop()
    return secret


@transaction.atomic
def revoke_key(key: Key, *, by: Actor) -> None:
    Key.objects.filter(pk=key.pk, revoked=None).update(revoked=now())
    record("key.revoke", key, by=by)
    apps.drop()
