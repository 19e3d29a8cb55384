"""Signers that live as long as the process, and sign by the secret key of the moment."""

from datetime import timedelta

from django.conf import settings
from django.core import signing


class Signer:
    """Django's Signer of a salt."""

    def __init__(self, *, salt: str) -> None:
        self.salt = salt

    def sign(self, value: str) -> str:
        return signing.Signer(salt=self.salt).sign(value)

    def unsign(self, value: str) -> str:
        """BadSignature."""
        return signing.Signer(salt=self.salt).unsign(value)


class TimestampSigner:
    """Django's TimestampSigner of a salt."""

    def __init__(self, *, salt: str) -> None:
        self.salt = salt

    def sign(self, value: str) -> str:
        return signing.TimestampSigner(salt=self.salt).sign(value)

    def unsign(self, value: str, max_age: int | timedelta | None = None) -> str:
        """BadSignature, and SignatureExpired of what is older than `max_age` (seconds)."""
        return signing.TimestampSigner(salt=self.salt).unsign(value, max_age=max_age)


def secret_keys() -> list[str]:
    """The secret key, and those before it that are still accepted: to recognise what was derived from any of them."""
    return [str(settings.SECRET_KEY), *(str(key) for key in settings.SECRET_KEY_FALLBACKS)]
