"""Words that a machine drafts beside a ticket: a first answer from the procedures that match, a summary of what is on
the page. It sends nothing and keeps no words; what leaves is masked, and nothing of what is confidential does."""

from collections.abc import Callable, Sequence
from hashlib import sha256
from threading import BoundedSemaphore

import httpx
from django.conf import settings
from django.db import transaction
from django.utils.timezone import now

from caunoi.answers import marks, summary
from caunoi.answers.models import Answer, MachineDraft
from caunoi.answers.summary import Entry, Summary
from caunoi.directory.queries import is_helping
from caunoi.events.actions import record
from caunoi.events.actor import Actor, NotAllowedError, Role
from caunoi.lib.privacy.discreet import mask
from caunoi.procedures import assist, queries
from caunoi.procedures.assist import Draft, Endpoint
from caunoi.tickets.models import Ticket

WHO = (Role.OPERATOR, Role.SUPERVISOR, Role.REVIEWER)
PROCEDURES = 3
FIELDS = 60
AT_ONCE = 4
"""Drafts that one process waits for: its other threads go on serving pages."""
Kind = MachineDraft.Kind
_turns = BoundedSemaphore(AT_ONCE)


def offers(kind: Kind, ticket: Ticket, by: Actor) -> bool:
    """Whether somebody may ask for these words: there is an endpoint, the helper is on, the ticket not confidential."""
    return bool(settings.ASSIST_URL) and is_helping(kind) and not ticket.restricted and by.has(*WHO)


def endpoint() -> Endpoint:
    return Endpoint(
        url=settings.ASSIST_URL,
        model=settings.ASSIST_MODEL,
        key=settings.ASSIST_KEY,
        seconds=settings.ASSIST_SECONDS,
    )


def _wait[T](call: Callable[[httpx.Client], T], busy: T, client: httpx.Client | None) -> T:
    """What the endpoint says, or `busy` where as many wait for it as may."""
    if not _turns.acquire(blocking=False):
        return busy
    try:
        with client or httpx.Client(follow_redirects=False) as connection:
            return call(connection)
    finally:
        _turns.release()


def draft(ticket: Ticket, *, by: Actor, client: httpx.Client | None = None) -> Draft:
    """Ask for a draft of the answer to a question. The event holds codes, never the text."""
    if not offers(Kind.ANSWER_DRAFT, ticket, by):
        raise NotAllowedError("assist")
    hits = queries.search(ticket.text, limit=PROCEDURES)
    fields = [
        source
        for hit in hits
        if (version := hit.procedure.current)
        for source in assist.sources(hit.procedure.code, version.number, version.record)
    ]
    question = mask(ticket.text, ticket.contact.name)
    made = _wait(lambda http: assist.draft(question, fields[:FIELDS], endpoint(), http), Draft(refused="busy"), client)
    codes = [hit.procedure.code for hit in hits]
    sentences = [sentence.text for sentence in made.sentences]
    with transaction.atomic():
        record("answer.assist", ticket, by=by, codes=codes, refused=made.refused, dropped=made.dropped)
        _keep(Kind.ANSWER_DRAFT, ticket, made, sentences, by)
    return made


def summarise(ticket: Ticket, entries: Sequence[Entry], *, by: Actor, client: httpx.Client | None = None) -> Summary:
    """Ask for a summary of what is on somebody's page of a ticket: `entries` are all that they may read there."""
    if not offers(Kind.SUMMARY, ticket, by):
        raise NotAllowedError("summary")
    name = ticket.contact.name
    sent = summary.masked(entries, lambda text: mask(text, name))
    made = _wait(lambda http: summary.summarise(sent, endpoint(), http), Summary(refused="busy"), client)
    with transaction.atomic():
        record("answer.summarise", ticket, by=by, refused=made.refused, dropped=made.dropped, entries=len(entries))
        _keep(Kind.SUMMARY, ticket, made, [line.text for line in made.lines], by)
    return made


def _keep(kind: Kind, ticket: Ticket, made: Draft | Summary, sentences: Sequence[str], by: Actor) -> None:
    MachineDraft.objects.create(
        ticket=ticket,
        kind=kind,
        at=now(),
        by_user=by.user_id,
        refused=made.refused,
        dropped=made.dropped,
        marks=marks.marks(sentences, _key()),
    )


def _key() -> bytes:
    return sha256(f"words of a machine {settings.SECRET_KEY}".encode()).digest()


def weigh(written: Sequence[Answer]) -> None:
    """Mark the answers in which words of a machine are left, whoever put them there and however, and note what became
    of its drafts."""
    drafts: dict[int, list[MachineDraft]] = {}
    for row in MachineDraft.objects.filter(ticket__in={answer.ticket_id for answer in written}, refused=""):
        drafts.setdefault(row.ticket_id, []).append(row)
    for answer in written:
        rows = drafts.get(answer.ticket_id, [])
        left = [_settle(row, answer.text) for row in rows]
        if answer.by_machine != any(left):
            answer.by_machine = any(left)
            Answer.objects.filter(pk=answer.pk).update(by_machine=answer.by_machine)


def note_use(ticket: Ticket, text: str) -> None:
    """A remark of the staff was written: whether it has a summary in it."""
    for row in MachineDraft.objects.filter(ticket=ticket, kind=Kind.SUMMARY, refused=""):
        _settle(row, text)


def _settle(row: MachineDraft, text: str) -> bool:
    """Note what became of a draft; whether a sentence of it is left in the text."""
    count, whole = marks.left(text, row.marks, _key())
    fate = MachineDraft.Fate.TAKEN if whole else MachineDraft.Fate.CHANGED if count else row.fate
    if fate != row.fate:
        row.fate = fate
        row.save(update_fields=["fate"])
    return bool(count)
