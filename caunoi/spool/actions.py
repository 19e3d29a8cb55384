"""Reports are kept while there is no primary, and numbered once when there is one again (docs/adr/0035)."""

import logging
from collections.abc import Mapping
from datetime import datetime, timedelta
from math import isfinite
from typing import Any

from django.utils.dateparse import parse_datetime
from django.utils.timezone import make_aware, now

from caunoi.accounts import queries as accounts
from caunoi.conversations.actions import end_draft, owns_draft
from caunoi.conversations.actions.drafts import DRAFT_DAYS
from caunoi.conversations.models import Draft
from caunoi.conversations.queries import draft as find_draft
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor, app, citizen
from caunoi.files import actions as files
from caunoi.files import queries as pictures
from caunoi.files.pictures import BadPictureError
from caunoi.jobs import away
from caunoi.jobs.leases import Claim
from caunoi.jobs.lookout import Pump
from caunoi.lib.crypto.envelope import SealError
from caunoi.lib.messages import danger
from caunoi.lib.numbers import phone
from caunoi.spool.deposit import Deposit, open_, seal
from caunoi.spool.queries import ASIDE, DEPOSITS, NUMBERED, listing, name_of, places
from caunoi.store.places import Place, StoreError
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import Kind, Urgency
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import of_once
from caunoi.tickets.report import Report, Reporter

log = logging.getLogger(__name__)
_claim = Claim("spool")


class RevokedKeyError(Exception):
    """The app's key was revoked before the app sent this with it."""


def keep(deposit: Deposit) -> None:
    """Durable when it returns; the same again is there once. StoreError."""
    name = f"{DEPOSITS}/{name_of(deposit.token)}"
    if not any(place.exists(name) for place in places()):
        places()[0].keep(name, seal(deposit.to_bytes(), name))


def number(deposit: Deposit, *, wait: float | None = None) -> Ticket:
    """The ticket of a deposit, made when it is asked for the first time; its clock runs from when it was kept. With
    `wait` (seconds) a photo that is none is a BadPictureError, for somebody sees it; else the rest is taken."""
    draft = find_draft(deposit.draft) if deposit.draft else None
    if draft is not None and not owns_draft(deposit.browser, draft):
        draft = None
    once = draft.token if draft else deposit.once
    if ticket := of_once(deposit.channel, once):
        return ticket
    by = _sender(deposit)
    ticket = tickets.take(_report(deposit, draft, once, by, wait), by=by, at=deposit.at)
    if draft:
        end_draft(draft)
    return ticket


def _sender(deposit: Deposit) -> Actor:
    if deposit.key is None:
        return citizen()
    key = accounts.key_of(deposit.key)
    if key is None or (key.revoked and key.revoked <= deposit.at):
        raise RevokedKeyError
    return app(accounts.first_key(key))


def _report(deposit: Deposit, draft: Draft | None, once: str, by: Actor, wait: float | None) -> Report:
    """What was typed, over what was typed before in the usual form. What nobody could check without the database and is
    not so stays in `raw`, for whoever reads it."""
    data = {**(draft.data if draft else {}), **{name: value for name, value in deposit.data.items() if value}}
    photos = [one.pk for one in pictures.claimed(data.pop("photos", []))]
    category, pin = directory.category(_text(data, "category")), _pin(data)
    area = directory.area_at(*pin) if pin else directory.area(_text(data, "area"))
    if area is None or area.parent_id is None:
        area, pin = None, (None if directory.ground() else pin)
    number, version = phone.parse(_text(data, "phone")), _text(data, "consent_version")
    text = _text(data, "text")
    kind = _text(data, "kind") or (category.kind if category else "")
    return Report(
        text=text,
        channel=deposit.channel,
        once=once,
        raw=deposit.raw or data,
        kind=Kind(kind) if kind in {*Kind} else Kind.REPORT,
        category_id=category.pk if category else None,
        area_id=area.pk if area else None,
        address=_text(data, "address"),
        latitude=pin[0] if pin else None,
        longitude=pin[1] if pin else None,
        occurred=_moment(_text(data, "occurred")),
        urgency=Urgency.URGENT if danger.number(text) else Urgency.NORMAL,
        reporter=Reporter(
            name=_text(data, "name"), phone=(number.e164 or "") if number else "", email=_text(data, "email")
        ),
        photos=[*photos, *_photos(deposit, by, wait)],
        consent=int(version) if version.isdecimal() else None,
    )


