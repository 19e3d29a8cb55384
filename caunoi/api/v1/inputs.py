"""What a program sends, as the rows and values that actions take."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Annotated, Any

from annotated_types import Ge, Le, Len
from django.utils.dateparse import parse_date, parse_datetime
from django.utils.timezone import get_default_timezone
from ninja import Schema
from ninja.files import UploadedFile
from pydantic import AfterValidator, Field, StringConstraints, create_model

from caunoi.channels.registry import channels
from caunoi.directory import queries as directory
from caunoi.events.actor import Actor
from caunoi.files import queries as files
from caunoi.files.actions import store
from caunoi.files.models import Attachment
from caunoi.files.pictures import BadPictureError
from caunoi.tickets import queries as tickets
from caunoi.tickets.datum import REASON, Datum, DatumKind
from caunoi.tickets.lifecycle import DATA, MOVES, Kind, Urgency
from caunoi.tickets.reasons import BY_PRODUCT, OTHER, REASONS


class UnknownCodeError(Exception):
    """A code that names nothing (for this caller); `field` is where it stood."""

    def __init__(self, field: str, description: str) -> None:
        self.field = field
        super().__init__(description)


def _plain(value: str) -> str:
    if "\x00" in value:
        raise ValueError("must not contain NUL")
    return value


def _channel(key: str) -> str:
    if key not in channels():
        raise ValueError(f"must be one of {', '.join(channels())}")
    return key


Words = Annotated[str, StringConstraints(max_length=10_000), AfterValidator(_plain)]
Message = Annotated[str, StringConstraints(min_length=1, max_length=4000), AfterValidator(_plain)]
Line = Annotated[str, StringConstraints(max_length=300), AfterValidator(_plain)]
Name = Annotated[str, StringConstraints(max_length=120), AfterValidator(_plain)]
Code = Annotated[str, StringConstraints(max_length=40), AfterValidator(_plain)]
ChannelKey = Annotated[
    str, AfterValidator(_channel), Field(json_schema_extra=lambda schema: schema.update(enum=list(channels())))
]
Token = Annotated[str, StringConstraints(max_length=200), AfterValidator(_plain)]


TYPES: Mapping[DatumKind, Any] = {
    DatumKind.WORDS: Words,
    DatumKind.LINE: Line,
    DatumKind.CODE: Words,
    DatumKind.FLAG: bool,
    DatumKind.ROW: Code,
    DatumKind.ROWS: Annotated[list[Code], Len(max_length=20)],
    DatumKind.PHOTOS: Annotated[list[Token], Len(max_length=20)],
    DatumKind.CITATIONS: Annotated[dict[Code, Annotated[int, Ge(1), Le(2_147_483_647)]], Len(max_length=20)],
}
"""How each kind of datum is sent: codes name rows, `into` a ticket, tokens pictures that were sent before."""


def _type(datum: Datum) -> Any:
    if datum.kind is DatumKind.NUMBER:
        return Annotated[int, Ge(datum.least), Le(datum.most)]
    return TYPES[datum.kind]


_FIELDS: dict[str, Any] = {name: (_type(datum) | None, None) for name, datum in DATA.items()}
MoveMade = create_model(
    "MoveMade", __base__=Schema, __doc__="A move, with what it needs and may bring.", move=(Code, ...), **_FIELDS
)


def takes(move: str, sent: Mapping[str, Any]) -> dict[str, Any]:
    """Of what was sent, what this move takes, without what is empty. UnknownCodeError for a move that is none."""
    if move not in MOVES:
        raise UnknownCodeError("move", f"must be one of {', '.join(MOVES)}")
    return {k: v for k, v in sent.items() if k in MOVES[move].takes and v not in (None, "")}


def rows(move: str, brought: Mapping[str, Any], by: Actor) -> dict[str, Any]:
    """The rows that codes name. A reason for refusing that is no code of ours becomes the note of `other`."""
    takes = MOVES[move].takes
    read = {key: _read(takes[key], value, by) for key, value in brought.items()}
    if takes.get("reason", REASON).kind is DatumKind.CODE and read.get("reason") not in REASONS.keys() - BY_PRODUCT:
        read["note"] = "\n".join(part for part in (brought.get("reason"), brought.get("note")) if part)
        read["reason"] = OTHER
    return read


def _read(datum: Datum, value: Any, by: Actor) -> Any:
    match datum.kind, datum.of:
        case DatumKind.ROW, "ticket":
            return require(datum.name, tickets.find(by, value))
        case DatumKind.ROW, of:
            return require(datum.name, ROWS[of](value))
        case DatumKind.ROWS, of:
            return [require(datum.name, ROWS[of](code)) for code in value]
        case DatumKind.CODE, "kind":
            return member(datum.name, value, Kind)
        case DatumKind.CODE, "urgency":
            return member(datum.name, value, Urgency)
        case DatumKind.PHOTOS, _:
            pictures = [picture.pk for picture in files.claimed(value) if _uploaded(picture, by)]
            return pictures if len(pictures) == len(set(value)) else require(datum.name, None)
    return value


def _uploaded(picture: Attachment, by: Actor) -> bool:
    """Whether this person, or this program, uploaded it: a name may be another person's by now."""
    return picture.by == by.name if picture.by_user is None else by.is_person(picture.by_user)


ROWS: Mapping[str, Callable[[str], Any]] = {
    "category": directory.category,
    "area": directory.area,
    "agency": directory.agency,
}


def stored(uploads: Sequence[UploadedFile], by: Actor, *, wait: float | None = None) -> list[Attachment]:
    """Stores pictures: all of them, or UnknownCodeError with the reason."""
    most, largest = directory.option("photo_limit"), directory.option("photo_megabytes")
    if len(uploads) > most or any((upload.size or 0) > largest * 1024 * 1024 for upload in uploads):
        raise UnknownCodeError("files", f"at most {most} pictures of at most {largest} MB each")
    try:
        return [store(upload.read(), by=by, wait=wait) for upload in uploads]
    except BadPictureError as error:
        raise UnknownCodeError(
            "files", f"no picture that we take ({error.code}): send JPEG, PNG, WebP or HEIC"
        ) from None


def require[T](field: str, row: T | None) -> T:
    if row is None:
        raise UnknownCodeError(field, "no such code")
    return row


def member[E: (Kind, Urgency)](field: str, value: str, kind: type[E]) -> E:
    try:
        return kind(value)
    except ValueError:
        raise UnknownCodeError(field, f"must be one of {', '.join(kind)}") from None


def moment(field: str, value: str | None) -> datetime | None:
    """A date (its beginning in Vietnam) or an RFC 3339 time with an offset."""
    if not value:
        return None
    try:
        if day := parse_date(value):
            return datetime.combine(date(day.year, day.month, day.day), time(), get_default_timezone())
        at = parse_datetime(value.replace(" ", "+"))  # a + that was not escaped
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise UnknownCodeError(field, "must be a date such as 2026-11-25 or a time such as 2026-11-25T08:00:00+07:00")
    return at
