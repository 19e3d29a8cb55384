import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.utils.timezone import localdate, now

from caunoi.channels.base import Reach
from caunoi.channels.registry import reach
from caunoi.conversations import actions as conversations
from caunoi.conversations.models import Callback
from caunoi.conversations.queries import sends
from caunoi.directory.queries import option
from caunoi.events.actions import record
from caunoi.events.actor import SYSTEM, Actor, Role, citizen
from caunoi.events.models import Event
from caunoi.lib.vietnamese.writing import nfc
from caunoi.ratings import queries
from caunoi.ratings.flags import Origin, flags
from caunoi.ratings.models import Batch, Draw, Invitation, Rating, Refutation
from caunoi.ratings.queries import SURVEY
from caunoi.ratings.reasons import REASONS
from caunoi.ratings.sampling import drawn
from caunoi.tickets.lifecycle import HANDLED, MissingDataError, NotAllowedError, NotPossibleError, State
from caunoi.tickets.models import Ticket
from caunoi.vault import blind

CALL_WITHIN = timedelta(days=3)
LEAST_REASON = 10  # letters


@transaction.atomic
def rate(
    ticket: Ticket,
    grade: str,
    *,
    by: Actor,
    reasons: Sequence[str] = (),
    comment: str = "",
    how: str = Rating.How.PAGE,
    round_: int | None = None,
    proof: str = Rating.Proof.LINK,
    origin: Origin | None = None,
) -> Rating:
    """The citizen of the ticket rates its answer, once; `round_` when it must be that answer and no later one, `proof`
    how they proved who they are, `origin` where it comes from: what looks like the staff's own (flags.py) counts only
    after somebody has looked at it. The event names no rater (Decree 224/2026, article 10.3 b: kept secret)."""
    if by.ticket_id != ticket.pk:
        raise NotAllowedError("rate")
    return _rate(ticket, grade, reasons=reasons, comment=comment, how=how, round_=round_, proof=proof, origin=origin)


def _rate(
    ticket: Ticket,
    grade: str,
    *,
    reasons: Sequence[str],
    comment: str,
    how: str,
    proof: str,
    round_: int | None = None,
    origin: Origin | None = None,
) -> Rating:
    if grade not in Rating.Grade.values:
        raise MissingDataError({"grade"})
    ticket = Ticket.objects.select_for_update().get(pk=ticket.pk)
    if not queries.can_rate(ticket) or round_ not in (None, ticket.reopened):
        raise NotPossibleError("rate")
    raised = flags(ticket, origin) if origin is not None else []
    rating = Rating.objects.create(
        ticket=ticket,
        round=ticket.reopened,
        agency_id=ticket.agency_id,
        grade=grade,
        how=how,
        reasons=[r for r in reasons if r in REASONS[grade]],
        comment=nfc(comment).strip(),
        proof=proof,
        flags=raised,
        counted=not raised,
    )
    gather(ticket.agency_id)
    record("ticket.rate", ticket, by=citizen(), grade=grade)
    if raised:
        record("rating.flag", rating, by=SYSTEM, flags=raised)
    return rating


@transaction.atomic
def judge(rating: Rating, verdict: str, reason: str, *, by: Actor) -> bool:
    """A reviewer or supervisor who had no part in the ticket has looked at a flagged rating: `accepted`, it counts from
    now on; `refused`, it never does, and its citizen may rate. False when somebody was faster. MissingDataError without
    a reason in words."""
    if not queries.judges(rating, by):
        raise NotAllowedError("judge")
    if verdict not in (Rating.Verdict.ACCEPTED, Rating.Verdict.REFUSED):
        raise ValueError(verdict)
    if len(" ".join(reason.split())) < LEAST_REASON:
        raise MissingDataError({"reason"})
    accepted = verdict == Rating.Verdict.ACCEPTED
    waiting = Rating.objects.filter(pk=rating.pk, counted=False, verdict=Rating.Verdict.NONE)
    if not waiting.update(
        verdict=verdict,
        counted=accepted,
        verdict_at=now(),
        verdict_by=by.name,
        verdict_reason=nfc(reason).strip(),
    ):
        return False
    if accepted:
        gather(rating.agency_id)
    record("rating.accept" if accepted else "rating.refuse", rating, by=by, flags=rating.flags)
    return True


@transaction.atomic
def gather(agency_id: int | None) -> int:
    """Put an agency's ratings that are in no batch yet into whole batches, oldest first; how many batches."""
    size, made = option("show_groups_of"), 0
    free = list(
        Rating.objects.select_for_update().filter(agency=agency_id, batch=None, counted=True).order_by("at", "id")
    )
    while len(free) >= size:
        group, free = free[:size], free[size:]
        counts = {grade: sum(r.grade == grade for r in group) for grade in queries.GRADES}
        batch = Batch.objects.create(agency_id=agency_id, at=max(r.at for r in group), **counts)
        Rating.objects.filter(pk__in=[r.pk for r in group]).update(batch=batch)
        made += 1
    return made


