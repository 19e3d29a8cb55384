"""What somebody shows besides, or instead of, a password: passkeys (passkeys.py), codes of an app, recovery codes.

Some roles must have one (⚙ `factor_roles`), and custodians; the demo is exempt. Recovery codes are for whoever has
lost their phone; whoever has lost those too needs two administrators, or somebody at the machine's shell (`caunoi admin
USER`)."""

import base64
import secrets
from datetime import timedelta
from hashlib import scrypt
from hmac import compare_digest
from urllib.parse import quote

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.timezone import now

from caunoi.accounts import actions, service_accounts, sessions
from caunoi.accounts.actions import ALPHABET
from caunoi.accounts.models import CodeApp, FactorReset, Passkey, RecoveryCode, User
from caunoi.accounts.queries import mark, refused
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, RefusedError, Role, administrators_only
from caunoi.lib.crypto import totp

CODES, PARTS, LETTERS = 10, 3, 4  # recovery codes, each of so many parts of so many letters: 59 bits
OPEN = timedelta(days=3)  # in which a second administrator may agree to a reset


ALWAYS: tuple[str, ...] = ("custodian",)  # columns of people who must have a second factor, whatever their role


class LastFactorError(RefusedError):
    """Somebody who must have a second factor keeps at least one."""

    code = "last_factor"


def has_factor(user: User) -> bool:
    """Whether somebody can show more than a password."""
    return user.passkeys.exists() or CodeApp.objects.filter(user=user, confirmed__isnull=False).exists()


def unchanged(pk: int, password_mark: str) -> User | None:
    """The open account of somebody whose password has still this `queries.mark`."""
    user = User.objects.filter(pk=pk, is_active=True).first()
    return user if user is not None and mark(user) == password_mark and not refused(user) else None


def is_obliged(user: User) -> bool:
    """Whether somebody must have a second factor: by their role, or as a custodian."""
    if settings.DEMO:
        return False
    return user.role in str(option("factor_roles")).split() or any(getattr(user, name) for name in ALWAYS)


def must_enrol(user: User) -> bool:
    """Whether somebody must set up a second factor before anything else: they need one, they have none, and their days
    (⚙ `factor_days`, from the first time that this was asked) are over."""
    if not is_obliged(user) or has_factor(user):
        return False
    grace = timedelta(days=int(option("factor_days")))
    if not grace:
        return True
    if user.factor_due is None:
        user.factor_due = now() + grace
        User.objects.filter(pk=user.pk, factor_due=None).update(factor_due=user.factor_due)
    return user.factor_due <= now()


def _lacking() -> QuerySet[User]:
    """Those who must have a second factor, and have none."""
    apps = CodeApp.objects.filter(user=OuterRef("pk"), confirmed__isnull=False)
    obliged = Q(role__in=str(option("factor_roles")).split())
    for name in ALWAYS:
        obliged |= Q(**{name: True})
    return (
        User.objects.filter(is_active=True)
        .filter(Q(pk__in=[]) if settings.DEMO else obliged)
        .filter(~Exists(apps), ~Exists(Passkey.objects.filter(user=OuterRef("pk"))))
        .order_by("full_name")
    )


def without_factor() -> QuerySet[User]:
    """Those who must have a second factor, have none, and have signed in already."""
    return _lacking().filter(last_login__isnull=False)


def newcomers() -> QuerySet[User]:
    """Those who must have a second factor, and have none because they have never signed in."""
    return _lacking().filter(last_login__isnull=True)


def owners() -> tuple[set[int], set[int]]:
    """Who has a passkey, and who has an app whose codes count."""
    apps = CodeApp.objects.filter(confirmed__isnull=False)
    return (
        set(Passkey.objects.values_list("user_id", flat=True)),
        set(apps.values_list("user_id", flat=True)),
    )


def own_passkeys(user: User) -> QuerySet[Passkey]:
    return user.passkeys.order_by("created")


def code_app(user: User) -> CodeApp | None:
    """The app whose codes somebody may type."""
    return CodeApp.objects.filter(user=user, confirmed__isnull=False).first()


