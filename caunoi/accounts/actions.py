import secrets
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.timezone import now

from caunoi.accounts import sessions
from caunoi.accounts.deputies import FOR
from caunoi.accounts.models import Deputy, Key, User
from caunoi.accounts.queries import DEMO_KEYS, apps, digest, exchanges, phones
from caunoi.directory.models import Agency
from caunoi.events.actions import amend, record
from caunoi.events.actor import AGENCY, Actor, Kind, NotAllowedError, Role, administrators_only, kind_of
from caunoi.events.models import Event
from caunoi.lib.tables import nearest

PERSONAL = ("full_name", "phone", "email")
ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"  # nothing that is misread aloud


class TakenError(ValueError):
    """The user name is somebody's, or was: user names are never used again."""


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
    """A new account without a password; `hand_password` gives it one. An account of the same person that was removed
    unused is theirs again. ValueError when an agency's person has no agency, or another one has, or for a name reserved
    for other actors; TakenError for a user name that is, or was, another's."""
    administrators_only(by)
    _fits(role, agency)
    if kind_of(username) is not Kind.PERSON or FOR in username:
        raise ValueError("username")
    same = User.objects.select_for_update().filter(username__iexact=username).order_by("-removed")  # none comes first
    user = same.first() or User(username=username)
    if user.pk and (user.removed is None or nearest.key(user.full_name) != nearest.key(full_name)):
        raise TakenError(username)
    user.full_name, user.role, user.agency, user.phone = full_name, role, agency, phone
    user.extension, user.email, user.is_active, user.removed = extension, email, True, None
    user.set_unusable_password()
    try:
        with transaction.atomic():
            user.save()
    except IntegrityError:  # another one was faster
        raise TakenError(username) from None
    record("person.add", user, by=by, username=username, role=role, agency=user.agency_id)
    return user


def end_custody(user: User, *, by: Actor) -> None:
    """Others hold a way into the account from now on, so it reads nothing any more of what was reported in
    confidence."""
    import_string(settings.END_CUSTODY)(user, by=by)


@transaction.atomic
def edit_person(user: User, *, by: Actor, **values: Any) -> Event | None:
    """Change name, phone, role or agency; it takes effect with the next click. Another e-mail or phone, by which a
    forgotten password is chosen anew, ends a custodianship. NotAllowedError for one's own role: somebody must stay to
    undo it. ValueError like `add_person`, and for another user name."""
    administrators_only(by)
    if "username" in values:
        raise ValueError("username")
    role, agency = values.get("role", user.role), values.get("agency", user.agency_id)
    if by.is_person(user.pk) and role != user.role:
        raise NotAllowedError("own_role")
    _fits(role, agency)
    phones.drop()
    if not by.is_person(user.pk) and any(values.get(name, was) != was for name, was in _contacts(user)):
        end_custody(user, by=by)
    event = amend("person.edit", user, values, by=by, personal=PERSONAL, username=user.username)
    if event is not None:
        sessions.renew_streams(user)
    return event


def _contacts(user: User) -> list[tuple[str, str]]:
    """As they stand in the database: a form may have changed them in `user` already."""
    row = User.objects.only("email", "phone").get(pk=user.pk)
    return [("email", row.email), ("phone", row.phone)]


@transaction.atomic
def deactivate(user: User, *, by: Actor) -> Event | None:
    """Close an account: signed out everywhere at once. NotAllowedError for one's own."""
    administrators_only(by)
    if by.is_person(user.pk):
        raise NotAllowedError("own_account")
    return close(user, by=by)


@transaction.atomic
def close(user: User, *, by: Actor, **why: Any) -> Event | None:
    """Close an account for whoever may: its sessions end at once, with their streams."""
    event = amend("person.deactivate", user, {"is_active": False}, by=by, username=user.username, **why)
    sessions.finish_all(user, sessions.Ending.CLOSED, by=by)
    phones.drop()
    return event


@transaction.atomic
def activate(user: User, *, by: Actor) -> Event | None:
    administrators_only(by)
    event = amend("person.activate", user, {"is_active": True}, by=by, username=user.username)
    User.objects.filter(pk=user.pk).update(disuse=False, opened=now())
    return event


def _remembered(user: User) -> bool:
    """Whether somebody acted by this account, or for whoever has it."""
    if Deputy.objects.filter(Q(person=user) | Q(deputy=user)).exists():
        return True
    added = Event.objects.filter(kind="person.add", subject="user", subject_id=user.pk).order_by("id").first()
    since = Event.objects.filter(pk__gt=added.pk) if added else Event.objects.all()
    return since.filter(Q(by_user=user.pk) | Q(by=user.username) | Q(by__endswith=f"{FOR}{user.username}")).exists()


