"""Asks the control plane, takes what it signed and nothing else, and brings editions in or takes them back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

import httpx
from django.db import transaction
from django.utils.timezone import now

from caunoi.cells import queries
from caunoi.cells.models import Plane, PlaneEdition
from caunoi.channels.base import Account, DeliveryError, Media, UnreadableError
from caunoi.channels.download import download
from caunoi.directory import actions as directory
from caunoi.directory import geography, outlines
from caunoi.directory.models import Area, Day
from caunoi.directory.queries import option_now, province, province_code
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, administrators_only
from caunoi.lib import cells
from caunoi.lib.cells import CatalogueError, Edition
from caunoi.lib.worktime.daysoff import OutOfRangeError, SpecialDay, read_days, vietnam
from caunoi.procedures import actions as procedures
from caunoi.procedures.actions.rights import WrongStateError
from caunoi.procedures.models import Import

PATIENCE = 10.0  # seconds of silence
MOST = 1 << 20  # bytes of a signed document
AT_ONCE = 5  # editions of a subject within one look
PLACE = ("latitude", "longitude", "area_km2", "outline")
State = PlaneEdition.State


class NotWholeError(Exception):
    """What the control plane shows is not taken; the message says why."""


FAULTS = (NotWholeError, CatalogueError, DeliveryError, UnreadableError)


# --- Taking what is shown --------------------------------------------------------------------------------------------
def fetch(http: httpx.Client | None = None) -> None:
    """Look what the control plane shows. What is wrong with it is kept with what we hold of it, for the checks."""
    address, key = str(option_now("plane_address")), str(option_now("plane_key"))
    if not address or not key:
        return
    row, _new = Plane.objects.get_or_create(key=key)
    trouble = ""
    with http or httpx.Client(timeout=PATIENCE, headers={"User-Agent": "caunoi"}) as own:
        source = Account(name="plane", config={"api_base": address}, http=own)
        try:
            _take(row, source)
        except FAULTS as error:
            trouble = str(error)[:300]
    answered = {} if trouble else {"answered": now()}
    Plane.objects.filter(pk=row.pk).update(tried=now(), trouble=trouble, **answered)


def _take(row: Plane, source: Account) -> None:
    """The catalogue, and the editions that it names and we lack: those of each subject in their order. One of FAULTS,
    the first one; what is in order of other subjects is taken all the same."""
    newest = _take_catalogue(row, source)
    present, fault = queries.newest_numbers(row), None
    for subject in sorted(set(newest) & set(cells.SUBJECTS)):
        try:
            first = present.get(subject, 0) + 1
            for number in range(first, min(newest[subject], first + AT_ONCE - 1) + 1):
                _take_edition(row, source, subject, number)
        except FAULTS as error:
            fault = fault or error
    if fault:
        raise fault


def _take_catalogue(row: Plane, source: Account) -> Mapping[str, int]:
    """The newest edition of each subject, as the catalogue has it."""
    key = cells.public_key(row.key)
    document, signature = _signed(source, cells.CATALOGUE, key)
    catalogue = cells.read_catalogue(document, signature, key)
    with transaction.atomic():
        own = Plane.objects.select_for_update().get(pk=row.pk)
        if catalogue.number < own.number:
            raise NotWholeError(f"catalogue {catalogue.number} is shown, which is older than {own.number}, held here")
        if catalogue.number == own.number:
            if document != bytes(own.document):
                raise NotWholeError(f"another catalogue {own.number} is shown than the one held here")
            return catalogue.editions
        for subject, number in queries.newest_numbers(own).items():
            if catalogue.editions.get(subject, 0) < number:
                raise NotWholeError(f"catalogue {catalogue.number} lacks edition {number} of {subject}, held here")
        own.number, own.document, own.signature = catalogue.number, document, signature
        own.save(update_fields=["number", "document", "signature"])
        record("plane.catalogue", own, by=SYSTEM, number=own.number, cells=len(catalogue.cells))
    return catalogue.editions


def _take_edition(row: Plane, source: Account, subject: str, number: int) -> None:
    key, folder = cells.public_key(row.key), cells.edition_folder(subject, number)
    document, signature = _signed(source, f"{folder}/{cells.EDITION}", key)
    edition = cells.read_edition(document, signature, key, subject, number)
    mine = edition.files[0].name if subject != "areas" else f"{province_code()}.geojson"
    ours = next((one for one in edition.files if one.name == mine), None)
    raw = None
    if ours:
        raw = _download(source, f"{folder}/{ours.name}", ours.size + 1)
        if not ours.is_whole(raw):
            raise NotWholeError(f"{folder}/{ours.name} is not what edition {number} of {subject} says")
    with transaction.atomic():
        Plane.objects.select_for_update().get(pk=row.pk)
        if number <= queries.newest_numbers(row).get(subject, 0):
            return  # another worker was as quick
        received = PlaneEdition(
            plane=row,
            subject=subject,
            number=number,
            issued=edition.issued,
            note=edition.note,
            document=document,
            signature=signature,
        )
        try:
            _fill(received, edition, raw)
        except ValueError as error:
            raise NotWholeError(f"edition {number} of {subject} cannot be read: {error}") from None
        received.save()
        record("edition.receive", received, by=SYSTEM, of=subject, number=number)
    if option_now("plane_automatic"):
        bring_in(received, by=SYSTEM)


def _fill(row: PlaneEdition, edition: Edition, raw: bytes | None) -> None:
    """With what it brings: nothing for this province, an import of procedures, or a file. ValueError where it cannot be
    read."""
    if raw is None:
        row.state = State.DROPPED
    elif edition.subject == "procedures":
        row.incoming = procedures.upload(
            f"{edition.number} · {edition.files[0].name}",
            raw,
            by=SYSTEM,
            effective_from=edition.effective_from,
            retires=not edition.keep,
        )
        procedures.look(row.incoming)
        if row.incoming.state == Import.State.FAILED:
            raise ValueError(row.incoming.error)
    else:
        row.raw = raw
        differences(row)


def _signed(source: Account, name: str, key: bytes) -> tuple[bytes, str]:
    """A document with its signature; read twice where they do not fit, as both may just have been written."""
    for last in (False, True):
        document = _download(source, name, MOST)
        signature = _download(source, name + cells.ENDING, MOST).decode("ascii", "replace")
        if last or cells.is_signed(document, signature, key):
            break
    return document, signature


def _download(source: Account, name: str, most: int) -> bytes:
    return download(Media(kind="file", url=f"{source.config['api_base'].rstrip('/')}/{name}"), source, most=most)


# --- What it would change --------------------------------------------------------------------------------------------
@dataclass(frozen=True, kw_only=True)
class Difference:
    """What bringing an edition in would change of a day or an area: `before` and `after` as JSON; None is nothing of
    our own."""

    key: str
    name: str
    before: Any
    after: Any


def differences(row: PlaneEdition) -> list[Difference]:
    """Of days and areas; of procedures the import has them. ValueError for content that cannot be read."""
    if row.raw is None:
        return []
    content = bytes(row.raw)
    return [*(_days(content) if row.subject == "holidays" else _areas(content))]


def _days(content: bytes) -> Iterable[Difference]:
    own = {day.date: day for day in Day.objects.filter(calendar=None)}
    for day, special in sorted(read_days(content.decode("utf-8-sig").splitlines()).items()):
        after = {"works": special.works, "note": special.name}
        if row := own.get(day):
            before: Any = {"works": row.works, "note": row.note}
            if before != after:
                yield Difference(key=day.isoformat(), name=special.name, before=before, after=after)
        elif (special_day := _special_day(day)) is None or special_day.works != special.works:
            yield Difference(key=day.isoformat(), name=special.name, before=None, after=after)


def _special_day(day: date) -> SpecialDay | None:
    """What this release knows of a day."""
    try:
        return vietnam(day.year).get(day)
    except OutOfRangeError:
        return None


def _areas(content: bytes) -> Iterable[Difference]:
    home = province()
    if home is None:
        raise ValueError("the province is not set up yet")
    drawn = outlines.parse(content, "areas", home.code)
    codes = {one.code for one in drawn}
    rows = [row for row in geography.commune_rows(home, drawn) if row["code"] in codes]
    existing = {area.code: area for area in Area.objects.filter(valid_to=None, code__in=codes)}
    for row in rows:
        area = existing.get(row["code"])
        before = {name: getattr(area, name) for name in PLACE} if area else None
        after = {name: row.get(name) for name in PLACE}
        if before != after:
            yield Difference(key=row["code"], name=row["name"], before=before, after=after)


# --- Bringing it in, and back ----------------------------------------------------------------------------------------
def bring_in(row: PlaneEdition, *, by: Actor) -> bool:
    """Make an edition ours; whether this call did. One of procedures that cannot be read, or no longer does what was
    shown, stays as it is; so does one that can be read no longer."""
    administrators_only(by)
    with transaction.atomic():
        row = PlaneEdition.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if queries.state(row) != State.WAITING:
            return False
        if row.incoming:
            try:
                procedures.bring_in(row.incoming, by=by)
            except WrongStateError:
                return False
            _decided(row, State.DONE, "edition.bring_in", by)
            return True
        try:
            changes = differences(row)
        except ValueError:  # a release since then, or an act, knows the place otherwise
            return False
        _write(row.subject, {one.key: one.after for one in changes}, by)
        row.trail = [{"key": one.key, "before": one.before, "after": one.after} for one in changes]
        _decided(row, State.DONE, "edition.bring_in", by)
    return True


def drop(row: PlaneEdition, *, by: Actor) -> bool:
    """Do not bring it in; whether this call decided so."""
    administrators_only(by)
    with transaction.atomic():
        row = PlaneEdition.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if queries.state(row) != State.WAITING:
            return False
        if row.incoming:
            procedures.drop(row.incoming, by=by)
        _decided(row, State.DROPPED, "edition.drop", by)
    return True


def undo(row: PlaneEdition, *, by: Actor) -> int | None:
    """Put back what an edition of days or areas changed; what somebody changed since stays. How many rows stayed; None
    where there is nothing to undo (of procedures: on their import's page)."""
    administrators_only(by)
    with transaction.atomic():
        row = PlaneEdition.objects.select_for_update(of=("self",)).get(pk=row.pk)
        if row.state != State.DONE or row.incoming or row.trail is None:
            return None
        current = _current(row.subject, [one["key"] for one in row.trail])
        ours = {one["key"]: one["before"] for one in row.trail if current.get(one["key"]) == one["after"]}
        _write(row.subject, ours, by)
        left = len(row.trail) - len(ours)
        _decided(row, State.UNDONE, "edition.undo", by, left=left)
    return left


def _current(subject: str, keys: Iterable[str]) -> dict[str, Any]:
    if subject == "holidays":
        days = Day.objects.filter(calendar=None, date__in=keys)
        return {day.date.isoformat(): {"works": day.works, "note": day.note} for day in days}
    areas = Area.objects.filter(valid_to=None, code__in=keys)
    return {area.code: {name: getattr(area, name) for name in PLACE} for area in areas}


def _write(subject: str, values: Mapping[str, Any], by: Actor) -> None:
    """Days and areas as these values have them; None: no row of our own (an area that is there stays)."""
    if subject == "holidays":
        for key, value in values.items():
            if value is not None:
                directory.set_day(date.fromisoformat(key), value["works"], by=by, note=value["note"])
            elif day := Day.objects.filter(calendar=None, date=key).first():
                directory.remove_day(day, by=by)
        return
    home = province()
    assert home is not None
    rows = [row for row in geography.commune_rows(home) if values.get(row["code"]) is not None]
    directory.save_areas([{**row, **values[row["code"]]} for row in rows])
    directory.forget()


def _decided(row: PlaneEdition, state: str, kind: str, by: Actor, **more: Any) -> None:
    row.state, row.raw = state, None
    row.save(update_fields=["state", "raw", "trail"])
    record(kind, row, by=by, of=row.subject, number=row.number, **more)
