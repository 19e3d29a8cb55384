"""The secret of the page at which the first run is answered, for `up`, which prints it at once and has no Django
ready."""

from typing import Any

import psycopg
from django.core import signing

SALT = "caunoi.first-run"
WORDS = "first run"
PATH = "/first/"


def token(key: str) -> str:
    """The secret, signed by the installation's key."""
    return str(signing.TimestampSigner(key=key, salt=SALT, fallback_keys=[]).sign_object(WORDS))


def is_administered(own: psycopg.Connection[Any]) -> bool:
    """Whether there ever was an administrator (first_run.administered)."""
    return own.execute("SELECT EXISTS (SELECT FROM accounts_user WHERE role = 'admin')").fetchone() == (True,)