@transaction.atomic
def remove_person(user: User, *, by: Actor) -> bool:
    """Remove an account that nobody ever used; False when somebody did. A row remains that opens nothing, is in no list
    and reserves the user name."""
    administrators_only(by)
    if user.removed:
        return True
    if (
        user.last_login
        or by.is_person(user.pk)
        or user.keys.exists()
        or user.service_accounts.exists()
        or _remembered(user)
    ):
        return False
    user.is_active, user.removed, user.agency, user.area = False, now(), None, None
    user.phone = user.extension = user.email = ""
    user.save()
    user.take_password(None)
    record("person.remove", user, by=by, username=user.username)
    phones.drop()
    return True


@transaction.atomic
def hand_password(user: User, *, by: Actor) -> str:
    """Make a password to hand out, shown this once only; its owner replaces it at the first sign-in, before it expires
    (queries.run_out). It ends a custodianship."""
    administrators_only(by)
    end_custody(user, by=by)
    password = "-".join("".join(secrets.choice(ALPHABET) for _ in range(4)) for _ in range(3))
    user.take_password(password, handed=now())
    sessions.finish_all(user, sessions.Ending.PASSWORD, by=by)
    record("person.hand_password", user, by=by, username=user.username)
    return password


@transaction.atomic
def rescue_administrator(username: str, *, by: Actor, full_name: str = "", email: str = "") -> User:
    """The account of this name as an open administrator's without a password, made where there is none; its sessions
    end. Only for the product itself: for whoever can type commands on its machine. TakenError for the name of an
    account that was removed."""
    if not by.has(Role.SYSTEM):
        raise NotAllowedError("system_only")
    user = User.objects.select_for_update().filter(username=username).first()
    if user is None or user.removed:
        return add_person(username, full_name or username, Role.ADMIN, by=by, email=email)
    end_custody(user, by=by)
    details = {name: value for name, value in (("full_name", full_name), ("email", email)) if value}
    values = {"role": Role.ADMIN, "agency": None, "is_active": True, **details}
    amend("person.edit", user, values, by=by, personal=PERSONAL, username=username)
    user.take_password(None)
    sessions.finish_all(user, sessions.Ending.PASSWORD, by=by)
    User.objects.filter(pk=user.pk).update(disuse=False, opened=now())
    record("person.rescue", user, by=by, username=username)
    phones.drop()
    return user


@transaction.atomic
def choose_password(user: User, password: str, *, by: Actor, session: int | None = None) -> None:
    """One's own new password; all sessions end but the one in which it was chosen. NotAllowedError for another's."""
    if not by.is_person(user.pk):
        raise NotAllowedError("own_account")
    user.take_password(password)
    sessions.finish_all(user, sessions.Ending.PASSWORD, by=by, but=session)
    record("person.password", user, by=by, username=user.username)


@transaction.atomic
def issue_key(use: Key.Use, label: str, *, by: Actor, user: User | None = None, secret: str = "") -> str:
    """A key without a service account, and its secret: of the demo, or of a program of the product's own.
    NotAllowedError for administrators: theirs belong to service accounts (service_accounts.issue)."""
    if not by.has(Role.SYSTEM):
        raise NotAllowedError("service_accounts_only")
    return new_key(use, label, by=by, user=user, secret=secret, approved=now())[1]


@transaction.atomic
def new_key(use: Key.Use, label: str, *, by: Actor, secret: str = "", **values: Any) -> tuple[Key, str]:
    """A key and its secret. For service_accounts; nobody is asked whether they may."""
    secret = secret or secrets.token_urlsafe(24)
    values |= {"use": use, "label": label, "demo": secret.startswith(DEMO_KEYS), "issuer": by.user_id}
    key, _ = Key.objects.update_or_create(digest=digest(secret), defaults=values)
    user, expires = values.get("user"), values.get("expires")
    more = {"username": user.username} if user else {}
    if expires:
        more["expires"] = expires.isoformat()
    record("key.issue", key, by=by, use=use, label=label, **more)
    apps.drop()
    exchanges.drop()
    return key, secret


@transaction.atomic
def revoke_key(key: Key, *, by: Actor) -> None:
    """The key no longer works, and never will again."""
    administrators_only(by)
    if not Key.objects.filter(pk=key.pk, revoked=None).update(revoked=now()):
        return
    record("key.revoke", key, by=by, label=key.label)
    apps.drop()
    exchanges.drop()
