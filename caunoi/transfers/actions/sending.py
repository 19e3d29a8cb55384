"""Says to other cells what is to be said, again and again until they have signed for it. A row is claimed before, and
marked durably just before it leaves: what may have arrived is never taken back without asking there."""

import json
import logging
from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from time import monotonic
from typing import Any

import httpx
from django.db import transaction
from django.db.models import Q
from django.utils.timezone import now

from caunoi.conversations.actions.patience import pause
from caunoi.lib import missives
from caunoi.lib.cells import Cell
from caunoi.lib.missives import Kind, Missive, MissiveError, Signed
from caunoi.tickets.lifecycle import State
from caunoi.transfers import queries
from caunoi.transfers.actions import leaving
from caunoi.transfers.models import Arrival, Transfer
from caunoi.transfers.neighbours import Neighbourhood, neighbourhood

DOOR = "/cells/missives"
LONGEST, MOST = 30.0, 64 * 1024  # seconds of silence, bytes of an answer
WHOLE = 60.0  # seconds for an answer
LEASE = timedelta(minutes=5)
BATCH = 20

log = logging.getLogger(__name__)


class AwayError(Exception):
    """It is not through; `code` of queries.TROUBLES says why, `arrived` whether it may have come there."""

    def __init__(self, code: str, *, arrived: bool) -> None:
        self.code, self.arrived = code, arrived
        super().__init__(code)


def send_all(http: httpx.Client) -> int:
    """Say what is due; how many were tried."""
    place, count = neighbourhood(), 0
    for row in _claim(Transfer, Q(state=Transfer.State.WAITING)):
        _send(row, place, http)
        count += 1
    for row in _claim(Transfer, queries.UNTOLD):
        _tell_erasure(row, place, http)
        count += 1
    for arrival in _claim(Arrival, Q(returned=None)):
        _return(arrival, place, http)
        count += 1
    return count


def _claim[M: (Transfer, Arrival)](kind: type[M], where: Q) -> Iterator[M]:
    """What is due and nobody else has, one after the other."""
    free = Q(claimed=None) | Q(claimed__lt=now() - LEASE)  # … or whose worker died
    for _ in range(BATCH):
        with transaction.atomic():
            rows = kind.objects.select_for_update(skip_locked=True, of=("self",)).select_related("ticket")
            row = rows.filter(where & free, due__lte=now()).order_by("due", "pk").first()
            if row is None:
                return
            row.claimed = now()
            row.save(update_fields=["claimed"])
        yield row


def _send(row: Transfer, place: Neighbourhood | None, http: httpx.Client) -> None:
    # taken back; or since then it is told in confidence, or somebody was as quick with another move
    unwanted = row.recalled or row.ticket.restricted or row.ticket.state not in queries.SOURCES
    if unwanted and not row.departed:
        with transaction.atomic():
            leaving.end(leaving.locked(row.pk), Transfer.State.WITHDRAWN, now())
        return
    kind, content = Kind.TRANSFER, {"report": row.report}
    if unwanted:
        kind, content = Kind.WITHDRAWAL, {"digest": row.digest}

    def leave() -> None:
        Transfer.objects.filter(pk=row.pk).update(departed=True)

    try:
        files = _pictures(row) if kind is Kind.TRANSFER else []
        to, signed = _written(place, row, kind, content)
        answer, document = _ask(to, signed, files, place, http, leave)
        _check(answer, row.key, row.digest, (Kind.RECEIPT, Kind.VOID))
        with transaction.atomic():
            leaving.settle(leaving.locked(row.pk), answer, document)
    except AwayError as error:
        _later(row, error.code)
        if not error.arrived and not row.departed:
            Transfer.objects.filter(pk=row.pk).update(departed=False)
    except MissiveError as error:
        _later(row, error.code)


def _pictures(row: Transfer) -> list[bytes]:
    """AwayError where one is not there any more: then it is another report than the one that somebody handed over."""
    try:
        return queries.pictures(row)
    except (KeyError, OSError):
        raise AwayError("files", arrived=False) from None


def _return(row: Arrival, place: Neighbourhood | None, http: httpx.Client) -> None:
    if row.ticket is None or row.ticket.state != State.REFUSED:  # undone, or opened again
        Arrival.objects.filter(pk=row.pk).update(due=None, claimed=None, trouble="", attempts=0)
        return
    content = {"digest": row.digest, "why": queries.return_reason(row.ticket)[: leaving.WORDS]}
    try:
        to, signed = _written(place, row, Kind.RETURN, content)
        answer, _ = _ask(to, signed, [], place, http, lambda: None)
        _check(answer, row.key, row.digest, (Kind.NOTED,))
    except (AwayError, MissiveError) as error:
        _later(row, error.code)
    else:
        Arrival.objects.filter(pk=row.pk).update(returned=now(), due=None, claimed=None, trouble="")


