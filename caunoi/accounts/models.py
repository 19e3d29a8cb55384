from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models

from caunoi.directory.models import Agency, Area
from caunoi.events.actor import CUSTODIANS, STAFF, Actor, Role
from caunoi.vault.fields import SealedText
from caunoi.vault.queries import Purpose
from caunoi.vault.signing import secret_keys


class User(AbstractUser):
    """Somebody who works with the hotline. One person, one role. `take_password` alone gives a password."""

    role = models.CharField(max_length=12, choices=[(r.value, r.value) for r in sorted(STAFF)])
    full_name = models.CharField(max_length=120)
    phone = models.CharField(max_length=20, blank=True)
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="people")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True)

    extension = models.CharField(
        max_length=40, blank=True, default="", db_default=""
    )  # the desk phone, as the PBX names it
    one_time = models.BooleanField(default=False)  # the password was handed out and must be replaced at sign-in
    handed = models.DateTimeField(null=True, blank=True)  # … when: it does not open for ever
    demo = models.BooleanField(default=False, db_default=False)  # the password is the demo's, known to everybody
    removed = models.DateTimeField(null=True, blank=True)  # before any use; the row reserves the user name
    disuse = models.BooleanField(default=False, db_default=False)  # closed by the product: nobody used it for long
    opened = models.DateTimeField(null=True, blank=True)  # opened again after it was closed
    custodian = models.BooleanField(default=False, db_default=False)  # by two others: confidential/custodians.py
    factor_due = models.DateTimeField(null=True, blank=True)  # by when a second factor is to be set up (factors.py)

    def as_actor(self) -> Actor:
        """Who they are to every action; without a role of the staff they may do nothing."""
        return Actor(
            name=self.username,
            roles=frozenset({Role(self.role)}) if self.role in STAFF else frozenset(),
            user_id=self.pk,
            agency_id=self.agency_id,
            area_id=self.area_id,
            custodian=self.custodian and self.role in CUSTODIANS and self.area_id is None,
        )

    def take_password(self, password: str | None, *, handed: datetime | None = None) -> None:
        """A new password, or none; `handed`: when it was handed out, to be replaced at the first sign-in."""
        self.set_password(password)
        self.one_time, self.handed, self.demo = handed is not None, handed, False
        self.save(update_fields=["password", "one_time", "handed", "demo"])

    def get_session_auth_hash(self) -> str:
        """By which a session ends when the password changes. No key is in it: a rotation signs nobody out."""
        return sha256(f"caunoi session {self.password}".encode()).hexdigest()

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        yield from ()

    def former_session_hashes(self) -> list[str]:
        """What sessions of before 0.2 hold instead."""
        return [self._get_session_auth_hash(secret=key) for key in secret_keys()]  # type: ignore[attr-defined]

    def __str__(self) -> str:
        return self.full_name or self.username


class WrongPassword(models.Model):
    """A try to sign in that failed, or has not yet succeeded. `source`: a digest of what is counted (attempts.py), so
    that neither the typed name nor an address is stored."""

    source = models.CharField(max_length=64)
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["source", "at"], name="wrong_password_source")]

    def __str__(self) -> str:
        return self.source


class Session(models.Model):
    """Somebody signed in on one device. This row decides whether they still are, whatever cookie is sent (sessions.py);
    Django's own row holds what else belongs to the browser."""

    user = models.ForeignKey(User, models.CASCADE, related_name="sessions")
    begun = models.DateTimeField()
    seen = models.DateTimeField()  # the last thing that a person did in it, written at most once a minute
    locked = models.DateTimeField(null=True, blank=True)  # since when: nobody did anything for a while
    ended = models.DateTimeField(null=True, blank=True)
    ending = models.CharField(max_length=10, blank=True, default="")  # why, of sessions.Ending
    device = models.CharField(max_length=80, blank=True, default="")  # in words: "Chrome · Windows"
    address = models.CharField(max_length=45, blank=True, default="")
    method = models.CharField(max_length=12, default="password")  # how they signed in
    new = models.BooleanField(default=False)  # the person had never signed in on this device before

    class Meta:
        indexes = [
            models.Index(fields=["user"], condition=models.Q(ended=None), name="session_of_user"),
            models.Index(fields=["ended"], name="session_ended"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.device}"


class ServiceAccount(models.Model):
    """A program that works with the hotline under its own name: what it may do, and who answers for it. It signs in by
    keys; it is no person, and nobody acts as it."""

    name = models.CharField(max_length=100, unique=True)
    owner = models.ForeignKey(User, models.PROTECT, related_name="service_accounts")
    role = models.CharField(max_length=12)  # whose view of tickets it has, within its scopes
    agency = models.ForeignKey(Agency, models.PROTECT, null=True, blank=True, related_name="service_accounts")
    area = models.ForeignKey(Area, models.PROTECT, null=True, blank=True, related_name="service_accounts")
    scopes = ArrayField(models.CharField(max_length=20))  # of scopes.SCOPES
    addresses = ArrayField(models.CharField(max_length=43), default=list)  # networks it calls from; none: anywhere
    created = models.DateTimeField(auto_now_add=True)
    inherited = models.BooleanField(default=False)  # made of a key that acted as a person, to be replaced

    def __str__(self) -> str:
        return self.name


class Key(models.Model):
    """A secret that a program shows instead of a password. Only its hash is kept."""

    class Use(models.TextChoices):
        API = "api"  # works as its service account; in the demo as `user`
        OPEN311 = "open311"  # posts reports for citizens
        CTI = "cti"  # a telephone exchange that reports its calls

    use = models.CharField(max_length=10, choices=Use.choices)
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="keys")
    account = models.ForeignKey(ServiceAccount, models.PROTECT, null=True, blank=True, related_name="keys")
    created = models.DateTimeField(auto_now_add=True)
    issuer = models.BigIntegerField(null=True, blank=True)  # the administrator's id
    expires = models.DateTimeField(null=True, blank=True)  # none: of before keys expired, or the demo's
    used = models.DateTimeField(null=True, blank=True)  # written at most once a minute
    approved = models.DateTimeField(null=True, blank=True)  # from then on it works
    approver = models.BigIntegerField(null=True, blank=True)  # the second administrator's id; none: there was no other
    reason = models.CharField(max_length=300, blank=True, default="", db_default="")  # why one administrator sufficed
    revoked = models.DateTimeField(null=True, blank=True)
    demo = models.BooleanField(default=False, db_default=False)  # its secret is the demo's, known to everybody

    def __str__(self) -> str:
        return self.label