def codes_left(user: User) -> int:
    """How many recovery codes somebody has not used."""
    return user.recovery_codes.filter(used=None).count()


# --- codes of an app ---


def begin_app(user: User) -> CodeApp:
    """A secret that waits for its first code, as `pending`: the same until then, so that a page loaded again shows what
    was scanned. The app that is in use stays so meanwhile."""
    row, _made = CodeApp.objects.get_or_create(user=user)
    if not row.pending:
        row.pending = base64.b32encode(secrets.token_bytes(20)).decode()
        row.save(update_fields=["pending"])
    return row


def app_address(row: CodeApp, issuer: str) -> str:
    """What the picture to be scanned says: otpauth://totp/…"""
    label = quote(f"{issuer}:{row.user.username}")
    return f"otpauth://totp/{label}?secret={row.pending}&issuer={quote(issuer)}&digits={totp.DIGITS}&period={totp.STEP}"


@transaction.atomic
def confirm_app(user: User, typed: str) -> bool:
    """The first code of the new app was typed: from now on it counts, and an earlier one does not. False for a wrong
    code."""
    row = CodeApp.objects.select_for_update().filter(user=user, pending__isnull=False).first()
    step = _step(row.pending, typed, 0) if row is not None else None
    if row is None or step is None:
        return False
    row.secret, row.pending, row.step, row.confirmed = row.pending, "", step, now()
    row.save()
    record("factor.add", user, by=user.as_actor(), username=user.username, way="app")
    return True


def _step(secret: str, typed: str, after: int) -> int | None:
    digits = "".join(letter for letter in typed if letter.isascii() and letter.isdecimal())
    return totp.matching_step(base64.b32decode(secret), digits, now().timestamp(), after)


@transaction.atomic
def accept_code(user: User, typed: str) -> str:
    """The way by which somebody proved themself: "app" or "recovery"; empty for a wrong or used code."""
    row = CodeApp.objects.select_for_update().filter(user=user, confirmed__isnull=False).first()
    step = _step(row.secret, typed, row.step) if row is not None else None
    if row is not None and step is not None:
        row.step = step
        row.save(update_fields=["step"])
        return "app"
    return "recovery" if _use_recovery(user, typed) else ""


# --- recovery codes ---


def _digest(salt: str, code: str) -> str:
    """Slow, as of a password: a recovery code has fewer than 112 bits (ASVS 5.0, 6.5.2)."""
    return scrypt(code.encode(), salt=salt.encode(), n=2**14, r=8, p=1, dklen=32).hex()


def _letters(typed: str) -> str:
    return "".join(letter for letter in typed.lower() if letter in ALPHABET)


def _part() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


@transaction.atomic
def make_codes(user: User) -> list[str]:
    """Ten new recovery codes; earlier ones no longer work. They are shown once and kept nowhere."""
    codes = ["-".join(_part() for _ in range(PARTS)) for _ in range(CODES)]
    salt = secrets.token_hex(16)
    RecoveryCode.objects.filter(user=user).delete()
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, salt=salt, digest=_digest(salt, _letters(code))) for code in codes
    )
    record("factor.codes", user, by=user.as_actor(), username=user.username)
    return codes


def _use_recovery(user: User, typed: str) -> bool:
    letters = _letters(typed)
    if len(letters) != PARTS * LETTERS:
        return False
    rows = list(RecoveryCode.objects.select_for_update().filter(user=user, used=None))
    digests = {salt: _digest(salt, letters) for salt in {row.salt for row in rows}}
    row = next((row for row in rows if compare_digest(row.digest, digests[row.salt])), None)
    if row is None:
        return False
    row.used = now()
    row.save(update_fields=["used"])
    record("factor.recovery", user, by=user.as_actor(), username=user.username, left=len(rows) - 1)
    return True


# --- a password from somebody else ---


def needs_agreement(user: User, by: Actor) -> bool:
    """Whether this administrator can hand out somebody's password only after a second one has agreed to a reset: it
    would open an account that is in use, that must have a second factor, and that has none yet; or a custodian's."""
    if user.custodian and not by.is_person(user.pk):
        return service_accounts.needs_second(by)
    if by.is_person(user.pk) or not is_obliged(user) or has_factor(user):
        return False
    return user.last_login is not None and user.has_usable_password() and service_accounts.needs_second(by)


