import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Count, Min, Q, Sum
from django.utils.timezone import now
from django.utils.translation import gettext_noop

from caunoi.conversations.models import Contact
from caunoi.events.actor import Actor
from caunoi.events.queries import history
from caunoi.files.models import Attachment
from caunoi.files.queries import content
from caunoi.lib.missives import Parting, Person
from caunoi.lib.vietnamese.writing import fold
from caunoi.tickets.lifecycle import State
from caunoi.tickets.models import Note, Photo, Ticket
from caunoi.transfers.models import Arrival, Rejection, Transfer
from caunoi.transfers.neighbours import name_of, neighbourhood

UNTOLD = Q(state__in=(Transfer.State.RECEIVED, Transfer.State.RETURNED), erased__isnull=False, erasure_noted=None)
"""What was handed over, and who reported it is erased here since: it is to be said there."""
_WHAT = re.compile(r"^(tinh|thanh pho|tp\.?)\s+")
SOURCES = frozenset({State.NEW, State.ACCEPTED})
TROUBLES = frozenset(
    {
        "catalogue",
        "away",
        "refused",
        "busy",
        "answer",
        "signature",
        "sender",
        "recipient",
        "stale",
        "unreadable",
        "changed",
        "files",
    }
)
"""Why a hand-over is not through: no catalogue here, nobody there answers, they say no or not now, their answer is not
to this, or as MissiveError says."""


@dataclass(frozen=True, kw_only=True)
class Trouble:
    """Hand-overs that a province has not signed for, since when the first was begun, and why."""

    province: str
    why: str
    count: int
    since: datetime


def may_offer(ticket: Ticket, by: Actor) -> bool:
    """Whether it can be handed to another province now; what is told in confidence never is."""
    place = None if ticket.restricted else neighbourhood()
    return place is not None and bool(place.others)


def others() -> list[tuple[str, str]]:
    """The provinces to which something can be handed: codes and names, as a list is read."""
    place = neighbourhood()
    rows = [(cell.code, name_of(cell)) for cell in place.others] if place else []
    return sorted(rows, key=lambda row: _short(row[1]))


def find_province(text: str) -> str:
    """The code of the one that is meant: by its code, its name with or without marks, or a part of the name that no
    other has."""
    typed, rows = _short(text), others()
    exact = [code for code, name in rows if typed in (code, _short(name))]
    part = [code for code, name in rows if typed and typed in _short(name)]
    return exact[0] if exact else part[0] if len(part) == 1 else ""


def _short(name: str) -> str:
    """A name without what it is, and without marks."""
    return _WHAT.sub("", fold(name).strip())


def may_recall(ticket: Ticket, by: Actor) -> bool:
    row = waiting(ticket)
    return row is not None and not row.recalled


def waiting(ticket: Ticket) -> Transfer | None:
    """The hand-over that waits for its receipt. A ticket is in one of SOURCES then, and stays."""
    if ticket.pk is None or ticket.state not in SOURCES or neighbourhood() is None:
        return None
    return Transfer.objects.filter(ticket=ticket, state=Transfer.State.WAITING).first()


def is_due() -> bool:
    """Whether anything is to be said to another cell now."""
    rows = Transfer.objects.filter(due__lte=now())
    kinds = (rows.filter(state=Transfer.State.WAITING), rows.filter(UNTOLD), Arrival.objects.filter(due__lte=now()))
    return any(each.exists() for each in kinds)


def latest(ticket: Ticket) -> Transfer | None:
    """How the last hand-over to another province went."""
    return Transfer.objects.filter(ticket=ticket).order_by("-pk").first()


def arrival(ticket: Ticket) -> Arrival | None:
    """From where a ticket came, if another province handed it over."""
    return Arrival.objects.filter(ticket=ticket).first()


def follow_address(row: Transfer) -> str:
    """Where the citizen follows it now, as the receipt says."""
    return str(json.loads(row.receipt["document"])["follow"]) if row.receipt else ""


def own_address(ticket: Ticket) -> str:
    return f"{settings.PUBLIC_URL.rstrip('/')}/f/{ticket.follow}"