class Recovery(models.Model):
    """A code by which somebody who forgot their password chooses a new one (recovery.py). The code itself is stored
    nowhere: it is derived from `nonce` and the installation's key."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recoveries")
    browser = models.CharField(max_length=64, db_index=True)  # digest of the secret of the browser that asked
    nonce = models.CharField(max_length=32)
    password = models.CharField(max_length=16)  # changes with the password: then the code is over
    way = models.CharField(max_length=10)  # the channel that it was sent by
    at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.user_id} by {self.way}"


class Deputy(models.Model):
    """Who does somebody's work while they are away, on [since, until); it ends by itself."""

    person = models.ForeignKey(User, models.CASCADE, related_name="deputies")
    deputy = models.ForeignKey(User, models.CASCADE, related_name="stands_in")
    since = models.DateTimeField()
    until = models.DateTimeField()
    by = models.CharField(max_length=150)
    ended = models.DateTimeField(null=True, blank=True)  # before its time

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(until__gt=models.F("since")), name="deputy_from_before_until"),
            models.CheckConstraint(condition=~models.Q(deputy=models.F("person")), name="nobody_is_their_own_deputy"),
        ]

    def __str__(self) -> str:
        return f"{self.deputy} for {self.person}"


class Passkey(models.Model):
    """A key pair of somebody's device or password manager (WebAuthn); we hold the public half."""

    user = models.ForeignKey(User, models.CASCADE, related_name="passkeys")
    credential = models.CharField(max_length=1400, unique=True)  # its id, base64url
    public_key = models.BinaryField()  # COSE
    sign_count = models.BigIntegerField(default=0)
    handle = models.CharField(max_length=90)  # base64url; the same for all passkeys of a person
    host = models.CharField(max_length=253)  # the name of the site at which alone it signs in
    name = models.CharField(max_length=60)
    created = models.DateTimeField()
    used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name


class CodeApp(models.Model):
    """The secret that somebody's app makes six-digit codes of (RFC 6238)."""

    user = models.OneToOneField(User, models.CASCADE, related_name="code_app")
    secret = SealedText(Purpose.SECRETS, bound="user_id")  # base32
    pending = SealedText(Purpose.SECRETS, bound="user_id")  # shown, but no code of it was typed yet
    step = models.BigIntegerField(default=0)  # of the last code that was accepted: none is accepted twice
    confirmed = models.DateTimeField(null=True, blank=True)  # since when `secret` counts

    def __str__(self) -> str:
        return f"code app of {self.user_id}"


class RecoveryCode(models.Model):
    """A code for whoever has lost their phone; it works once. Only its hash is kept (factors.py)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="recovery_codes")
    salt = models.CharField(max_length=32)  # of all codes made together
    digest = models.CharField(max_length=64)
    used = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"recovery code of {self.user_id}"


class FactorReset(models.Model):
    """An administrator asks that somebody's second factors be taken away; another one must agree."""

    user = models.ForeignKey(User, models.CASCADE, related_name="factor_resets")
    asker = models.ForeignKey(User, models.CASCADE, related_name="+")
    at = models.DateTimeField()
    settled = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"reset of {self.user_id}"


class DirectoryLink(models.Model):
    """Who somebody is in the province's directory (OpenID Connect)."""

    user = models.ForeignKey(User, models.CASCADE, related_name="directory_links")
    issuer = models.CharField(max_length=255)
    sub = models.CharField(max_length=255)
    linked = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["issuer", "sub"], name="one_person_of_a_directory"),
            models.UniqueConstraint(fields=["issuer", "user"], name="one_link_of_a_person"),
        ]

    def __str__(self) -> str:
        return self.sub
