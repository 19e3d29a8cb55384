from collections.abc import Iterable
from datetime import datetime, timedelta
from hashlib import sha256

from django.conf import settings
from django.db.models import Count, Max, Min, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext

from caunoi.accounts.models import Key, ServiceAccount, User
from caunoi.directory.queries import Fresh, option
from caunoi.events.actor import CENTRE, Kind, Role, kind_of
from caunoi.events.relations import relation
from caunoi.lib.vietnamese.writing import sort_key

USERS = relation(User, "id username")

DEMO_PASSWORD, DEMO_KEYS = "demo1022!", "demo-"  # known to everybody: they open nothing outside the demo


def known_to_all(secret: str) -> bool:
    """Whether a password or key is one of the demo's, and this is no demo."""
    return not settings.DEMO and (secret == DEMO_PASSWORD or secret.startswith(DEMO_KEYS))


def refused(row: User | Key) -> bool:
    """Whether an account or key is the demo's, and this is no demo."""
    return row.demo and not settings.DEMO


def run_out(user: User) -> bool:
    """Whether somebody's password was handed out, and not replaced in time."""
    return user.one_time and (
        user.handed is None or user.handed < now() - timedelta(hours=int(option("one_time_hours")))
    )


def digest(secret: str) -> str:
    return sha256(secret.encode("utf-8", "replace")).hexdigest()


def mark(user: User) -> str:
    """Changes with the password, so that a link with this mark works once."""
    return digest(user.password)[:16]


def key(secret: str, use: str) -> Key | None:
    """The key behind a secret that an app shows, unless it was revoked."""
    if known_to_all(secret):
        return None
    return _open().select_related("user", "account__owner").filter(digest=digest(secret), use=use).first()


def over(secret: str, use: str) -> str:
    """Why a secret that was once handed out opens nothing any more: "revoked" or "expired"; empty for any other, so
    that nobody learns anything by guessing."""
    row = Key.objects.filter(digest=digest(secret), use=use, demo=False).first()
    if row is None:
        return ""
    return "revoked" if row.revoked else "expired" if row.expires is not None and row.expires <= now() else ""


def _open() -> QuerySet[Key]:
    """The keys that open something."""
    rows = Key.objects.filter(revoked=None)
    return rows if settings.DEMO else rows.filter(demo=False)


def _apps() -> dict[str, Key]:
    return {row.digest: row for row in _open().select_related("account").filter(use=Key.Use.OPEN311)}


apps: Fresh[dict[str, Key]] = Fresh(_apps)
"""The keys of apps that post reports, by digest: few, and asked for by every report."""


def app(secret: str) -> Key | None:
    """The key of an app that posts reports; other processes may accept a revoked one for SECONDS longer."""
    return None if known_to_all(secret) else apps().get(digest(secret))


def last_app(secret: str) -> Key | None:
    """The same as this process has read it last: the database is not asked."""
    return None if known_to_all(secret) else (apps.value or {}).get(digest(secret))


def key_of(pk: int) -> Key | None:
    return Key.objects.select_related("account").filter(pk=pk).first()


def _first_keys() -> dict[int, int]:
    rows = Key.objects.filter(use=Key.Use.OPEN311, account__isnull=False).order_by("account")
    return dict(rows.values("account").annotate(first=Min("pk")).values_list("account", "first"))


first_keys: Fresh[dict[int, int]] = Fresh(_first_keys)
"""Account's id → the id of its first key for apps, which stays the first."""


def first_key(row: Key) -> int:
    """The id by which a program is known as an app: that of its first key, whichever it uses now."""
    if row.account_id is None:
        return row.pk
    if row.account_id not in first_keys():
        first_keys.drop()
    return first_keys()[row.account_id]


def _exchanges() -> dict[str, Key]:
    return {row.digest: row for row in _open().select_related("account").filter(use=Key.Use.CTI)}


