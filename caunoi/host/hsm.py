"""A master key that lies in a hardware security module and never leaves it (PKCS#11, OASIS version 2.40).

    CAUNOI_MASTER_KEY_PKCS11=/usr/lib/softhsm/libsofthsm2.so;token=caunoi;label=master-2026
    CAUNOI_MASTER_KEY_PIN_FILE=/etc/caunoi/pin        (or systemd's credential `master_key_pin`)

`label` names an AES key of 256 bits; several, with commas between them, are the one in use and those before it. The
module seals by CKM_AES_GCM where it offers that, in the very form of `lib/crypto/envelope.py`; else by
CKM_AES_KEY_WRAP_PAD (RFC 5649), which binds a value to its place by a digest of that before it. A process opens the
module once, when it first needs it. Without the optional package `python-pkcs11` nothing of this works, and says so."""

import hashlib
import importlib
import os
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from caunoi.lib.crypto import envelope
from caunoi.lib.crypto.envelope import HEADER, KEY, NONCE, SealError

NAME, PIN = "CAUNOI_MASTER_KEY_PKCS11", "CAUNOI_MASTER_KEY_PIN_FILE"
CREDENTIAL = "master_key_pin"
BOUND = 16  # bytes of the digest of a place


class HsmError(ValueError):
    """The module, its token, the key or the PIN is not there, or does not work; the message says which."""


@dataclass(frozen=True, kw_only=True)
class Place:
    """What the environment names. `labels`: the key that seals first."""

    module: str
    token: str
    labels: tuple[str, ...]
    pin_file: str


def place(environ: Mapping[str, str] = os.environ) -> Place | None:
    """None where no module is named. HsmError where the name is not one."""
    text = environ.get(NAME, "").strip()
    if not text:
        return None
    module, *rest = (part.strip() for part in text.split(";"))
    values = {name.strip(): value.strip() for name, _, value in (part.partition("=") for part in rest)}
    labels = tuple(filter(None, (label.strip() for label in values.get("label", "").split(","))))
    if not module.startswith("/") or set(values) != {"token", "label"} or not values["token"] or not labels:
        raise HsmError(f"{NAME} is written like /usr/lib/…/module.so;token=…;label=…")
    credential = Path(environ.get("CREDENTIALS_DIRECTORY") or "/nonexistent") / CREDENTIAL
    pin_file = environ.get(PIN) or (str(credential) if credential.is_file() else "")
    return Place(module=module, token=values["token"], labels=labels, pin_file=pin_file)


class HsmKey:
    """A master key in the module. `id`: by which people tell it from others, as `envelope.fingerprint` does."""

    def __init__(self, slot: "_Slot", label: str) -> None:
        self._slot, self.label = slot, label
        self.id = slot.use(lambda session: _id(session, label))

    def wrap(self, key: bytes, key_id: int, purpose: str) -> bytes:
        """A data key sealed for the database. HsmError."""
        return self._slot.use(lambda session: self._slot.seal(session, self.label, key, key_id, f"key:{purpose}"))

    def unwrap(self, wrapped: bytes, purpose: str) -> bytes:
        """SealError where another key sealed it; HsmError."""
        envelope.key_id(wrapped)
        key = self._slot.use(lambda session: self._slot.open(session, self.label, wrapped, f"key:{purpose}"))
        if len(key) != KEY:
            raise SealError("this is not a data key")
        return key


def keys(where: Place, *, make: bool = False) -> list[HsmKey]:
    """The keys of the module, the one that seals first; with `make` that one is made there where it is missing, for
    good and not to be taken out. HsmError."""
    slot = _slot(where.module, where.token, where.pin_file)
    if make:
        slot.use(lambda session: _make(session, where.labels[0]))
    return [HsmKey(slot, label) for label in where.labels]


@cache
def _slot(module: str, token: str, pin_file: str) -> "_Slot":
    return _Slot(Place(module=module, token=token, labels=(), pin_file=pin_file))  # whoever signs in does so once


