"""Which key seals, which key opens. Opened data keys stay in the process's memory."""

from contextlib import suppress
from datetime import timedelta
from threading import Lock
from time import monotonic

from django.utils.timezone import now

from caunoi.host import home, hsm
from caunoi.lib.crypto import envelope
from caunoi.vault.data_keys import DataKey
from caunoi.vault.masters import masters

FRESH = 10.0  # seconds until a process looks whether another key seals now
SPREAD = timedelta(seconds=30)  # … and a key of indexes is so old before it is written by: all look up by it by then
Purpose = DataKey.Purpose


class MasterKeyError(Exception):
    """The master key is missing, or another than the one that wrapped the keys of this database; the message says what
    to do."""


_opened: dict[int, bytes] = {}  # committed keys only
_sealing: dict[str, tuple[float, int]] = {}  # purpose → when it was read, id
_settled: set[str] = set()  # purposes of which nothing is written unsealed
_indexing: list[tuple[float, list[DataKey]]] = []  # when they were read, all keys of indexes, the newest first
_lock = Lock()


def key(pk: int) -> bytes:
    """The data key of this id. MasterKeyError; SealError where the database has no such key."""
    if opened := _opened.get(pk):
        return opened
    row = DataKey.objects.filter(pk=pk).first()
    if row is None:
        raise envelope.SealError(f"the database has no data key {pk}")
    return _remember(row)


def sealing(purpose: str) -> tuple[int, bytes]:
    """The key that seals this purpose now, with its id: made by the migrations. MasterKeyError."""
    at, pk = _sealing.get(purpose, (0.0, 0))
    if pk in _opened and monotonic() - at < FRESH:
        return pk, _opened[pk]
    row = DataKey.objects.filter(purpose=purpose, retired=None).first()
    if row is None:
        raise envelope.SealError(f"there is no data key for {purpose}: run `caunoi migrate`")
    data_key = _remember(row)
    _sealing[purpose] = (monotonic(), row.pk)
    if row.settled:
        _settled.add(purpose)
    return row.pk, data_key


def settled(purpose: str) -> bool:
    """Whether no older process reads values of this purpose unsealed: for good, once it is so."""
    if purpose not in _settled:
        sealing(purpose)
    return purpose in _settled


def index_keys() -> list[tuple[int, bytes]]:
    """The ids and keys by which something may be indexed now, the newest first: what is looked up is looked up by each
    of them. MasterKeyError."""
    return [(row.pk, key(row.pk)) for row in _index_rows()]


def indexing() -> tuple[int, bytes]:
    """The key by which rows are indexed now: the newest that every process has had the time to learn of."""
    rows = _index_rows()
    ripe = [row for row in rows if now() - row.created >= SPREAD]
    one = (ripe or rows[-1:])[0]
    return one.pk, key(one.pk)


def _index_rows() -> list[DataKey]:
    for at, rows in _indexing:
        if monotonic() - at < FRESH and all(row.pk in _opened for row in rows):
            return rows
    rows = list(DataKey.objects.filter(purpose=Purpose.INDEX).order_by("-id"))
    if not rows:
        raise envelope.SealError("there is no data key for index: run `caunoi migrate`")
    for row in rows:
        _remember(row)
    _indexing[:] = [(monotonic(), rows)]
    return rows


def _remember(row: DataKey) -> bytes:
    opened = unwrapped(row)
    with _lock:
        _opened[row.pk] = opened
    return opened


def forget() -> None:
    """Nothing is remembered of the keys: what uses one next reads it from the database."""
    with _lock:
        _opened.clear()
        _sealing.clear()
        _settled.clear()
        _indexing.clear()


def unwrapped(row: DataKey) -> bytes:
    """MasterKeyError where no master key at hand opens it."""
    try:
        at_hand = sorted(masters(), key=lambda master: master.id != row.master)
        for master in at_hand:
            with suppress(envelope.SealError):
                return master.unwrap(bytes(row.wrapped), row.purpose)
    except hsm.HsmError as error:
        raise MasterKeyError(str(error)) from None
    there = ", ".join(master.id for master in at_hand) or "none"
    raise MasterKeyError(
        f"the master key {row.master} is needed to open what is sealed; here is {there}: bring it back as"
        f" {home.home() / home.MASTER}, or name it by CAUNOI_MASTER_KEY_FILE or {hsm.NAME}"
    )


def unopened() -> str:
    """Why a data key does not open here; empty where all do. Asked before the tables are brought up to date, so by no
    column that was not there from the beginning."""
    try:
        for row in DataKey.objects.only("id", "purpose", "wrapped", "master"):
            unwrapped(row)
    except (MasterKeyError, OSError, ValueError) as error:
        return str(error)
    return ""


def data_keys() -> list[DataKey]:
    """All data keys, by purpose, the newest first."""
    return list(DataKey.objects.order_by("purpose", "-id"))
