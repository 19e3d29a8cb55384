"""Keeping what was proposed and what became of it; limits; a new edition of the model."""

from collections.abc import Collection, Iterable, Mapping
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import Min
from django.utils.timezone import localtime, now

from caunoi.directory.actions import forget
from caunoi.directory.models import Category
from caunoi.events.actions import record
from caunoi.events.actor import Actor, administrators_only
from caunoi.events.models import Event
from caunoi.tickets.models import Ticket
from caunoi.tickets.queries import TICKETS
from caunoi.triage import decisions, queries, starter
from caunoi.triage.exam import Exam
from caunoi.triage.model import Model
from caunoi.triage.models import Edition, Likeness, Limit, Reading
from caunoi.triage.proposals import CHOICE, Proposal

DECIDING = ("ticket.accept", "ticket.answer", "ticket.refuse")
SHELF = 3
"""Editions whose bytes stay: the present one, and two to look at."""


def keep(proposals: Mapping[Ticket, Mapping[str, Proposal]]) -> None:
    """What is proposed of tickets, once each, with what people have decided of them already."""
    edition = queries.present().edition
    rows = [
        Reading(
            ticket=ticket,
            edition_id=edition,
            proposed={name: [one.value, one.p, str(one.certainty)] for name, one in matters.items() if one.value},
        )
        for ticket, matters in proposals.items()
    ]
    Reading.objects.bulk_create(rows, ignore_conflicts=True)
    settle([row.ticket_id for row in rows])


@transaction.atomic
def settle(tickets: Collection[int]) -> None:
    """Write down what people have decided of these tickets so far."""
    rows = list(
        Reading.objects.select_for_update(of=("self",))
        .filter(ticket__in=tickets)
        .select_related("ticket", "ticket__category", "ticket__area", "ticket__agency")
    )
    times = dict(
        Event.objects.filter(subject="ticket", subject_id__in=tickets, kind__in=DECIDING)
        .values_list("subject_id")
        .annotate(Min("at"))
    )
    for row in rows:
        row.decided = decisions.of_ticket(row.ticket, queries.proposed_gate(row))
        row.settled = times.get(row.ticket_id, now()) if row.decided else None
    Reading.objects.bulk_update(rows, ["decided", "settled"])


def note_likes(ticket: Ticket, others: Iterable[Ticket]) -> None:
    """Write down which others were shown as alike to a ticket; again changes nothing."""
    Likeness.objects.bulk_create([Likeness(ticket=ticket, other=other) for other in others], ignore_conflicts=True)


@transaction.atomic
def set_limit(category: Category, sure: float | None, *, by: Actor) -> None:
    """From which probability on a category is sure; None: as the model says. ValueError outside of 0.5 to 1."""
    administrators_only(by)
    if sure is not None and not CHOICE.perhaps <= sure <= 1:
        raise ValueError(sure)
    row = Limit.objects.select_for_update().filter(category=category).first()
    before = row.sure if row else None
    if sure == before:
        return
    if sure is None:
        Limit.objects.filter(category=category).delete()
    else:
        Limit.objects.update_or_create(category=category, defaults={"sure": sure, "by": by.name, "at": now()})
    record("category.limit", category, by=by, before={"sure": before}, after={"sure": sure})
    forget()


@transaction.atomic
def add_edition(model: Model, report: Exam, until: int) -> Edition:
    """A model that was trained here; if it is taken it proposes from now on."""
    wins = report.outcome == Edition.Outcome.TAKEN
    edition = Edition.objects.create(
        data=model.to_bytes() if wins else None,
        base=starter.digest(),
        outcome=report.outcome,
        card=report.row(),
        until=until,
    )
    newest = Edition.objects.filter(data__isnull=False).order_by("-pk").values_list("pk", flat=True)[:SHELF]
    Edition.objects.exclude(pk__in=[*newest]).update(data=None)
    forget()
    return edition


_COUNT = f"""
    INSERT INTO triage_figure (month, matter, channel, value, certainty, decided, agreed)
    SELECT date_trunc('month', r.settled AT TIME ZONE 'Asia/Ho_Chi_Minh')::date, m.key, t.channel, m.value ->> 0,
        m.value ->> 2, count(*), count(*) FILTER (WHERE r.decided ->> m.key = m.value ->> 0)
    FROM triage_reading r
    JOIN {TICKETS} t ON t.id = r.ticket_id
    CROSS JOIN LATERAL jsonb_each(r.proposed) m
    WHERE r.settled >= %(since)s AND r.decided ? m.key
    GROUP BY 1, 2, 3, 4, 5
"""  # noqa: S608 — names of our own


@transaction.atomic
def count(months: int = 2) -> None:
    """Count the decisions of the last months anew, this one included: what is corrected later counts as it was."""
    since = localtime(now()).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    for _ in range(months - 1):
        since = (since - timedelta(days=1)).replace(day=1)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('triage_figure'))")
        cursor.execute("DELETE FROM triage_figure WHERE month >= %(since)s", {"since": since.date()})
        cursor.execute(_COUNT, {"since": since})