class _Slot:
    """A session with the token, opened when it is first used; one thread at a time."""

    def __init__(self, where: Place) -> None:
        self._where, self._lock = where, threading.Lock()
        self._session: Any = None
        self._process = 0

    def use[T](self, act: Callable[[Any], T]) -> T:
        """What `act` gives for the session; a session that was lost is opened again, once."""
        with self._lock:
            for again in (False, True):
                try:
                    return act(self._opened())
                except (HsmError, SealError):
                    raise
                except _pkcs11().PKCS11Error as error:
                    self._close()
                    if again:
                        raise HsmError(f"{self._where.module} failed ({type(error).__name__})") from None
        raise AssertionError

    def _close(self) -> None:
        with suppress(_pkcs11().PKCS11Error):
            self._session.close()
        self._session = None

    def _opened(self) -> Any:
        if self._session is not None and self._process == os.getpid():
            return self._session
        api, where = _pkcs11(), self._where
        try:
            library = api.lib(where.module)
            if self._process and self._process != os.getpid():
                library.reinitialize()  # a module knows nothing of forks
        except (OSError, RuntimeError, api.PKCS11Error) as error:
            raise HsmError(f"the module {where.module} cannot be loaded ({error or type(error).__name__})") from None
        try:
            token = library.get_token(token_label=where.token)
        except api.PKCS11Error:
            raise HsmError(f"the module {where.module} has no token {where.token}") from None
        try:
            self._session = token.open(rw=True, user_pin=_pin(where))
        except api.PKCS11Error as error:
            raise HsmError(
                f"the token {where.token} does not open ({type(error).__name__}): is the PIN right?"
            ) from None
        self._process, self._wraps = os.getpid(), token.slot.get_mechanisms()
        return self._session

    def _is_gcm(self) -> bool:
        mechanisms = _pkcs11().Mechanism
        if mechanisms.AES_GCM in self._wraps:
            return True
        if mechanisms.AES_KEY_WRAP_PAD in self._wraps:
            return False
        raise HsmError(f"the token {self._where.token} offers neither CKM_AES_GCM nor CKM_AES_KEY_WRAP_PAD")

    def seal(self, session: Any, label: str, plain: bytes, key_id: int, where: str) -> bytes:
        api, key, start = _pkcs11(), _find(session, label), envelope.header(key_id)
        if self._is_gcm():
            nonce = os.urandom(NONCE)
            params = api.GCMParams(nonce, start + where.encode())
            return start + nonce + bytes(key.encrypt(plain, mechanism=api.Mechanism.AES_GCM, mechanism_param=params))
        bound = hashlib.sha256(start + where.encode()).digest()[:BOUND] + plain
        within = _secret(session, bound)
        try:
            return start + bytes(key.wrap_key(within, mechanism=api.Mechanism.AES_KEY_WRAP_PAD))
        finally:
            within.destroy()

    def open(self, session: Any, label: str, sealed: bytes, where: str) -> bytes:
        api, key, start = _pkcs11(), _find(session, label), sealed[:HEADER]
        another = SealError(f"{where} does not open: another key, another place, or changed bytes")
        refusals = (
            *(api.EncryptedDataInvalid, api.EncryptedDataLenRange, api.GeneralError, api.FunctionFailed),
            *(api.WrappedKeyInvalid, api.WrappedKeyLenRange, api.ArgumentsBad),
        )
        try:
            if self._is_gcm():
                params = api.GCMParams(sealed[HEADER : HEADER + NONCE], start + where.encode())
                rest = sealed[HEADER + NONCE :]
                return bytes(key.decrypt(rest, mechanism=api.Mechanism.AES_GCM, mechanism_param=params))
            within = key.unwrap_key(
                api.ObjectClass.SECRET_KEY,
                api.KeyType.GENERIC_SECRET,
                sealed[HEADER:],
                mechanism=api.Mechanism.AES_KEY_WRAP_PAD,
                template={api.Attribute.EXTRACTABLE: True, api.Attribute.SENSITIVE: False},
            )
        except refusals:
            raise another from None
        try:
            bound = bytes(within[api.Attribute.VALUE])
        finally:
            within.destroy()
        if bound[:BOUND] != hashlib.sha256(start + where.encode()).digest()[:BOUND]:
            raise another
        return bound[BOUND:]


def lacking(where: Place) -> str:
    """What can be seen to be missing without asking the module; empty where nothing is."""
    try:
        _pkcs11()
        _pin(where)
    except HsmError as error:
        return str(error)
    return "" if Path(where.module).is_file() else f"the module {where.module} is not there"


@cache
def _pkcs11() -> Any:
    try:
        return importlib.import_module("pkcs11")
    except ImportError:
        raise HsmError("the package python-pkcs11 is missing: pip install 'caunoi[pkcs11]'") from None


def _pin(where: Place) -> str:
    if not where.pin_file:
        raise HsmError(f"the PIN is missing: name its file by {PIN}, or give systemd's credential {CREDENTIAL}")
    try:
        pin = Path(where.pin_file).read_text("utf-8").strip()
    except OSError as error:
        raise HsmError(f"the PIN cannot be read from {where.pin_file} ({error.strerror})") from None
    if not pin:
        raise HsmError(f"{where.pin_file} holds no PIN")
    return pin


def _find(session: Any, label: str) -> Any:
    api = _pkcs11()
    try:
        return session.get_key(object_class=api.ObjectClass.SECRET_KEY, key_type=api.KeyType.AES, label=label)
    except api.NoSuchKey:
        raise HsmError(f"the token has no AES key {label}") from None
    except api.MultipleObjectsReturned:
        raise HsmError(f"the token has several AES keys {label}: give each a label of its own") from None


def _make(session: Any, label: str) -> None:
    api = _pkcs11()
    with suppress(HsmError):
        _find(session, label)
        return
    session.generate_key(
        api.KeyType.AES,
        256,
        id=os.urandom(BOUND),
        label=label,
        store=True,
        capabilities=api.MechanismFlag.ENCRYPT
        | api.MechanismFlag.DECRYPT
        | api.MechanismFlag.WRAP
        | api.MechanismFlag.UNWRAP,
        template={api.Attribute.EXTRACTABLE: False, api.Attribute.SENSITIVE: True, api.Attribute.PRIVATE: True},
    )


def _secret(session: Any, value: bytes) -> Any:
    api = _pkcs11()
    return session.create_object(
        {
            api.Attribute.CLASS: api.ObjectClass.SECRET_KEY,
            api.Attribute.KEY_TYPE: api.KeyType.GENERIC_SECRET,
            api.Attribute.VALUE: value,
            api.Attribute.TOKEN: False,
            api.Attribute.EXTRACTABLE: True,
            api.Attribute.SENSITIVE: False,
        }
    )


def _id(session: Any, label: str) -> str:
    """Of the token's serial number and the key's own id."""
    key = _find(session, label)
    text = f"{session.token.serial.hex()}\n{bytes(key.id).hex()}\n{label}"
    return hashlib.sha256(f"caunoi master key\n{text}".encode()).hexdigest()[:12]
