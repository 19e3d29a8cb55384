"""Programs under their own names. A service account says who answers for a program and what it may do; its keys expire,
work from its addresses only, and are approved by a second administrator where there is one. What a program does stands
in the trail as the account's, never as a person's."""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from ipaddress import ip_address, ip_network

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils.timezone import now

from caunoi.accounts import queries
from caunoi.accounts import scopes as scope_table
from caunoi.accounts.actions import TakenError, new_key
from caunoi.accounts.models import Key, ServiceAccount, User
from caunoi.accounts.queries import apps, exchanges, refused
from caunoi.directory.models import Agency, Area
from caunoi.directory.queries import option
from caunoi.events.actions import amend, record
from caunoi.events.actor import AGENCY, Actor, NotAllowedError, RefusedError, Role, administrators_only, service
from caunoi.events.models import Event

MINUTE = timedelta(minutes=1)
SOON = timedelta(days=30)  # before a key expires its page and the doctor say so; …
PART = 10  # … of a short-lived one, when no more than this part of its life is left


class KeyRefusedError(RefusedError):
    """A key that is right, but does not open this now; `code`: pending, expired, address or scope. `needs`: the
    scope that it lacks, or the address that it came from."""

    def __init__(self, code: str, needs: str = "") -> None:
        super().__init__(code)
        self.code, self.needs = code, needs


def ends_soon(key: Key) -> bool:
    """Whether a key that still works is so near its end that somebody should see to the next."""
    if key.expires is None:
        return False
    return timedelta(0) < key.expires - now() <= min(SOON, (key.expires - key.created) / PART)


def administrators(but: int | None = None) -> QuerySet[User]:
    """Who could be the second pair of eyes: administrators who have signed in and still can, without one."""
    rows = User.objects.filter(role=Role.ADMIN, is_active=True, removed=None, last_login__isnull=False)
    rows = rows.exclude(pk=but) if but is not None else rows
    return rows if settings.DEMO else rows.filter(demo=False)


def needs_second(by: Actor) -> bool:
    """Whether what this administrator does now waits for another one."""
    return bool(option("four_eyes")) and administrators(by.user_id).exists()


def is_alone(by: Actor) -> bool:
    """Whether a second one should look, and there is none: then this one gives a reason."""
    return bool(option("four_eyes")) and not administrators(by.user_id).exists()


def admit(key: Key, address: str, needs: Collection[str] = ()) -> None:
    """KeyRefusedError unless this key works now, from this address, for one of these scopes."""
    account = key.account
    if key.approved is None and not key.demo:
        raise KeyRefusedError("pending")
    if key.expires is not None and key.expires <= now():
        raise KeyRefusedError("expired", f"{key.expires:%Y-%m-%d}")
    if account is None:
        return
    if account.addresses and not _within(address, account.addresses):
        raise KeyRefusedError("address", address)
    if needs and not set(needs) & set(account.scopes):
        raise KeyRefusedError("scope", sorted(needs)[0])


def _within(address: str, networks: Collection[str]) -> bool:
    try:
        parsed = ip_address(address)
    except ValueError:
        return False
    parsed = getattr(parsed, "ipv4_mapped", None) or parsed
    return any(parsed in ip_network(network) for network in networks)


def note_use(key: Key) -> None:
    """A key was used just now."""
    at = now()
    if key.used is None or key.used + MINUTE <= at:
        key.used = at
        Key.objects.filter(Q(used=None) | Q(used__lte=at - MINUTE), pk=key.pk).update(used=at)


NOTE_USES = """UPDATE accounts_key SET used = now()
    WHERE id = ANY(%s) AND (used IS NULL OR used <= now() - interval '1 minute')"""
"""The same for several keys at once, where there is no Django (web/intake.py)."""


def actor_of(key: Key) -> Actor | None:
    """Who acts by an API key: its service account. A key of the demo acts as its person, in the demo alone."""
    if key.account is None:
        user = key.user
        here = settings.DEMO and key.demo and user is not None and user.is_active and not refused(user)
        return user.as_actor() if here and user is not None else None
    return actor(key.account)


def actor(account: ServiceAccount) -> Actor:
    """Who a program is by its service account."""
    return service(
        account.pk,
        Role(account.role),
        agency_id=account.agency_id,
        area_id=account.area_id,
        discreet="reporters.read" not in account.scopes,
    )


