"""The master keys at hand: those of a hardware module, then those of a file."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from caunoi.host import home, hsm
from caunoi.lib.crypto import envelope


class Master(Protocol):
    """A key that seals data keys, and nothing else. `id`: by which people tell it from others."""

    @property
    def id(self) -> str: ...

    def wrap(self, key: bytes, key_id: int, purpose: str) -> bytes:
        """A data key sealed for the database."""

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """SealError where another master key sealed it."""


@dataclass(frozen=True)
class FileKey:
    """32 bytes of a file."""

    key: bytes

    @property
    def id(self) -> str:
        return envelope.fingerprint(self.key)

    def wrap(self, key: bytes, key_id: int, purpose: str) -> bytes:
        return envelope.wrap(key, self.key, key_id, purpose)

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        return envelope.unwrap(wrapped, self.key, purpose)


def masters(*, make: bool = False, environ: Mapping[str, str] = os.environ) -> list[Master]:
    """All there are, the one that seals first; with `make` that one is made where there is none yet. OSError;
    ValueError, HsmError among them."""
    where = hsm.place(environ)
    inside = hsm.keys(where, make=make) if where else []
    return [*inside, *map(FileKey, home.master_keys(make=make and not where, environ=environ))]
