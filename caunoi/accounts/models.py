from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from django.contrib.auth.models import AbstractUser
from django.db import models

from caunoi.directory.models import Agency, Area
from caunoi.events.actor import STAFF, Actor, Role
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

    def as_actor(self) -> Actor:
        """Who they are to every action; without a role of the staff they may do nothing."""
        return Actor(
            name=self.username,
            roles=frozenset({Role(self.role)}) if self.role in STAFF else frozenset(),
            user_id=self.pk,
            agency_id=self.agency_id,
            area_id=self.area_id,
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


class Key(models.Model):
    """A secret that an app shows instead of a password. Only its hash is kept."""

    class Use(models.TextChoices):
        API = "api"  # acts as `user`
        OPEN311 = "open311"  # posts reports for citizens
        CTI = "cti"  # a telephone exchange that reports its calls

    use = models.CharField(max_length=10, choices=Use.choices)
    label = models.CharField(max_length=100)
    digest = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, null=True, blank=True, related_name="keys")
    created = models.DateTimeField(auto_now_add=True)
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