def _tell_erasure(row: Transfer, place: Neighbourhood | None, http: httpx.Client) -> None:
    try:
        to, signed = _written(place, row, Kind.ERASURE, {"digest": row.digest})
        answer, _ = _ask(to, signed, [], place, http, lambda: None)
        _check(answer, row.key, row.digest, (Kind.NOTED,))
    except (AwayError, MissiveError) as error:
        _later(row, error.code)
    else:
        Transfer.objects.filter(pk=row.pk).update(erasure_noted=now(), claimed=None, trouble="")


def _later(row: Transfer | Arrival, code: str) -> None:
    log.warning("%s to the cell %s is not through: %s", type(row).__name__.lower(), row.cell, code)
    wait = timedelta(seconds=pause(row.attempts))
    values = {"due": now() + wait, "claimed": None, "trouble": code[:20], "attempts": row.attempts + 1}
    type(row).objects.filter(pk=row.pk).update(**values)


def _written(
    place: Neighbourhood | None, row: Transfer | Arrival, kind: Kind, content: Mapping[str, Any]
) -> tuple[Cell, Signed]:
    """What is said, to whom. AwayError where the catalogue does not name them (any more)."""
    to = place.catalogue.cells.get(row.cell) if place else None
    if place is None or to is None:
        raise AwayError("catalogue", arrived=False)
    content = {"catalogue": place.catalogue.number, **content}
    ends = {"sender": place.own, "recipient": to.code}
    return to, missives.write(kind, content, id=row.key, at=now(), key=place.signer(), **ends)


def _ask(
    to: Cell,
    signed: Signed,
    files: list[bytes],
    place: Neighbourhood | None,
    http: httpx.Client,
    leave: Callable[[], None],
) -> tuple[Missive, dict[str, str]]:
    """What they answer, as they have signed it. AwayError, MissiveError."""
    assert place is not None
    parts: list[tuple[str, Any]] = [("file", (f"{n}.webp", data, "image/webp")) for n, data in enumerate(files)]
    leave()
    try:
        with http.stream(
            "POST",
            f"{to.address}{DOOR}",
            data=vars(signed),
            files=parts or None,
            timeout=LONGEST,
            follow_redirects=False,
        ) as response:
            body = _limited(response)
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.UnsupportedProtocol):
        raise AwayError("away", arrived=False) from None
    except (httpx.HTTPError, httpx.InvalidURL):
        raise AwayError("away", arrived=True) from None
    if response.status_code != httpx.codes.OK:
        raise _refusal(response.status_code, body)
    try:
        document = json.loads(body)
        answer = Signed(document=document["document"], signature=document["signature"])
        kinds = (Kind.RECEIPT, Kind.VOID, Kind.NOTED)
        missive = missives.read(answer, kinds, recipient=place.own, catalogue=place.catalogue, at=now())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise AwayError("answer", arrived=True) from None
    if missive.sender.code != to.code:
        raise MissiveError("answer", missive.sender.code)
    return missive, vars(answer)


def _limited(response: httpx.Response) -> bytes:
    parts, size, begun = [], 0, monotonic()
    for part in response.iter_bytes():
        size += len(part)
        if size > MOST or monotonic() - begun > WHOLE:
            raise AwayError("answer", arrived=True)
        parts.append(part)
    return b"".join(parts)


def _refusal(status: int, body: bytes) -> AwayError:
    """Why they do not take it, in their word, where that is one of ours. Whoever says no has not taken it now, and may
    have before."""
    if status >= 500 or status == httpx.codes.TOO_MANY_REQUESTS:
        return AwayError("busy", arrived=True)
    try:
        code = json.loads(body)["error"]
    except (ValueError, KeyError, TypeError, RecursionError):
        code = ""
    return AwayError(code if code in queries.TROUBLES else "refused", arrived=True)


def _check(answer: Missive, key: str, digest: str, kinds: tuple[Kind, ...]) -> None:
    """MissiveError where the answer is to something else."""
    if answer.kind not in kinds or answer.id != key or answer.content.get("digest") != digest:
        raise MissiveError("answer", answer.sender.code)
