"""How long which data is kept: one table. A row of it says what is due before a moment and deletes it."""

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, Max, Min, OuterRef, Q, QuerySet
from django.utils.timezone import now
from django.utils.translation import gettext_noop as _

from caunoi.calls.actions import drop_recordings
from caunoi.calls.models import Call
from caunoi.conversations.actions import blank_receipts, identity_of
from caunoi.conversations.models import Contact, Conversation, Receipt
from caunoi.events.actor import SYSTEM
from caunoi.events.rowsecurity import unlimited
from caunoi.privacy import queries
from caunoi.privacy.actions.erasing import forget_identity
from caunoi.procedures.models import Question
from caunoi.quality.models import Transcript
from caunoi.tickets.lifecycle import ENDS, HANDLED
from caunoi.tickets.models import Ticket

SLICE = 500


@dataclass(frozen=True, kw_only=True)
class Due:
    """What a term would delete: how many rows, the oldest of when."""

    count: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class TermSpec:
    """`rows(before, people)` are what is due, without what is kept of `people`; `at` is the column of their time;
    `delete(ids)` deletes a slice of them. `days`: what the product proposes."""

    kind: str
    label: str
    days: int
    least: int
    source: str
    rows: Callable[[datetime, Collection[int]], QuerySet[Any]]
    at: str
    delete: Callable[[Collection[int]], int]


def _receipts(before: datetime, people: Collection[int]) -> QuerySet[Receipt]:
    older = Q(raw_plain__isnull=False) & ~Q(raw_plain={})
    content = Q(raw__isnull=False) | older | ~Q(blob="")
    rows = Receipt.objects.filter(content, at__lt=before, state=Receipt.State.READ)
    return rows.exclude(message__conversation__contact__in=people) if people else rows


def _recordings(before: datetime, people: Collection[int]) -> QuerySet[Call]:
    return Call.objects.filter(began__lt=before).exclude(sound="").exclude(pk__in=queries.kept_calls(people))


def _transcripts(before: datetime, people: Collection[int]) -> QuerySet[Transcript]:
    return Transcript.objects.filter(call__began__lt=before).exclude(call__in=queries.kept_calls(people))


def _drop_transcripts(ids: Collection[int]) -> int:
    return Transcript.objects.filter(pk__in=ids).delete()[0]


def _searches(before: datetime, people: Collection[int]) -> QuerySet[Question]:
    return Question.objects.filter(at__lt=before)


def _drop_searches(ids: Collection[int]) -> int:
    return Question.objects.filter(pk__in=ids).delete()[0]


def _identities(before: datetime, people: Collection[int]) -> QuerySet[Contact]:
    """People all of whose tickets were over by then, and who have not written since."""
    over = sorted({*ENDS, *HANDLED})
    tickets = Ticket.objects.filter(contact=OuterRef("pk"))
    recent = tickets.filter(Q(touched__gte=before) | ~Q(state__in=over))
    threads = Conversation.objects.filter(contact=OuterRef("pk"), latest__gte=before)
    rows = Contact.objects.filter(Exists(tickets), ~Exists(recent), ~Exists(threads))
    has_identity = Q()
    for name in ("name", "phone", "email", "address"):
        has_identity |= Q(**{f"{name}__isnull": False}) | Q(**{f"{name}_plain__gt": ""})
    rows = rows.filter(has_identity)
    return rows.annotate(last_touched=Max("tickets__touched")).exclude(pk__in=people)


def _forget_identities(ids: Collection[int]) -> int:
    for pk in ids:
        forget_identity(queries.subject([pk], identity=identity_of([pk])), by=SYSTEM)
    return len(ids)


TERMS = {
    spec.kind: spec
    for spec in (
        TermSpec(
            kind="receipts",
            label=_("What came in raw, after it was read"),
            days=90,
            least=7,
            source=_("Needed only to read a message again when a channel was misunderstood"),
            rows=_receipts,
            at="at",
            delete=blank_receipts,
        ),
        TermSpec(
            kind="recordings",
            label=_("Recordings of calls"),
            days=365,
            least=1,
            source=_("The province's own rule"),
            rows=_recordings,
            at="began",
            delete=drop_recordings,
        ),
        TermSpec(
            kind="transcripts",
            label=_("Transcripts of calls"),
            days=180,
            least=1,
            source=_("The province's own rule"),
            rows=_transcripts,
            at="call__began",
            delete=_drop_transcripts,
        ),
        TermSpec(
            kind="searches",
            label=_("What people searched for among the procedures"),
            days=365,
            least=1,
            source=_("The province's own rule"),
            rows=_searches,
            at="at",
            delete=_drop_searches,
        ),
        TermSpec(
            kind="identities",
            label=_("Who reported tickets that are over"),
            days=5 * 365,
            least=30,
            source=_("The province's own rule; the tickets stay, without the people"),
            rows=_identities,
            at="last_touched",
            delete=_forget_identities,
        ),
    )
}


@unlimited()
def due(spec: TermSpec, days: int, at: datetime | None = None) -> Due:
    """What would be deleted if this term ran now."""
    rows = spec.rows((at or now()) - timedelta(days=days), queries.kept_people())
    return Due(count=rows.count(), oldest=rows.aggregate(oldest=Min(spec.at))["oldest"])


def run(spec: TermSpec, days: int, at: datetime | None = None) -> int:
    """Delete what is due, in slices of their own; how many rows."""
    before, count = (at or now()) - timedelta(days=days), 0
    for ids in _slices(spec, before, queries.kept_people()):
        with transaction.atomic():
            count += spec.delete(ids)
    return count


def _slices(spec: TermSpec, before: datetime, people: Collection[int]) -> Iterator[list[int]]:
    after = 0
    while ids := list(
        spec.rows(before, people).filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:SLICE]
    ):
        after = ids[-1]
        yield ids