def _survey(ticket: Ticket, month: datetime) -> Draw | None:
    """The draw in which this ticket was drawn for the phone survey, if it was."""
    if ticket.restricted or not ticket.contact.phone or not (percent := option("survey_percent")):
        return None
    draw, _new = Draw.objects.get_or_create(
        month=localdate(month).replace(day=1), percent=percent, defaults={"seed": secrets.token_hex(16)}
    )
    same = blind.equal(Callback, "phone", ticket.contact.phone)
    waits = Callback.objects.filter(same, reason=SURVEY, state__in=[Callback.State.OPEN, Callback.State.CLAIMED])
    if not drawn(draw.seed, ticket.code, ticket.reopened, percent) or waits.exists():
        return None  # nobody is asked about two things in one call
    return draw


@transaction.atomic
def invite(ticket: Ticket, *, at: datetime | None = None) -> Invitation | None:
    """Ask the citizen about the answer they have, once, by the way they came: the message with the answer asks, or
    their page does; of those who came by voice a sample is called. None when they have been asked, or are not to be."""
    tickets = Ticket.objects.select_for_update(of=("self",)).select_related("contact", "conversation__inbox")
    ticket = tickets.get(pk=ticket.pk)
    if State(ticket.state) not in HANDLED or queries.invited(ticket) or queries.current_rating(ticket):
        return None
    at, draw = at or now(), None
    if reach(ticket.channel) is Reach.CALL:  # not written to: some are called
        how = Invitation.How.PHONE
        draw = _survey(ticket, at)
        if draw is None:
            return None
    else:
        written = ticket.conversation.latest is not None and sends(ticket.conversation.inbox)
        how = Invitation.How.MESSAGE if written else Invitation.How.PAGE
    row = Invitation.objects.create(
        ticket=ticket, round=ticket.reopened, agency_id=ticket.agency_id, how=how, draw=draw, at=at
    )
    if draw is not None:
        conversations.ask_callback(
            phone=ticket.contact.phone,
            reason=SURVEY,
            by=SYSTEM,
            contact=ticket.contact,
            about=ticket,
            due=at + CALL_WITHIN,
        )
    return row


@transaction.atomic
def uninvite(ticket: Ticket, event: Event) -> None:
    """Withdraw the question about an answer that was undone at once."""
    Invitation.objects.filter(ticket=ticket, round=ticket.reopened).delete()
    Callback.objects.filter(reason=SURVEY, subject="ticket", subject_id=ticket.pk, state=Callback.State.OPEN).delete()


@transaction.atomic
def survey(callback: Callback, grade: str, *, by: Actor, reasons: Sequence[str] = (), comment: str = "") -> Rating:
    """A rating given on the phone, entered by who called. Not by the operator who handled the ticket (a supervisor
    may). AlreadyTakenError when the call-back is another's or over."""
    if not by.has(Role.OPERATOR, Role.SUPERVISOR) or callback.reason != SURVEY or callback.subject != "ticket":
        raise NotAllowedError("survey")
    ticket = Ticket.objects.filter(pk=callback.subject_id or 0).first()
    if ticket is None or queries.surveys_own(ticket, by):
        raise NotAllowedError("survey")
    rating = _rate(ticket, grade, reasons=reasons, comment=comment, how=Rating.How.PHONE, proof=Rating.Proof.PHONE)
    conversations.claim_callback(callback, by=by)
    conversations.finish_callback(callback, "", by=by)
    return rating


@transaction.atomic
def mark_read(rating: Rating, *, by: Actor) -> bool:
    """A reviewer has read the reasons and the comment of a rating; whether they were the first."""
    if not by.has(Role.REVIEWER):
        raise NotAllowedError("read")
    first = Rating.objects.filter(pk=rating.pk, read_at=None).update(read_at=now(), read_by=by.name) == 1
    if first:
        record("rating.read", rating, by=by)
    return first


@transaction.atomic
def mark_unread(rating: Rating, *, by: Actor) -> None:
    """It was marked by mistake."""
    if not by.has(Role.REVIEWER):
        raise NotAllowedError("read")
    if Rating.objects.filter(pk=rating.pk, read_at__isnull=False).update(read_at=None, read_by=""):
        record("rating.unread", rating, by=by)


@transaction.atomic
def refute(ticket: Ticket, answered_by: int | None, round_: int, *, by: Actor) -> Refutation:
    """The citizen has shown by a photo that it is not fixed, and reopened it: recorded against the agency that had
    answered (its id), once an answer."""
    if by.ticket_id != ticket.pk:
        raise NotAllowedError("refute")
    row, new = Refutation.objects.get_or_create(ticket=ticket, round=round_, defaults={"agency_id": answered_by})
    if new:
        code = row.agency.code if row.agency else ""
        record("ticket.refute", ticket, by=by, round=round_, agency=code, agency_id=answered_by)
    return row
