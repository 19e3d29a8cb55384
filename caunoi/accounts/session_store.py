"""The sessions of signed-in browsers as rows that open nothing: a row is found by the digest of the key in the cookie,
and what it holds (now and then a password or an API key that is shown once) lies sealed.

Sessions of releases before 0.2 lie under the key itself, signed; they are read until they end, at most a day.
"""

import base64
import hashlib
from typing import TYPE_CHECKING, Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends import db
from django.contrib.sessions.backends.base import UpdateError
from django.contrib.sessions.models import Session
from django.utils.timezone import now

from caunoi.accounts.models import User
from caunoi.jobs import away
from caunoi.lib.crypto import envelope
from caunoi.vault import queries

SEALED = "1:"
ISSUED = 32  # letters of a key in a cookie; of its digest 40


def row_key(session_key: str) -> str:
    """Under what a session lies: 240 bits of SHA-256, as a column of Django's holds them."""
    return base64.urlsafe_b64encode(hashlib.sha256(session_key.encode()).digest()[:30]).decode()


def _place(session_key: str) -> str:
    return f"django_session.session_data:{row_key(session_key)}"


class SessionStore(db.SessionStore):
    """Django's, with other rows. `_former`: what was read lies under the key itself."""

    _former = False

    if TYPE_CHECKING:

        def _get_new_session_key(self) -> str: ...
        def _get_session(self, no_load: bool = False) -> dict[str, Any]: ...

    def _get_session_from_db(self) -> Session | None:
        key = self.session_key or ""
        valid = Session.objects.filter(expire_date__gt=now())
        row = valid.filter(session_key=row_key(key)).first()
        if row is None and len(key) == ISSUED:  # a digest in a cookie opens nothing
            row = valid.filter(session_key=key).first()
            self._former = row is not None
        if row is None:
            self._session_key = None
        return row

    def load(self) -> dict[str, Any]:
        row = self._get_session_from_db()
        data = self.decode(row.session_data) if row else {}
        return _with_present_hash(data) if row and not row.session_data.startswith(SEALED) else data

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(session_key=row_key(session_key)).exists()

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        key = self._key()
        return Session(session_key=row_key(key), session_data=self.encode(data), expire_date=self.get_expiry_date())

    def save(self, must_create: bool = False) -> None:
        self._get_session(no_load=must_create)
        if self._former and not must_create:  # one of before 0.2 moves under its digest
            key = self.session_key or ""
            Session.objects.filter(session_key=key).update(session_key=row_key(key))
            self._former = False
        try:
            super().save(must_create)
        except UpdateError as error:  # Django's for any error of the database: "was deleted", 400
            if (cause := error.__context__) and away.passing(cause):
                raise cause  # noqa: B904 -- it comes first, and says itself why
            raise

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key:
            Session.objects.filter(session_key__in=[row_key(key), *([key] if len(key) == ISSUED else [])]).delete()

    def _key(self) -> str:
        if self._session_key is None:
            self._session_key = self._get_new_session_key()
        return self._session_key

    def encode(self, session_dict: dict[str, Any]) -> str:
        pk, data_key = queries.sealing(queries.Purpose.SECRETS)
        plain = self.serializer().dumps(session_dict)
        sealed = envelope.seal(plain, data_key, pk, _place(self._key()))
        return SEALED + base64.b64encode(sealed).decode()

    def decode(self, session_data: bytes | str) -> dict[str, Any]:
        text = session_data if isinstance(session_data, str) else session_data.decode()
        if not text.startswith(SEALED):
            signed: dict[str, Any] = super().decode(text)
            return signed
        sealed = base64.b64decode(text.removeprefix(SEALED))
        try:
            plain = envelope.open_(sealed, queries.key(envelope.key_id(sealed)), _place(self.session_key or ""))
        except envelope.SealError:
            return {}  # as Django does where a signature is wrong
        data: dict[str, Any] = self.serializer().loads(plain)
        return data


def _with_present_hash(data: dict[str, Any]) -> dict[str, Any]:
    """A session of before 0.2, whose proof of the password hangs on the secret key, with today's."""
    user = User.objects.filter(pk=data[SESSION_KEY]).first() if BACKEND_SESSION_KEY in data else None
    if user and data.get(HASH_SESSION_KEY) in user.former_session_hashes():
        data[HASH_SESSION_KEY] = user.get_session_auth_hash()
    return data