def _text(data: Mapping[str, Any], name: str) -> str:
    return str(data.get(name) or "").replace("\0", "").strip()


def _pin(data: Mapping[str, Any]) -> tuple[float, float] | None:
    try:
        lat, long = (float(_text(data, name).replace(",", ".")) for name in ("lat", "long"))
    except ValueError:
        return None
    return (lat, long) if isfinite(lat) and isfinite(long) and abs(lat) <= 90 and abs(long) <= 180 else None


def _moment(value: str) -> datetime | None:
    try:
        at = parse_datetime(value)
    except ValueError:
        return None
    if at is not None and at.tzinfo is None:  # as a browser writes it
        at = make_aware(at)
    return at if at is not None and at <= now() else None


def _photos(deposit: Deposit, by: Actor, wait: float | None) -> list[int]:
    stored = []
    for data in deposit.photos:
        try:
            stored.append(files.store(data, by=by, wait=wait).pk)
        except BadPictureError as error:
            if wait is not None or error.code == "busy":
                raise
            log.warning("spool: a photo was left out: %s", error.code)
    return stored


def number_all() -> int:
    """Number what waits, one after another; how many there were. By one host alone, so that no photo is made twice;
    that none becomes two tickets does not rest on that."""
    done = 0
    try:
        for place, name in list(listing(DEPOSITS)):
            if not _claim.take():
                break
            done += _number_one(place, name)
    except OSError as error:
        log.warning("spool: no store (%s)", error)
    return done


def _number_one(place: Place, name: str) -> bool:
    """Its ticket, then a note of the ticket for whoever asks by its token, then it goes. Whatever ends this in between,
    the same again comes to the same."""
    try:
        with place.take(name) as file:
            sealed = file.read()
    except FileNotFoundError:
        return False  # another host's
    try:
        deposit = Deposit.from_bytes(open_(sealed, name))
        ticket = number(deposit)
    except (SealError, RevokedKeyError, ValueError, KeyError, TypeError) as error:
        _set_aside(place, name, sealed, error)
        return False
    except (BadPictureError, StoreError):  # no darkroom is free, or its photos cannot be stored: the next time
        log.warning("spool: %s waits", name, exc_info=True)
        return False
    except Exception as error:
        if away.passing(error):
            raise
        _set_aside(place, name, sealed, error)
        return False
    note = f"{NUMBERED}/{name_of(deposit.token)}"
    places()[0].keep(note, seal(f"{ticket.code}/{ticket.follow}".encode(), note))
    place.delete(name)
    log.info("spool: one report numbered")
    return True


def _set_aside(place: Place, name: str, sealed: bytes, error: Exception) -> None:
    """Nothing is lost that cannot be numbered; it is in nobody's way, and the doctor tells."""
    log.error("spool: %s cannot be numbered (%s), set aside", name, type(error).__name__)
    place.keep(f"{ASIDE}/{name.rpartition('/')[2]}", sealed)
    place.delete(name)


def put_back() -> int:
    """What was set aside waits for a number again. How many there were."""
    entries = list(listing(ASIDE))
    for place, name in entries:
        with place.take(name) as file:
            sealed = file.read()
        place.keep(f"{DEPOSITS}/{name.rpartition('/')[2]}", sealed)
        place.delete(name)
    return len(entries)


def forget_notes() -> int:
    """By the token of a deposit its ticket is found for as long as an unsent report is kept."""
    before, done = now() - timedelta(days=DRAFT_DAYS), 0
    for place, name in list(listing(NUMBERED)):
        if place.get_modified_time(name) < before:
            place.delete(name)
            done += 1
    return done


pump = Pump("spool", number_all)
