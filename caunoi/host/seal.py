"""Files that only the holder of a private key can open (age, https://age-encryption.org/v1)."""

import datetime as dt
import os
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import pyrage
from pyrage import x25519

from caunoi.host.finding import TranslatedError, _

ENDING = ".age"

type Identities = Sequence[x25519.Identity]


class BadKeyError(TranslatedError):
    """No such key, or not the right one; the message says what to do."""


def recipient(text: str) -> x25519.Recipient:
    """A public key, `age1…`. BadKeyError."""
    try:
        return x25519.Recipient.from_str(text.strip())
    except pyrage.RecipientError:
        raise BadKeyError(
            _(
                "%(text)s is no public key: it begins with age1; `caunoi backup --new-key FILE` makes one",
                text=repr(text),
            )
        ) from None


def identities(file: Path) -> list[x25519.Identity]:
    """The private keys in a file as `age-keygen` and `new` write it. BadKeyError."""
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
        result = [x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except (OSError, ValueError, pyrage.IdentityError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it begins with AGE-SECRET-KEY-1")
        raise BadKeyError(_("%(file)s holds no private key: %(why)s", file=file, why=reason)) from None
    if not result:
        raise BadKeyError(_("%(file)s holds no private key: %(why)s", file=file, why=_("it is empty")))
    return result


def new(file: Path) -> str:
    """Makes a pair, writes the private half to a new file for its owner only, and returns the public half. OSError."""
    identity = x25519.Identity.generate()
    public = str(identity.to_public())
    with open(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(f"# created: {dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ}\n# public key: {public}\n{identity}\n")
    return public


def close(source: IO[bytes], target: IO[bytes], to: x25519.Recipient) -> None:
    """Encrypts what the one gives into the other. OSError where it cannot be written."""
    try:
        pyrage.encrypt_io(source, target, [to])
    except pyrage.EncryptError as error:
        raise OSError(str(error).removeprefix("OSError: ")) from error


def open_(source: IO[bytes], target: IO[bytes], keys: Identities) -> None:
    """Decrypts. BadKeyError for another's key, or for what is no such file any more; OSError."""
    try:
        pyrage.decrypt_io(source, target, keys)
    except pyrage.DecryptError as error:
        if "OSError" in str(error):
            raise OSError(str(error)) from error
        raise BadKeyError(
            _("the private key does not open this backup (%(error)s): another one made it", error=error)
        ) from None
