"""A year of the demo province's life, written in bulk by the same rules that single actions keep."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import batched

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi.answers import actions as answers
from caunoi.answers.models import Answer
from caunoi.demo import pictures, procedures, quality
from caunoi.demo.arrivals import arrivals
from caunoi.demo.cast import Cast, gather
from caunoi.demo.custody import PART, around
from caunoi.demo.flagships import flagships
from caunoi.demo.handling import tell
from caunoi.demo.hours import VIETNAM
from caunoi.demo.oversight import oversight
from caunoi.demo.stories import Pictures, Story
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.files.actions import store
from caunoi.publication import actions as publication
from caunoi.publication.models import Publication
from caunoi.ratings.actions import BY_VOICE
from caunoi.ratings.actions import gather as batch
from caunoi.ratings.models import Invitation, Rating
from caunoi.routing import actions as routing
from caunoi.routing.models import Handover
from caunoi.sla import actions as sla
from caunoi.tickets import actions as tickets
from caunoi.tickets.lifecycle import HANDLED, OUTSIDE
from caunoi.tickets.models import Participant, Photo, Ticket
from caunoi.tickets.report import Told

SIZE = 2000
CHUNK = 1000


def last_moment(day: date | None, at: datetime | None = None) -> datetime:
    """How far life has come: the end of the demo's last day, but never later than now."""
    at = (at or now()).replace(microsecond=0)
    return (
        at
        if day is None
        else min(at, datetime.combine(day + timedelta(days=1), time(0), VIETNAM) - timedelta(seconds=1))
    )


def live(day: date | None = None, size: int = SIZE) -> int:
    """Write the year up to `day` (default today) where there are no tickets yet; returns how many were written."""
    if Ticket.objects.exists():
        return 0
    with transaction.atomic():
        until = last_moment(day)
        cast = gather()
        written = sum(len(chunk) for chunk in write(stories(cast, draw(), until, size), until))
        around(cast, until)
        procedures.grow()
        quality.score(until)
        oversight(until)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the planner would take the tables for empty
    return written


def draw() -> Pictures:
    """The pictures of the demo, stored as what they are: attachments like any other."""
    return {
        scene: [store(pictures.draw(scene, variant), by=SYSTEM).pk for variant in range(pictures.VARIANTS)]
        for scene in pictures.SCENES
    }


def stories(cast: Cast, drawn: Pictures, until: datetime, size: int) -> list[Story]:
    """Everything that happens in the year up to a moment, in the order it was reported."""
    came = arrivals(until.astimezone(VIETNAM).date(), until, size, cast.map)
    told = [tell(arrival, cast, drawn, until) for arrival in came] + flagships(cast, drawn, until)
    return sorted(told, key=lambda story: (story.told.at, story.number))


def write(told: Iterable[Story], until: datetime, size: int = CHUNK) -> Iterator[list[Ticket]]:
    """Write stories in order, a chunk of `size` at a time."""
    known: dict[int, Ticket] = {}
    for chunk in batched(told, size):
        yield _write(chunk, known, until)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector of cycles, which would go through the growing rows again and again: a fifth of the time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


@_uncollected()
def _write(chunk: Sequence[Story], known: dict[int, Ticket], until: datetime) -> list[Ticket]:
    replayed = tickets.replay(_resolved(chunk, known))
    routing.replay(replayed)
    answers.replay(replayed)
    written = [row.ticket for row in replayed]
    known.update({story.number: ticket for story, ticket in zip(chunk, written, strict=True)})
    final = (
        Answer.objects.filter(ticket__in=written, state=Answer.State.APPROVED)
        .order_by("id")
        .values_list("ticket_id", "text")
    )
    texts = dict(final)
    publication.replay((t, texts.get(t.pk, "")) for t in written if t.state not in OUTSIDE)
    both = list(zip(chunk, written, strict=True))
    _photos(both)
    _ratings(both)
    _helpers(both)
    sla.replay(written, at=until)
    return written