exchanges: Fresh[dict[str, Key]] = Fresh(_exchanges)
"""The keys of telephone exchanges, by digest."""


def _phones() -> dict[str, User]:
    rows = User.objects.filter(is_active=True, role__in=sorted(CENTRE)).order_by("-pk")
    return {user.username: user for user in rows} | {user.extension: user for user in rows if user.extension}


phones: Fresh[dict[str, User]] = Fresh(_phones)
"""Whose desk phone it is: the centre's people by user name and by extension."""


def people(agency_id: int | None = None, role: Role | None = None) -> QuerySet[User]:
    """Active people, of one agency or role where given."""
    users = User.objects.filter(is_active=True).order_by("full_name")
    if agency_id is not None:
        users = users.filter(agency_id=agency_id)
    return users.filter(role=role) if role else users


def by_name(users: Iterable[User]) -> list[User]:
    """People in the order of a Vietnamese dictionary, which the database's order is not."""
    return sorted(users, key=lambda user: sort_key(user.full_name))


def with_mail(role: Role) -> tuple[int, int]:
    """How many of the active people of a role have a mail address, and how many there are."""
    counts = people(role=role).aggregate(addressed=Count("id", filter=~Q(email="")), every=Count("id"))
    return counts["addressed"], counts["every"]


def everyone() -> QuerySet[User]:
    """All accounts, deactivated ones too."""
    return User.objects.filter(removed=None).select_related("agency").order_by("-is_active", "full_name")


def person(username: str) -> User | None:
    return everyone().filter(username=username).first()


def every_key() -> QuerySet[Key]:
    """All keys, the newest first; nobody can read their secrets."""
    return Key.objects.select_related("user", "account__owner").order_by("-created")


def unused(at: datetime) -> list[User]:
    """The open accounts that nobody has used since, of those that could be signed in with."""
    rows = User.objects.filter(is_active=True, removed=None, demo=False, date_joined__lt=at).annotate(
        latest=Max("sessions__seen")
    )
    return [
        user
        for user in rows
        if max(filter(None, (user.last_login, user.latest, user.opened, user.date_joined))) < at
        and (user.last_login is not None or user.has_usable_password())
    ]


def latest_use() -> dict[int, tuple[datetime | None, int]]:
    """Person's id → when one of their sessions was last used, and how many are open."""
    rows = User.objects.filter(sessions__isnull=False).annotate(
        latest=Max("sessions__seen"), count=Count("sessions", filter=Q(sessions__ended=None))
    )
    return {pk: (latest, count) for pk, latest, count in rows.values_list("pk", "latest", "count")}


def usernames(ids: Iterable[int]) -> dict[int, str]:
    """User id → user name."""
    return dict(User.objects.filter(pk__in=set(ids)).values_list("pk", "username"))


_names: Fresh[dict[str, str]] = Fresh(dict[str, str])


def names(usernames: set[str]) -> dict[str, str]:
    """User name → display name, for the users among them; also for a deputy's "x for y", and for programs."""
    cached = _names()
    parts = {part for name in usernames for part in name.split(" for ")}
    if unknown := parts - cached.keys():
        rows = dict(User.objects.filter(username__in=unknown).values_list("username", "full_name"))
        if programs := [name for name in unknown if kind_of(name) is Kind.SERVICE]:
            ids = [int(name.partition(":")[2]) for name in programs]
            rows |= {f"{Kind.SERVICE}:{a.pk}": a.name for a in ServiceAccount.objects.filter(pk__in=ids)}
        cached |= {name: rows.get(name, "") for name in unknown}
    return {name: shown_name for name in usernames if (shown_name := _name(name, cached))}


def _name(name: str, names: dict[str, str]) -> str:
    deputy, _sep, person = name.partition(" for ")
    if not person:
        return names[name]
    both = names[deputy] and names[person]
    return gettext("%(deputy)s for %(person)s") % {"deputy": names[deputy], "person": names[person]} if both else ""
