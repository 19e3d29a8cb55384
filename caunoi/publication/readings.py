"""What reviewers read: the queue, past decisions, and the raw words beside the public ones."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.db.models import Count, Min, QuerySet

from caunoi.answers import queries as answers
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, Role
from caunoi.files.models import Attachment
from caunoi.lib.privacy.discretion import names_a_child, speaks_of, street
from caunoi.lib.privacy.marking import Marked, carried, chosen, has, hiding, proposed, read
from caunoi.publication.models import Blur, Marking, Publication, Review
from caunoi.tickets.models import Photo, Ticket

FIELDS = ("title", "text", "answer", "place")
TITLE = 100


def title(text: str) -> str:
    """The first sentence, cut at a word and never within a datum."""
    line = " ".join(text.split()).split(". ")[0]
    if len(line) <= TITLE:
        return line
    spans = proposed(line).spans
    end = line[:TITLE].rfind(" ")
    cut = next((s.start for s in spans if s.start < end < s.end), end if end > 0 else TITLE)
    return line[:cut].rstrip() + "…"


def sources(ticket: Ticket, answer: str) -> dict[str, str]:
    """The raw words that each public field is made of."""
    first = title(ticket.summary or ticket.text)
    return {"title": first, "text": ticket.text, "answer": answer, "place": ticket.address}


def concerns_a_person(ticket: Ticket) -> bool:
    """Whether its place is public at street level only: by its category and kind, or because its text has somebody's
    name or house."""
    exact = ticket.category is not None and ticket.category.place == "exact" and ticket.kind == "report"
    return not exact or has(ticket.text, {"person", "house_number"})


def doubt(ticket: Ticket, answer: str = "") -> str:
    """Why it should perhaps never be published, by its words; empty for no doubt."""
    words = f"{ticket.summary}\n{ticket.text}\n{answer}"
    if speaks_of(words, option("words_of_children")) or names_a_child(words):
        return Publication.Doubt.CHILDREN
    return Publication.Doubt.DENUNCIATION if speaks_of(words, option("words_of_denunciation")) else ""


def fresh(ticket: Ticket, answer: str) -> dict[str, Marked]:
    """Each public field as the program proposes it."""
    words = sources(ticket, answer)
    words["place"] = street(words["place"]) if concerns_a_person(ticket) else words["place"]
    made = {name: proposed(words[name]) for name in FIELDS}
    for span in made["text"].spans:
        made["title"] = hiding(made["title"], span.text, span.kind)  # recognised in the text by its context
    return made


def raw(ticket: Ticket) -> dict[str, str]:
    """`sources` with the answer the citizen has."""
    final = answers.final(ticket)
    return sources(ticket, final.text if final else "")


def marked(publication: Publication) -> dict[str, Marked]:
    """Each public field for a reviewer: their own work, brought up to date with what was written since; else the
    proposals."""
    words = raw(publication.ticket)
    made = fresh(publication.ticket, words["answer"])
    markings = _markings(publication)
    for name in FIELDS:
        if name in markings:
            own = read(markings[name])
            same = markings[name]["source"] == words[name]
            made[name] = own if same else carried(own, made[name].words)
        elif publication.edited and name != "answer":
            made[name] = chosen(getattr(publication, name), [])  # edited before markings were kept
    return made


def _markings(publication: Publication) -> Mapping[str, Any]:
    return Marking.objects.filter(publication=publication).values_list("fields", flat=True).first() or {}


def mark_of(publication: Publication) -> str:
    """Changes with whatever a person decides about it: its state, its words, what is hidden, its photos."""
    words = [getattr(publication, name) for name in FIELDS]
    photos = sorted(publication.photos.values_list("pk", flat=True))
    whole = [publication.state, words, _markings(publication), photos, publication.note]
    return sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()[:16]


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A publication that waits: since when, and for what."""

    publication: Publication
    since: datetime
    why: list[str]


def waiting(limit: int = 200, *, why: str = "") -> list[Waiting]:
    """What awaits review, the longest waiting first; `why` narrows it to one reason."""
    still = Review.objects.filter(done=None)
    ids = still.filter(why=why) if why else still
    since = dict(ids.values_list("publication").annotate(at=Min("since")).order_by("at", "publication")[:limit])
    reasons: dict[int, list[str]] = {}
    for pk, reason in still.filter(publication__in=since).order_by("id").values_list("publication_id", "why"):
        reasons.setdefault(pk, []).append(reason)
    rows = Publication.objects.select_related("ticket").in_bulk(since)
    return [Waiting(publication=rows[pk], since=at, why=reasons.get(pk, [])) for pk, at in since.items()]


def waiting_count() -> dict[str, int]:
    """How many wait for each reason; a publication may wait for several."""
    rows = Review.objects.filter(done=None).order_by().values_list("why").annotate(n=Count("id"))
    return {why.value: 0 for why in Review.Why} | dict(rows)


def neighbours(publication: Publication, *, why: str = "") -> tuple[int, int, str, str]:
    """Where it stands in the queue (from 1; 0 = not in it), how many wait, and the codes before and after it."""
    queue = waiting(why=why)
    at = next((n for n, one in enumerate(queue) if one.publication.pk == publication.pk), None)
    if at is None:
        return 0, len(queue), "", queue[0].publication.ticket.code if queue else ""
    before = queue[at - 1].publication.ticket.code if at else ""
    after = queue[at + 1].publication.ticket.code if at + 1 < len(queue) else ""
    return at + 1, len(queue), before, after


def open_reviews(publication: Publication) -> list[Review]:
    return list(publication.reviews.filter(done=None).order_by("id"))


def removal(ticket: Ticket) -> Review | None:
    """The citizen's or an operator's latest request to take it down."""
    return Review.objects.filter(publication__ticket=ticket, why=Review.Why.REMOVAL).order_by("-id").first()


def done(*, by: str = "", before: int | None = None, size: int = 50) -> list[Review]:
    """Finished reviews, newest first; `by` one person, `before` the id of the last seen."""
    reviews = Review.objects.filter(done__isnull=False).select_related("publication__ticket")
    if by:
        reviews = reviews.filter(by=by)
    if before:
        reviews = reviews.filter(pk__lt=before)
    return list(reviews.order_by("-done", "-id")[: size + 1])


def done_by(since: datetime) -> list[tuple[str, int]]:
    """How many publications each person has reviewed since then, most first."""
    reviews = Review.objects.filter(done__gte=since).exclude(by="").order_by().values_list("by")
    return sorted(reviews.annotate(n=Count("publication", distinct=True)), key=lambda pair: (-pair[1], pair[0]))


def undecided(publication: Publication) -> QuerySet[Photo]:
    """The photos that came after the last review."""
    last = publication.reviews.filter(done__isnull=False).order_by("-done").values_list("done", flat=True).first()
    photos = Photo.objects.filter(ticket=publication.ticket, public=False)
    photos = photos.exclude(attachment__in=publication.photos.all())
    return photos.filter(attachment__created__gt=last) if last else photos


def blurs(publication: Publication) -> dict[int, Blur]:
    """The painted-over versions of its photos, by the original's id."""
    return {row.original_id: row for row in publication.blurs.select_related("result")}


def painted_ticket(attachment: Attachment, by: Actor) -> int | None:
    """The ticket whose photo this painted version is of, for those who paint."""
    if not by.has(Role.REVIEWER, Role.SUPERVISOR):
        return None
    return Blur.objects.filter(result=attachment).values_list("publication__ticket_id", flat=True).first()