def province(code: str) -> str:
    """What a province is called."""
    place = neighbourhood()
    if place and code in place.catalogue.cells:
        return name_of(place.catalogue.cells[code])
    return Transfer.objects.filter(cell=code).values_list("province", flat=True).order_by("-pk").first() or code


def parting(ticket: Ticket, why: str, *, person: Person | None = None, files: Sequence[str] = ()) -> Parting:
    """A ticket as another province gets it: what was reported, where, and nothing that was done or written here."""
    return Parting(
        number=ticket.code,
        why=why,
        text=ticket.text,
        summary=ticket.summary,
        address=ticket.address,
        kind=ticket.kind,
        urgency=ticket.urgency,
        category=ticket.category.name if ticket.category else "",
        received=ticket.received.isoformat(),
        occurred=ticket.occurred.isoformat() if ticket.occurred else "",
        latitude=ticket.latitude,
        longitude=ticket.longitude,
        person=person,
        files=tuple(files),
    )


def photos(ticket: Ticket) -> list[Photo]:
    """What the citizen sent: the pictures that go along."""
    return list(ticket.photos.filter(role=Photo.Role.REPORT).select_related("attachment").order_by("pk"))


def person(contact: Contact) -> Person | None:
    """How the citizen may be reached; None where nothing is there to be passed on."""
    result = Person(name=contact.name, phone=contact.phone, email=contact.email)
    return result if any(vars(result).values()) else None


def reachable(ticket: Ticket) -> Sequence[Person]:
    """The citizen, where anything of them could be passed on."""
    one = person(ticket.contact)
    return [one] if one else []


def troubles(since: timedelta) -> Iterator[Trouble]:
    """What has waited for longer than this, by province and reason."""
    begun = now() - since
    waiting, erased = Q(state=Transfer.State.WAITING, at__lt=begun), UNTOLD & Q(erased__lt=begun)
    rows = Transfer.objects.filter(waiting | erased).exclude(trouble="")
    for row in rows.values("province", "trouble").annotate(count=Count("pk"), first=Min("at")).order_by("first"):
        yield Trouble(province=row["province"], why=row["trouble"], count=row["count"], since=row["first"])
    back = Arrival.objects.filter(due__isnull=False, due__lt=now() + since, attempts__gt=0, at__lt=begun)
    for row in back.values("province", "trouble").annotate(count=Count("pk"), first=Min("at")).order_by("first"):
        yield Trouble(province=row["province"], why=row["trouble"], count=row["count"], since=row["first"])


def rejections(since: timedelta) -> dict[str, int]:
    """How many missives were not taken lately, by why."""
    rows = Rejection.objects.filter(hour__gte=now() - since).values_list("why").annotate(total=Sum("count"))
    return dict(rows.order_by("why"))


def pictures(row: Transfer) -> list[bytes]:
    """The pictures that go along, in their order."""
    rows = Attachment.objects.in_bulk(row.files)
    result = []
    for pk in row.files:
        with content(rows[pk]) as file:
            result.append(file.read())
    return result


def return_reason(ticket: Ticket) -> str:
    """What the citizen was told when it was refused here: why it goes back to where it came from."""
    last = history(ticket).filter(kind="ticket.refuse").order_by("-id").first()
    notes = Note.objects.filter(ticket=ticket, event=last.pk, internal=False) if last else Note.objects.none()
    return "\n".join(notes.order_by("id").values_list("text", flat=True))


def preview(ticket: Ticket) -> list[tuple[str, str]]:
    """What goes out by `transfer`, for its form: English labels, and the very values."""
    row, one = parting(ticket, ""), person(ticket.contact)
    place = "" if row.latitude is None or row.longitude is None else f"{row.latitude:.6f}, {row.longitude:.6f}"
    count = ticket.photos.filter(role=Photo.Role.REPORT).count()
    lines = (
        (gettext_noop("Words of the citizen"), row.text),
        (gettext_noop("Summary"), row.summary),
        (gettext_noop("Place"), "\n".join(filter(None, [row.address, place]))),
        (gettext_noop("Photos of the citizen"), str(count or "")),
        (gettext_noop("Code of the ticket here"), row.number),
        (gettext_noop("Only if they agree"), ", ".join(filter(None, vars(one).values())) if one else ""),
    )
    return [(label, text) for label, text in lines if text]
