"""Tickets by words. Actors who may not know the reporter search only the words they may read: else a search would
reveal what is masked."""

import re
from collections.abc import Iterator

from django.db import connection
from django.db.models import QuerySet
from django.db.models.expressions import RawSQL

from caunoi.lib.privacy.discreet import mask
from caunoi.lib.vietnamese.writing import fold, tokens
from caunoi.lib.vietnamese.writing import query as tsquery
from caunoi.tickets.models import Ticket

FEW = 2_000  # hits up to which the words are asked first, and then which of their tickets somebody may see
MOST = 500  # hits that are read, newest first: each takes some milliseconds
CHUNK = 100
HITS = "SELECT ticket_id FROM tickets_words WHERE vector @@ %s::tsquery"
MASK = re.compile(r"\[\w+\]")


def worded(tickets: QuerySet[Ticket], text: str) -> QuerySet[Ticket]:
    """The rows that hold all the words of a text, with or without marks.

    Behind row-level security the planner does not know how few rows words leave: so rare ones are looked up at once.
    Of common ones a page is full before many rows are read, from whichever end."""
    terms = tsquery(text)
    if not terms:
        return tickets.none()
    with connection.cursor() as cursor:
        cursor.execute(f"{HITS} LIMIT %s", [terms, FEW + 1])
        ids = [pk for (pk,) in cursor.fetchall()]
    return tickets.filter(pk__in=ids if len(ids) <= FEW else RawSQL(HITS, [terms]))  # noqa: S611


def discreetly(tickets: QuerySet[Ticket], text: str, opened: int | None, most: int | None = None) -> QuerySet[Ticket]:
    """The same, but only in the words that are readable without knowing the reporter; `opened`: the ticket whose
    reporter they may know. With `most`, the newest so many."""
    terms = {folded for word in tokens(text) if (folded := fold(word))}
    ids: list[int] = []
    for ticket in _newest(worded(tickets, text)):
        if ticket.pk == opened or terms <= _visible_words(ticket):
            ids.append(ticket.pk)
            if len(ids) == most:
                break
    return tickets.filter(pk__in=ids)


def _newest(tickets: QuerySet[Ticket]) -> Iterator[Ticket]:
    ids = list(tickets.select_related(None).order_by("-id").values_list("pk", flat=True)[:MOST])
    for start in range(0, len(ids), CHUNK):
        rows = Ticket.objects.select_related("contact").filter(pk__in=ids[start : start + CHUNK])
        yield from rows.order_by("-pk")


def _visible_words(ticket: Ticket) -> set[str]:
    """The words of a ticket that anybody who sees it may read, folded."""
    name = ticket.contact.name
    parts = (MASK.sub(" ", mask(part, name)) for part in (ticket.summary, ticket.text, ticket.address) if part)
    return {fold(word) for part in parts for word in tokens(part)}
