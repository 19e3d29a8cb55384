"""A year of the demo province's life, written in bulk by the same rules that single actions keep."""

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import batched

from django.db import connection, transaction
from django.utils.timezone import now

from caunoi import moves
from caunoi.channels.base import Reach
from caunoi.channels.registry import reach
from caunoi.demo import pictures, procedures, quality, readings
from caunoi.demo.arrivals import arrivals
from caunoi.demo.cast import Cast, gather
from caunoi.demo.confidence import confidence
from caunoi.demo.custody import around
from caunoi.demo.flagships import flagships
from caunoi.demo.handling import tell
from caunoi.demo.hours import VIETNAM
from caunoi.demo.oversight import oversight
from caunoi.demo.stories import Pictures, Story
from caunoi.events.actor import SYSTEM, citizen
from caunoi.events.models import Event
from caunoi.files.actions import store
from caunoi.publication.models import Publication
from caunoi.ratings.actions import gather as batch
from caunoi.ratings.models import Invitation, Rating
from caunoi.tickets.lifecycle import HANDLED
from caunoi.tickets.models import Photo, Ticket
from caunoi.tickets.report import History

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
        confidence(until)
        readings.propose()
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # the planner would take the tables for empty
    return written


def draw() -> Pictures:
    """The pictures of the demo, stored like any others: as attachments."""
    return {
        scene: [store(pictures.draw(scene, variant), by=SYSTEM).pk for variant in range(pictures.VARIANTS)]
        for scene in pictures.SCENES
    }


def stories(cast: Cast, drawn: Pictures, until: datetime, size: int) -> list[Story]:
    """Everything that happens in the year up to a moment, in the order it was reported."""
    came = arrivals(until.astimezone(VIETNAM).date(), until, size, cast.map)
    result = [tell(arrival, cast, drawn, until) for arrival in came] + flagships(cast, drawn, until)
    return sorted(result, key=lambda story: (story.history.at, story.number))


def write(stories: Iterable[Story], until: datetime, size: int = CHUNK) -> Iterator[list[Ticket]]:
    """Write stories in order, a chunk of `size` at a time."""
    by_number: dict[int, Ticket] = {}
    for chunk in batched(stories, size):
        yield _write(chunk, by_number, until)


@contextmanager
def _uncollected() -> Iterator[None]:
    """Without Python's collector of cycles, which would go through the growing rows again and again: a fifth of the
    time."""
    on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if on:
            gc.enable()


@_uncollected()
def _write(chunk: Sequence[Story], by_number: dict[int, Ticket], until: datetime) -> list[Ticket]:
    written = [ticket for ticket, _ in moves.write(_resolved(chunk, by_number), at=until, publish=True)]
    by_number.update({story.number: ticket for story, ticket in zip(chunk, written, strict=True)})
    _show_photos([ticket for ticket in written if ticket.state in HANDLED])
    _ratings(list(zip(chunk, written, strict=True)))
    return written


def _resolved(chunk: Sequence[Story], by_number: Mapping[int, Ticket]) -> list[History]:
    """The histories, with the number of an arrival that is repeated as that arrival's ticket, or its history if that is
    written with it."""
    histories: dict[int, History] = {}
    for story in chunk:
        history = story.history
        if (number := story.merges_into) is not None:
            into = by_number.get(number) or histories[number]
            acts = [
                replace(act, move_input={**act.move_input, "into": into}) if "into" in act.move_input else act
                for act in history.acts
            ]
            history = replace(history, acts=acts)
        histories[story.number] = history
    return list(histories.values())


def _show_photos(answered: list[Ticket]) -> None:
    """Where the answer is public, so are the pictures."""
    public = Publication.objects.filter(ticket__in=answered, state="published")
    pages = dict(public.values_list("ticket_id", "pk"))
    photos = Photo.objects.filter(ticket__in=pages)
    through = Publication.photos.through
    through.objects.bulk_create(
        through(publication_id=pages[ticket], attachment_id=attachment)
        for ticket, attachment in photos.values_list("ticket_id", "attachment_id")
    )
    photos.update(public=True)


def _invitation_way(ticket: Ticket) -> str:
    ways = {Reach.CALL: Invitation.How.PHONE, Reach.PAGE: Invitation.How.PAGE}
    return ways.get(reach(ticket.channel), Invitation.How.MESSAGE)


def _ratings(both: list[tuple[Story, Ticket]]) -> None:
    """What citizens thought of it; the event names no rater."""
    rated = [(ticket, story.rating) for story, ticket in both if story.rating]
    Invitation.objects.bulk_create(
        Invitation(ticket=t, round=t.reopened, agency_id=t.agency_id, how=_invitation_way(t), at=t.answered)
        for s, t in both
        if t.answered and (s.rating or reach(t.channel) is not Reach.CALL)
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
    who = citizen().signature
    Event.objects.bulk_create(
        Event(
            at=g.at,
            kind="ticket.rate",
            subject="ticket",
            subject_id=t.pk,
            **who,
            data={"grade": g.grade},
            pending=False,
        )
        for t, g in rated
    )