def _resolved(chunk: Sequence[Story], known: Mapping[int, Ticket]) -> list[Told]:
    """What is told, with the number of an arrival that is repeated as that arrival's ticket, or as what is told of it here."""
    told: dict[int, Told] = {}
    for story in chunk:
        if (number := story.merges_into) is None:
            told[story.number] = story.told
            continue
        into = known.get(number) or told[number]
        moves = [replace(m, given={**m.given, "into": into}) if "into" in m.given else m for m in story.told.moves]
        told[story.number] = replace(story.told, moves=moves)
    return list(told.values())


def _photos(both: list[tuple[Story, Ticket]]) -> None:
    """The pictures of the work; where the answer is public, so are they."""
    Photo.objects.bulk_create(
        Photo(ticket=ticket, attachment_id=pk, role=role) for story, ticket in both for pk, role in story.photos
    )
    shown = {t.pk: [*s.told.report.photos, *(pk for pk, _ in s.photos)] for s, t in both if t.state in HANDLED}
    public = Publication.objects.filter(ticket__in=[pk for pk, ids in shown.items() if ids], state="published")
    links = [(p.pk, pk) for p in public for pk in dict.fromkeys(shown[p.ticket_id])]
    through = Publication.photos.through
    through.objects.bulk_create(through(publication_id=page, attachment_id=pk) for page, pk in links)
    Photo.objects.filter(ticket__in=public.values("ticket")).update(public=True)


def _asked(ticket: Ticket) -> str:
    if ticket.channel in BY_VOICE:
        return Invitation.How.PHONE
    return Invitation.How.PAGE if ticket.channel in ("web", "app") else Invitation.How.MESSAGE


def _ratings(both: list[tuple[Story, Ticket]]) -> None:
    """What citizens thought of it; the event names no rater."""
    rated = [(ticket, story.rating) for story, ticket in both if story.rating]
    Invitation.objects.bulk_create(
        Invitation(ticket=t, round=t.reopened, agency_id=t.agency_id, how=_asked(t), at=t.answered)
        for s, t in both
        if t.answered and (s.rating or t.channel not in BY_VOICE)
    )
    Rating.objects.bulk_create(
        Rating(
            ticket=t,
            round=t.reopened,
            agency_id=t.agency_id,
            grade=g.grade,
            reasons=list(g.reasons),
            comment=g.comment,
            at=g.at,
        )
        for t, g in rated
    )
    for agency_id in {t.agency_id for t, _ in rated}:
        batch(agency_id)
    who = citizen().name
    Event.objects.bulk_create(
        Event(
            at=g.at,
            kind="ticket.rate",
            subject="ticket",
            subject_id=t.pk,
            by=who,
            data={"grade": g.grade},
            pending=False,
        )
        for t, g in rated
    )


def _helpers(both: list[tuple[Story, Ticket]]) -> None:
    """Agencies that help the one that leads."""
    helped = [
        (t, *s.helper, s.told.by.name) for s, t in both if s.helper and t.agency_id and t.agency_id != s.helper[0].pk
    ]
    Handover.objects.bulk_create(
        Handover(
            ticket=t, source_id=t.agency_id, agency=agency, role=Handover.Role.COORDINATE, by=by, sent=at, accepted=at,
            ended=t.answered, state=Handover.State.DONE if t.answered else Handover.State.ACCEPTED, received=at,
            answer=PART[t.pk % len(PART)] if t.answered else "",
        )
        for t, agency, at, by in helped
    )  # fmt: skip
    Participant.objects.bulk_create(Participant(ticket=t, agency=agency, since=at) for t, agency, at, _ in helped)
    Event.objects.bulk_create(
        Event(
            at=at,
            kind="handover.involve",
            subject="ticket",
            subject_id=t.pk,
            by=by,
            data={"agency": a.code},
            pending=False,
        )
        for t, a, at, by in helped
    )