def hand_password(user: User, *, by: Actor) -> str:
    """A one-time password, as actions.hand_password makes it. NotAllowedError where a second administrator must agree
    first."""
    if needs_agreement(user, by):
        raise NotAllowedError("second_administrator")
    return actions.hand_password(user, by=by)


# --- taking away ---


@transaction.atomic
def remove_factor(user: User, passkey: int | None) -> bool:
    """One's own passkey, or with None one's app, is taken away; False when it was gone. LastFactorError for the last
    one of somebody who must have one."""
    User.objects.select_for_update().get(pk=user.pk)
    apps, keys = CodeApp.objects.filter(user=user, confirmed__isnull=False), Passkey.objects.filter(user=user)
    rows = apps if passkey is None else keys.filter(pk=passkey)
    if not rows.exists():
        return False
    if is_obliged(user) and apps.count() + keys.count() < 2:
        raise LastFactorError
    way = "app" if passkey is None else "passkey"
    rows.delete()
    if not has_factor(user):
        RecoveryCode.objects.filter(user=user).delete()
    record("factor.remove", user, by=user.as_actor(), username=user.username, way=way)
    return True


def _clear(user: User) -> None:
    for rows in (Passkey.objects, CodeApp.objects, RecoveryCode.objects):
        rows.filter(user=user).delete()
    User.objects.filter(pk=user.pk).update(factor_due=None)


def open_reset(user: User) -> FactorReset | None:
    """The request for a reset that waits for a second administrator."""
    rows = FactorReset.objects.filter(user=user, settled=None, at__gt=now() - OPEN, asker__is_active=True)
    return rows.filter(asker__role=Role.ADMIN).select_related("asker").order_by("-at").first()


@transaction.atomic
def ask_reset(user: User, *, by: Actor) -> FactorReset:
    """An administrator asks for it. NotAllowedError for one's own factors; the open request where there is one."""
    administrators_only(by)
    if by.user_id is None or by.is_person(user.pk):
        raise NotAllowedError("own_factors")
    User.objects.select_for_update().get(pk=user.pk)
    if (row := open_reset(user)) is not None:
        return row
    row = FactorReset.objects.create(user=user, asker_id=by.user_id, at=now())
    record("factor.ask", user, by=by, username=user.username)
    return row


@transaction.atomic
def agree_reset(user: User, *, by: Actor) -> bool:
    """A second administrator agrees: all factors of that person are gone, the password too, and all sessions end; an
    invitation leads them in again. False when nobody asks for it. NotAllowedError for whoever asked, and for one's own
    factors."""
    administrators_only(by)
    User.objects.select_for_update().get(pk=user.pk)
    row = open_reset(user)
    if row is None:
        return False
    if by.user_id is None or by.is_person(row.asker_id) or by.is_person(user.pk):
        raise NotAllowedError("second_administrator")
    _settle(row)
    actions.end_custody(user, by=by)
    _clear(user)
    user.take_password(None)
    sessions.finish_all(user, sessions.Ending.PASSWORD, by=by)
    record("factor.reset", user, by=by, username=user.username, asker=row.asker.username)
    return True


@transaction.atomic
def drop_reset(user: User, *, by: Actor) -> bool:
    """An administrator takes the request back, or declines it; False when there is none."""
    administrators_only(by)
    row = open_reset(user)
    if row is None:
        return False
    _settle(row)
    record("factor.keep", user, by=by, username=user.username)
    return True


def _settle(row: FactorReset) -> None:
    row.settled = now()
    row.save(update_fields=["settled"])


@transaction.atomic
def rescue_factors(user: User, *, by: Actor) -> None:
    """Whoever can type commands on the machine takes somebody's factors away. Only for the product itself."""
    if not by.has(Role.SYSTEM):
        raise NotAllowedError("system_only")
    if has_factor(user):
        actions.end_custody(user, by=by)
        _clear(user)
        record("factor.reset", user, by=by, username=user.username, asker="")
