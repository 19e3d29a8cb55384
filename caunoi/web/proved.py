"""What a session remembers of who its owner has proved to be."""

from time import time

from django.http import HttpRequest

from caunoi.directory.queries import option

AT = "proved"  # in the session: when its owner last proved who they are, in seconds since 1970
FACTOR = "factor"  # … and by which second factor, ever
PASSKEY, CODE, PASSWORD = "proof-passkey", "proof-code", "proof-password"
FIELDS = (PASSKEY, CODE, PASSWORD)
"""The names of the form fields that prove it."""


def stamp(request: HttpRequest, way: str) -> None:
    """This session's owner has just proved themself."""
    request.session[AT] = int(time())
    if way != "password":
        request.session[FACTOR] = way


def is_fresh(request: HttpRequest) -> bool:
    """Whether they did so recently (⚙ `proof_minutes`)."""
    age = time() - int(request.session.get(AT, 0))
    return -1 <= age <= int(option("proof_minutes")) * 60


def has_factor(request: HttpRequest) -> bool:
    """Whether a second factor was shown, or set up, in this session."""
    return bool(request.session.get(FACTOR))
