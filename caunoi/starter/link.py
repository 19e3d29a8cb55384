"""The secret of the page at which the first run is answered, for `up`, which prints it at once and has no Django
ready."""

from django.core import signing

SALT = "caunoi.first-run"
WORDS = "first run"
PATH = "/first/"


def token(key: str) -> str:
    """The secret, signed by the installation's key."""
    return str(signing.TimestampSigner(key=key, salt=SALT, fallback_keys=[]).sign_object(WORDS))