def actor_of_token(secret: str) -> Actor | None:
    """Who a program is that shows this secret; None where it opens nothing at all."""
    row = queries.key(secret, Key.Use.API)
    return actor_of(row) if row is not None else None


@transaction.atomic
def add(
    name: str,
    use: Key.Use,
    *,
    owner: User,
    role: Role,
    scopes: Sequence[str],
    by: Actor,
    agency: Agency | None = None,
    area: Area | None = None,
    addresses: Sequence[str] = (),
) -> ServiceAccount:
    """A service account without a key. ValueError for scopes, a role or an agency that do not go together, and for what
    is no network; TakenError for a name that another one has."""
    administrators_only(by)
    scope_table.check(use, scopes)
    if role not in scope_table.ROLES or (role in AGENCY) != (agency is not None) or not owner.is_active:
        raise ValueError("role")
    networks = [str(ip_network(one, strict=False)) for one in addresses]
    try:
        with transaction.atomic():
            account = ServiceAccount.objects.create(
                name=name, owner=owner, role=role, agency=agency, area=area, scopes=sorted(scopes), addresses=networks
            )
    except IntegrityError:
        raise TakenError(name) from None
    record(
        "service.add", account, by=by, label=name, username=owner.username, scopes=account.scopes, addresses=networks
    )
    return account


@transaction.atomic
def issue(account: ServiceAccount, use: Key.Use, expires: datetime, *, by: Actor, reason: str = "") -> str:
    """A new key of a service account; its secret, which is shown this once only. It works when a second administrator
    has approved it; where there is none, at once, for a `reason` that is recorded and told to the supervisors.
    ValueError("expires") for a time that is over or too far, ValueError("reason") without one."""
    administrators_only(by)
    if not now() < expires <= now() + timedelta(days=int(option("key_days")) + 1):
        raise ValueError("expires")
    alone, waits = is_alone(by), needs_second(by)
    if alone and not reason.strip():
        raise ValueError("reason")
    approved = None if waits else now()
    key, secret = new_key(
        use,
        account.name,
        by=by,
        account=account,
        expires=expires,
        approved=approved,
        reason=reason.strip()[:300] if alone else "",
    )
    if alone:
        record("key.alone", key, by=by, label=key.label)
    if waits:
        record("key.ask", key, by=by, label=key.label)
    return secret


@transaction.atomic
def approve(key: Key, *, by: Actor) -> bool:
    """The second administrator's yes: the key works from now on; False when it did already or was revoked.
    NotAllowedError for whoever issued it."""
    administrators_only(by)
    if by.user_id is None or by.user_id == key.issuer:
        raise NotAllowedError("second_administrator")
    changed = Key.objects.filter(pk=key.pk, approved=None, revoked=None).update(approved=now(), approver=by.user_id)
    if changed:
        record("key.approve", key, by=by, label=key.label)
        apps.drop()
        exchanges.drop()
    return bool(changed)


@transaction.atomic
def hand_to(account: ServiceAccount, owner: User, *, by: Actor) -> Event | None:
    """Somebody else answers for a program from now on. ValueError for a closed account."""
    administrators_only(by)
    if not owner.is_active:
        raise ValueError("owner")
    return amend("service.edit", account, {"owner": owner}, by=by, label=account.name, username=owner.username)


def accounts() -> QuerySet[ServiceAccount]:
    """All service accounts with their keys, by name."""
    return ServiceAccount.objects.select_related("owner", "agency").prefetch_related("keys").order_by("name")


def account(pk: int) -> ServiceAccount | None:
    return accounts().filter(pk=pk).first()


def at(agencies: Collection[int], areas: Collection[int]) -> QuerySet[ServiceAccount]:
    """The programs that work for these agencies, or look after these areas (ids), and have a key that is not
    revoked."""
    rows = accounts().filter(keys__revoked=None, keys__isnull=False)
    return rows.filter(Q(agency__in=agencies) | Q(area__in=areas)).distinct()


def owned_by(user: User) -> QuerySet[ServiceAccount]:
    """The programs that somebody answers for and that have a key which is not revoked."""
    return accounts().filter(owner=user, keys__revoked=None, keys__isnull=False).distinct()
