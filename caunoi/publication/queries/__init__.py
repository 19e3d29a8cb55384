"""What may be asked about published tickets, and about the public log. The door is door.py."""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Exists, OuterRef, Q, QuerySet

from caunoi.files.models import Attachment
from caunoi.lib.numbers import codes
from caunoi.publication.models import (
    ForeignHead,
    Head,
    Node,
    Publication,
    Recall,
    Statement,
    Successor,
    Testimony,
    Witness,
)
from caunoi.publication.queries.door import of_ids as of_ids
from caunoi.publication.queries.door import published as published
from caunoi.publication.queries.edition import edition as edition
from caunoi.publication.queries.entries import Page as Page
from caunoi.publication.queries.entries import RegisterFilter as RegisterFilter
from caunoi.publication.queries.entries import counted as counted
from caunoi.publication.queries.entries import listed as listed
from caunoi.publication.queries.entries import newest as newest
from caunoi.publication.queries.near import Near as Near
from caunoi.publication.queries.near import alike as alike
from caunoi.publication.queries.near import near as near
from caunoi.publication.queries.parts import part as part
from caunoi.publication.queries.parts import parts as parts
from caunoi.publication.queries.places import Spot as Spot
from caunoi.publication.queries.places import spots as spots
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.models import Ticket


def find(code: str) -> Publication | None:
    canonical = codes.parse(code)
    return published().filter(ticket__code=canonical).first() if canonical else None


def withdrawn(code: str) -> Publication | None:
    """A withdrawn publication, for its note only."""
    rows = Publication.objects.filter(state=Publication.State.WITHDRAWN)
    canonical = codes.parse(code)
    return rows.filter(ticket__code=canonical).first() if canonical else None


def solved(limit: int, *, area: str = "") -> list[Publication]:
    """The latest answered publications, in one area (its code) or everywhere."""
    rows = published().filter(ticket__answered__isnull=False, ticket__state__in=HANDLED).exclude(answer="")
    if area:
        rows = rows.filter(ticket__area__code=area)
    return list(rows.order_by("-ticket__answered").prefetch_related("photos", "blurs", "ticket__photos")[:limit])


def photos(publication: Publication) -> list[tuple[str, Attachment]]:
    """The photos a person has looked at, with their role: report, before, after."""
    roles = {photo.attachment_id: photo.role for photo in publication.ticket.photos.all()}
    roles |= {blur.result_id: roles.get(blur.original_id, "report") for blur in publication.blurs.all()}
    attachments = sorted(publication.photos.all(), key=lambda attachment: attachment.pk)
    return [(roles.get(attachment.pk, "report"), attachment) for attachment in attachments]


def of_codes(codes: Collection[str]) -> list[Publication]:
    """The published ones of these ticket codes, newest first."""
    return list(published().filter(ticket__code__in=codes).prefetch_related("photos").order_by("-ticket__id"))


def received(
    since: datetime,
    until: datetime,
    *,
    categories: Collection[str] = (),
    states: Collection[str] = (),
    before: str | None = None,
    skip: int = 0,
    size: int,
) -> list[Publication]:
    """Published tickets that were received from `since` to `until`, newest first, from `before` (a code) on."""
    rows = published().filter(ticket__received__gte=since, ticket__received__lte=until)
    if categories:
        rows = rows.filter(ticket__category__code__in=categories)
    if states:
        rows = rows.filter(ticket__state__in=states)
    if before and (last := Ticket.objects.filter(code=before).values_list("received", "id").first()):
        rows = rows.filter(Q(ticket__received__lt=last[0]) | Q(ticket__received=last[0], ticket__id__lt=last[1]))
    ordered = rows.order_by("-ticket__received", "-ticket__id").prefetch_related("photos")
    return list(ordered[skip : skip + size])


def publication_of(ticket: Ticket) -> Publication | None:
    """A ticket's publication in any state, for the staff."""
    return Publication.objects.filter(ticket=ticket).first()


def last_statement(publication: Publication) -> Statement | None:
    """The last statement about it in the log."""
    return Statement.objects.filter(publication=publication).order_by("-id").first()


def statements(code: str) -> list[Statement]:
    """All that the log says of a ticket, oldest first."""
    canonical = codes.parse(code)
    return list(Statement.objects.filter(code=canonical).order_by("id")) if canonical else []


def seal_statements() -> QuerySet[Statement]:
    """What the log says of the event log: its seals, oldest first."""
    return Statement.objects.filter(code="", kind=Statement.Kind.SEAL).order_by("id")


def key_statements() -> list[tuple[int, str]]:
    """Where another key was announced in the log: number and leaf, in their order."""
    rows = Statement.objects.filter(kind=Statement.Kind.KEY).exclude(number=None).order_by("number")
    return [(number, leaf) for number, leaf in rows.values_list("number", "leaf") if number is not None]


def successors(key: str) -> list[Successor]:
    """What followed a key of another installation's log (its id), one after the other, as far as we have seen it."""
    rows, result = {one.before: one for one in Successor.objects.all()}, list[Successor]()
    while following := rows.pop(key, None):
        result.append(following)
        key = following.key
    return result


def foreign_heads(key: str, size: int = 50) -> list[ForeignHead]:
    """What we hold of another installation's log, by the SHA-256 of its key, the newest first."""
    return list(ForeignHead.objects.filter(key=key).order_by("-size")[:size])


def witnesses() -> QuerySet[Witness]:
    """Who keeps our heads, or has theirs kept here."""
    return Witness.objects.order_by("pk")


def newest_testimonies() -> dict[int, Testimony]:
    """What each witness testified last, by its key."""
    rows = Testimony.objects.defer("proof").order_by("witness", "-size").distinct("witness")
    return {row.witness_id: row for row in rows}


def recalls() -> int:
    """How often a publication has been withdrawn."""
    return Recall.objects.values_list("number", flat=True).first() or 0


def unstated(limit: int) -> list[Publication]:
    """Published, but not in the log yet."""
    lacking = ~Exists(Statement.objects.filter(publication=OuterRef("pk")))
    publications = Publication.objects.filter(lacking, state=Publication.State.PUBLISHED)
    return list(publications.select_related("ticket").prefetch_related("photos").order_by("id")[:limit])


def log_size() -> int:
    """How many statements are in the log."""
    last = Statement.objects.filter(number__isnull=False).order_by("-number").values_list("number", flat=True).first()
    return 0 if last is None else last + 1


def tree_size() -> int:
    """How many leaves the log's tree has."""
    last = Node.objects.filter(level=0).order_by("-index").values_list("index", flat=True).first()
    return 0 if last is None else last + 1


def log_node(level: int, index: int) -> bytes:
    """The root of a complete subtree of the log. Node.DoesNotExist when it is not complete."""
    return bytes(Node.objects.values_list("hash", flat=True).get(level=level, index=index))


def log_entries(start: int, count: int) -> list[str]:
    """The leaves from number `start` on, for those who watch the log."""
    rows = Statement.objects.filter(number__gte=start).order_by("number").values_list("leaf", flat=True)
    return list(rows[:count])


def heads() -> QuerySet[Head]:
    """The signed heads, newest first."""
    return Head.objects.order_by("-size")


def head_over(number: int) -> Head | None:
    """The first signed head that covers a statement."""
    return Head.objects.filter(size__gt=number).order_by("size").first()
