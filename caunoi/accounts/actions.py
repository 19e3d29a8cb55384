import secrets
from typing import Any

from django.db import transaction
from django.db.models import ProtectedError, Q
from django.utils.timezone import now

from caunoi.accounts.deputies import FOR
from caunoi.accounts.models import Deputy, Key, User
from caunoi.accounts.queries import apps, digest, exchanges, phones
from caunoi.directory.models import Agency
from caunoi.events.actions import amend, record
from caunoi.events.actor import AGENCY, Actor, Kind, NotAllowed, Role, administrators_only, kind_of
from caunoi.events.models import Event

PERSONAL = ("full_name", "phone", "email")
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread aloud


def _fits(role: str, agency: Agency | int | None) -> None:
    if (role in AGENCY) != (agency is not None):
        raise ValueError("agency")


@transaction.atomic
def add_person(
    username: str,
    full_name: str,
    role: Role,
    *,
    by: Actor,
    agency: Agency | None = None,
    phone: str = "",
    extension: str = "",
    email: str = "",
) -> User:
    """A new account without a password; `hand_password` gives it one. ValueError when an agency's person has none, or
    another one has, or for the name of what is no person; IntegrityError for a user name that is taken."""
    administrators_only(by)
    _fits(role, agency)
    if kind_of(username) is not Kind.PERSON or FOR in username:
        raise ValueError("username")
    user = User(
        username=username, full_name=full_name, role=role, agency=agency, phone=phone, extension=extension, email=email
    )
    user.set_unusable_password()
    user.save()
    record("person.add", user, by=by, username=username, role=role, agency=user.agency_id)
    return user


@transaction.atomic
def edit_person(user: User, *, by: Actor, **values: Any) -> Event | None:
    """Change name, phone, role or agency; it counts from the next click on. NotAllowed for one's own role: somebody
    must stay to undo it. ValueError like `add_person`."""
    administrators_only(by)
    role, agency = values.get("role", user.role), values.get("agency", user.agency_id)
    if user.pk == by.user_id and role != user.role:
        raise NotAllowed("own_role")
    _fits(role, agency)
    phones.drop()
    return amend("person.edit", user, values, by=by, personal=PERSONAL, username=user.username)


@transaction.atomic
def deactivate(user: User, *, by: Actor) -> Event | None:
    """Close an account: signed out at once, and its API keys open nothing. NotAllowed for one's own."""
    administrators_only(by)
    if user.pk == by.user_id:
        raise NotAllowed("own_account")
    return amend("person.deactivate", user, {"is_active": False}, by=by, username=user.username)


@transaction.atomic
def activate(user: User, *, by: Actor) -> Event | None:
    administrators_only(by)
    return amend("person.activate", user, {"is_active": True}, by=by, username=user.username)


def _remembered(user: User) -> bool:
    """Whether history holds the name: it would be another's if the name were free again."""
    if Deputy.objects.filter(Q(person=user) | Q(deputy=user)).exists():
        return True
    added = Event.objects.filter(kind="person.add", subject="user", subject_id=user.pk).order_by("id").first()
    since = Event.objects.filter(pk__gt=added.pk) if added else Event.objects.all()
    return since.filter(Q(by_user=user.pk) | Q(by=user.username) | Q(by__endswith=f"{FOR}{user.username}")).exists()


@transaction.atomic
def remove_person(user: User, *, by: Actor) -> bool:
    """Take back an account that nobody ever used, as if it had never been made; False when somebody did."""
    administrators_only(by)
    pk = user.pk
    if user.last_login or pk == by.user_id or user.keys.exists() or _remembered(user):
        return False
    try:
        with transaction.atomic():
            user.delete()
    except ProtectedError:
        return False
    user.pk = pk
    record("person.remove", user, by=by, username=user.username)
    phones.drop()
    return True


@transaction.atomic
def hand_password(user: User, *, by: Actor) -> str:
    """Make a password to hand out, shown this once only; its owner replaces it at the first sign-in."""
    administrators_only(by)
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    user.set_password(password)
    user.one_time = True
    user.save(update_fields=["password", "one_time"])
    record("person.hand_password", user, by=by, username=user.username)
    return password


@transaction.atomic
def rescue_administrator(username: str, *, by: Actor, full_name: str = "", email: str = "") -> User:
    """The account of this name as an open administrator's without a password, made where there is none. Whoever was
    signed in with it is not any more. Only for the product itself: for whoever can type commands on its machine."""
    if not by.has(Role.SYSTEM):
        raise NotAllowed("system_only")
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None:
        return add_person(username, full_name or username, Role.ADMIN, by=by, email=email)
    given = {"full_name": full_name, "email": email}
    changes = {name: value for name, value in given.items() if value}
    amend(
        "person.edit", user, {"role": Role.ADMIN, "agency": None, "is_active": True, **changes}, by=by,
        personal=PERSONAL, username=username,
    )  # fmt: skip
    user.set_unusable_password()
    user.one_time = False
    user.save(update_fields=["password", "one_time"])
    record("person.rescue", user, by=by, username=username)
    phones.drop()
    return user


@transaction.atomic
def choose_password(user: User, password: str, *, by: Actor) -> None:
    """One's own new password. NotAllowed for another's."""
    if user.pk != by.user_id:
        raise NotAllowed("own_account")
    user.set_password(password)
    user.one_time = False
    user.save(update_fields=["password", "one_time"])
    record("person.password", user, by=by, username=user.username)


@transaction.atomic
def issue_key(use: Key.Use, label: str, *, by: Actor, user: User | None = None, secret: str = "") -> str:
    """Make a key and return its secret, which is shown this once only."""
    administrators_only(by)
    secret = secret or secrets.token_urlsafe(24)
    key, _ = Key.objects.update_or_create(digest=digest(secret), defaults={"use": use, "label": label, "user": user})
    record("key.issue", key, by=by, use=use, label=label)
    apps.drop()
    exchanges.drop()
    return secret


@transaction.atomic
def revoke_key(key: Key, *, by: Actor) -> None:
    """The key opens nothing any more, and never again."""
    administrators_only(by)
    Key.objects.filter(pk=key.pk, revoked=None).update(revoked=now())
    record("key.revoke", key, by=by, label=key.label)
    apps.drop()
    exchanges.drop()
