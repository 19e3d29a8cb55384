"""One's own ticket: what happened, who holds it until when, the answer, and what one may still say to it."""

from collections.abc import Callable, Container, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import wraps
from typing import Concatenate
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi import moves
from caunoi.answers.label import label
from caunoi.answers.models import Answer, Citation
from caunoi.answers.queries import citations, final
from caunoi.confidential.lanes import Way
from caunoi.confidential.models import Case
from caunoi.confidential.queries import of_ticket
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, citizen
from caunoi.events.rowsecurity import read_as
from caunoi.jobs import replica
from caunoi.lib.messages import danger
from caunoi.lib.numbers.codes import parse as parse_code
from caunoi.lib.numbers.codes import spoken
from caunoi.lib.vietnamese.writing import nfc
from caunoi.notifications import codes
from caunoi.publication import queries as publication
from caunoi.publication.models import Review
from caunoi.publication.readings import removal
from caunoi.ratings import actions as ratings
from caunoi.ratings import flags
from caunoi.ratings.models import Rating
from caunoi.ratings.queries import can_rate, current_rating
from caunoi.ratings.reasons import REASONS
from caunoi.sla.models import Deadline
from caunoi.sla.queries import handle
from caunoi.tickets import actions, proofs, queries
from caunoi.tickets.lifecycle import ENDS, HANDLED, OPEN, NotPossibleError, RefusedError
from caunoi.tickets.models import Ticket
from caunoi.tickets.visits import wrote
from caunoi.triage.alarms import call_first
from caunoi.web.case import Hold, current_holder
from caunoi.web.citizen.forms import ErrorLink
from caunoi.web.citizen.looks import LookLine, look_lines
from caunoi.web.citizen.news import how_notified
from caunoi.web.citizen.own import SEEN, Own, account_name, note_visit, origin, own_ticket
from caunoi.web.citizen.photos import keep
from caunoi.web.inputs import text_in, too_long
from caunoi.web.labels import emergency, localised_name
from caunoi.web.lines import Line, line
from caunoi.web.page import Page, render_page
from caunoi.web.story import PictureLinks, Step, for_citizen, pictures, refused_as_emergency, reopening
from caunoi.web.templatetags.caunoi_ui import vndate
from caunoi.web.transfers import TransferLine, transfer_line

DONE = {
    "reply": gettext_noop("Thank you. We have passed it on."),
    "partly": gettext_noop("Thank you. We have passed it on, but not every photo: please send only JPEG, PNG or HEIC."),
    "rate": gettext_noop("Thank you. Your rating is kept secret from the agency."),
    "rated": gettext_noop("This answer has been rated already, or the time for it is over."),
    "reopen": gettext_noop("It has been reopened. We will look at it again."),
    "again": gettext_noop("It had already been reopened. What you wrote has been added."),
    "close": gettext_noop("Closed. Thank you for your report."),
    "closed": gettext_noop("This ticket cannot be closed now."),
    "takedown": gettext_noop("Thank you. Somebody will look at your request and tell you the outcome."),
    "asked": gettext_noop("You have asked for this already, or the ticket is not public any more."),
    "link": gettext_noop("Your private link is on its way."),
    "no-link": gettext_noop("It cannot be sent just now: it was sent often today, or no way to you is set up."),
}
NOT_DONE = {"partly", "rated", "closed", "asked", "no-link"}
DRAFTS = {
    "reply": "reply",
    "partly": "reply",
    "rate": "reply-rate",
    "reopen": "reply-reopen",
    "again": "reply-reopen",
    "takedown": "reply-takedown",
}
FIELDS = {"reply": "id_text", "rate": "rate-form", "reopen": "id_reopen_text", "takedown": "id_takedown_text"}
GRADES = {"good": "satisfied", "fair": "acceptable", "poor": "dissatisfied"}  # of the three faces


@dataclass(frozen=True, kw_only=True)
class EmergencyCall:
    number: str
    who: str


@dataclass(frozen=True, kw_only=True)
class FollowPage(Page):
    """A ticket for its citizen, under the address of `key`; `by_code`: it was opened for a while, by a one-time
    code or by the `account` of this name.
    `reads` says that staff look, who do nothing here, and `as_citizen` that they do so on a page of their own; `form`
    (reply, rate, reopen, takedown) is the one that was sent and refused, `error` why, `typed` what was typed;
    `draft_sent` is the draft that the browser need not keep any more; `machine` says that one helped with the answer;
    `looks` is who looked at it."""

    template = "citizen/follow.html"
    parts = ("citizen/follow.html#body",)

    ticket: Ticket
    key: str
    by_code: bool
    account: str
    opened_minutes: int
    as_citizen: bool
    looks: list[LookLine]
    heading: str
    refreshed: bool
    address: str
    alarm: EmergencyCall | None
    emergency: list[tuple[str, str]]
    danger_words: tuple[tuple[str, str, str], ...]
    line: Line
    disputed: bool
    reopening: Step | None
    spoken: str
    fresh: bool
    done: str
    done_kind: str
    draft_sent: str
    story: list[Step]
    question: str
    over: bool
    at: int
    steps: list[str]
    holder: str
    hold: Hold
    deadline: Deadline | None
    answer: Answer | None
    machine: str
    citations: list[Citation]
    refusal: str
    transfer: TransferLine | None
    case: Case | None
    pictures: dict[str, list[PictureLinks]]
    reads: bool
    can_rate: bool
    rating: Rating | None
    reasons: list[tuple[str, list[tuple[str, str]]]]
    can_close: bool
    can_reopen: bool
    can_remark: bool
    news: str
    published: bool
    removal: Review | None
    form: str
    error: str
    summary: list[ErrorLink]
    typed: str
    comment: str
    chosen: list[str]
    most: int
    megabytes: int
    printed: datetime
    follow_live: str


@dataclass(frozen=True)
class FollowGonePage(Page):
    template = "citizen/follow_gone.html"


@dataclass(frozen=True)
class ProofOverPage(Page):
    """The ticket was proved to be one's own too long ago, or in another browser."""

    template = "citizen/proof_over.html"

    account: str
    code: str


@dataclass(frozen=True)
class StaffRefusedPage(Page):
    template = "citizen/staff_refused.html"


def grade_reasons() -> list[tuple[str, list[tuple[str, str]]]]:
    """Why somebody gives a grade: by face, the reasons with their words."""
    return [(face, [(code, _(words)) for code, words in REASONS[grade].items()]) for face, grade in GRADES.items()]


def secret(response: HttpResponse) -> HttpResponse:
    """A page for the holder of its link alone: never cached, never indexed."""
    response["Cache-Control"] = "private, no-store"
    response["X-Robots-Tag"] = "noindex"
    return response


def not_found(request: HttpRequest, key: str = "") -> HttpResponse:
    """No such link; where the address names a ticket by its code, its citizen is to prove it again."""
    if code := parse_code(key):
        return secret(render_page(request, ProofOverPage(account=account_name(), code=code), status=403))
    return secret(render_page(request, FollowGonePage(), status=404))


def citizens_only[**P](
    view: Callable[Concatenate[HttpRequest, P], HttpResponse],
) -> Callable[Concatenate[HttpRequest, P], HttpResponse]:
    """Refuse posts of signed-in staff: by a citizen's secret link they may read, not send."""

    @wraps(view)
    def wrapped(request: HttpRequest, /, *args: P.args, **more: P.kwargs) -> HttpResponse:
        if request.method == "POST" and request.user.is_authenticated:
            return secret(render_page(request, StaffRefusedPage(), status=403))
        return view(request, *args, **more)

    return wrapped


def by_link(view: Callable[[HttpRequest, Own, Actor], HttpResponse]) -> Callable[[HttpRequest, str], HttpResponse]:
    """What a citizen sends to their own ticket. A secret link is the whole authority (as in report.py); the cookie of a
    one-time code is sent by no other site (SameSite). The view gets the ticket and how it was proved."""

    @csrf_exempt
    @require_POST
    @citizens_only
    @wraps(view)
    def wrapped(request: HttpRequest, token: str) -> HttpResponse:
        own = own_ticket(token, request.COOKIES)
        return view(request, own, citizen(own.ticket.pk)) if own else not_found(request, token)

    return wrapped


def _ahead(ticket: Ticket, deadline: Deadline | None) -> list[Step]:
    """What is still to come, so that the story has an end in sight."""
    if ticket.state in ENDS or ticket.state in HANDLED:
        return []
    due = deadline.promised if deadline else None
    words = _("By %(moment)s") if due and due > now() else _("It was due %(moment)s")
    by = words % {"moment": vndate(due)} if due else ""
    return [Step(title=_("You get an answer"), icon="reply", kind="ahead", by=by)]


def _last(story: Sequence[Step], event: str) -> str:
    """The text of the most recent event of a kind."""
    return next((step.text for step in reversed(story) if step.event == event), "")


def _once(story: Sequence[Step], featured: Container[str]) -> list[Step]:
    """What the page shows large is not repeated in the story below it."""
    return [replace(step, text="") if step.text in featured else step for step in story]


def _step(ticket: Ticket) -> int:
    """How far it has come, of the four steps that a citizen counts: received, with whom, being done, answered."""
    here = 2 if queries.holder(ticket) else 1
    at = {"new": 1, "accepted": here, "routed": 2, "waiting": here, "working": 3, "resulted": 3}
    return at.get(ticket.state, 4)


def _heading(ticket: Ticket, holder: str, transfer: TransferLine | None, *, again: bool) -> str:
    """How it stands, in one sentence."""
    if transfer and not transfer.waiting:
        return _("Handed to %(province)s") % {"province": transfer.province}
    if ticket.state == "refused" and refused_as_emergency(ticket):
        return _("Call the emergency number now")
    headings = {
        "waiting": _("We need something from you"),
        "refused": _("We cannot handle this"),
        "merged": _("It continues with an earlier ticket"),
    }
    if ticket.state in headings:
        return headings[ticket.state]
    if ticket.state in ENDS or ticket.state in HANDLED:
        return _("You have an answer")
    if holder:
        return _("%(agency)s has it") % {"agency": holder}
    if again:
        return _("Reopened: we are looking at it again")
    return _("We have it and are reading it") if ticket.state == "new" else _("We are finding out who is responsible")


def _done(request: HttpRequest, ticket: Ticket) -> str:
    """What was just done, by its name; nothing any more when the page asks again and the ticket has gone on since
    (`as`)."""
    done = request.GET.get("done", "")
    return done if done in DONE and request.GET.get("as", ticket.state) == ticket.state else ""


def _alarm(request: HttpRequest, ticket: Ticket, typed: str) -> EmergencyCall | None:
    """Whom to call at once, where what was just written speaks of danger to life."""
    typed = typed or (ticket.text if "new" in request.GET else "")
    call, names = _call_first(typed) or request.GET.get("call", ""), dict(emergency())
    return EmergencyCall(number=call, who=names[call]) if call in names else None


def _call_first(typed: str) -> str:
    return (danger.number(typed) or call_first(typed)) if typed else ""


def show(request: HttpRequest, token: str) -> HttpResponse:
    own = own_ticket(token, request.COOKIES)
    if own is None:
        return not_found(request, token)
    read_as(request, citizen(own.ticket.pk))
    response = page(request, own)
    if request.user.is_authenticated:
        replica.note(lambda: flags.staff_opened(own.ticket), otherwise=None)
    else:
        replica.note(lambda: note_visit(request, response, own), otherwise=None)
    return response


def _case(request: HttpRequest, own: Own) -> Case | None:
    """The case to which the page leads: in the browser alone in which it was written, for letters hold the link, and
    others may read them. What the product itself kept aside nobody was written about."""
    ticket = own.ticket
    if not ticket.restricted or request.user.is_authenticated or own.by_code:
        return None
    row = of_ticket(ticket.pk)
    own_browser = row is not None and (row.way == Way.WORDS or wrote(ticket, request.COOKIES.get(SEEN, "")))
    return row if own_browser else None


def page(
    request: HttpRequest, own: Own, *, form: str = "", error: str = "", typed: str = "", status: int = 200
) -> HttpResponse:
    """The page; with `form` (reply, rate, reopen, takedown) the one that was sent and refused: why, and what was
    typed. Without a key it is read by the staff, and holds nothing that opens the ticket."""
    ticket = own.ticket
    deadline, reads = handle(ticket), request.user.is_authenticated  # staff see it, and do nothing here
    story = for_citizen(ticket)
    question = _last(story, "ticket.ask") if ticket.state == "waiting" else ""
    refusal = _last(story, "ticket.refuse") if ticket.state == "refused" else ""
    transfer = transfer_line(ticket, opens=bool(own.key) and not reads)
    again = queries.disputed(ticket)
    refusal = refusal or (_last(story, "ticket.hand_over") if ticket.state == "refused" else "")
    answer = final(ticket) if again or ticket.state in HANDLED else None
    story = _once(story, {question, refusal, answer.text if answer else ""})
    over = ticket.state in ENDS or ticket.state in HANDLED
    if story and not over:
        story[-1] = replace(story[-1], kind="now")
    holder, done = localised_name(queries.holder(ticket)), _done(request, ticket)
    here = reverse("citizen:follow", args=[own.key]) if own.key else reverse("desk:as-citizen", args=[ticket.code])
    stands = {"done": done, "as": ticket.state} if done else {"new": 1} if "new" in request.GET else {}
    content = FollowPage(
        ticket=ticket,
        key=own.key,
        by_code=own.by_code,
        account=account_name() if own.proof == Rating.Proof.ACCOUNT else "",
        opened_minutes=option("opened_minutes"),
        as_citizen=not own.key,
        looks=look_lines(ticket),
        heading=_heading(ticket, holder, transfer, again=again),
        refreshed="HX-Request" in request.headers,
        address=f"{here}?{urlencode(stands)}" if stands else here,
        alarm=_alarm(request, ticket, typed),
        emergency=emergency(),
        danger_words=danger.tables(),
        line=line(ticket, deadline, promised=True),
        disputed=again,
        reopening=reopening(story) if again else None,
        spoken=spoken(ticket.code),
        fresh="new" in request.GET,
        done=_(DONE[done]) if done else "",
        done_kind="info" if done in NOT_DONE else "success",
        draft_sent=DRAFTS.get(done, ""),
        story=[*story, *_ahead(ticket, deadline)],
        question=question,
        over=over,
        at=_step(ticket),
        steps=[_("Received"), _("Handed over"), _("In progress"), _("Answered")],
        holder=holder,
        hold=replace(current_holder(ticket), until=deadline.promised if deadline else None),
        deadline=deadline,
        answer=answer,
        machine=label(answer),
        citations=citations(answer),
        refusal=refusal,
        transfer=transfer,
        case=_case(request, own),
        pictures=pictures(ticket, query=f"f={own.key}" if own.key else ""),
        reads=reads,
        can_rate=can_rate(ticket) and not reads,
        rating=current_rating(ticket),
        reasons=grade_reasons(),
        can_close=ticket.state == "answered" and not reads,
        can_reopen=(queries.may_reopen(ticket) or form == "reopen") and not reads,
        can_remark=(ticket.state not in ENDS or form == "reply") and not reads,
        news=how_notified(ticket),
        published=publication.find(ticket.code) is not None,
        removal=removal(ticket),
        form=form,
        error=error,
        summary=[ErrorLink(f"#{FIELDS[form]}", error)] if error else [],
        typed=typed,
        comment=typed if form == "rate" else "",
        chosen=request.POST.getlist("reason"),
        most=option("photo_limit"),
        megabytes=option("photo_megabytes"),
        printed=now(),
        follow_live=f"/live?follow={own.key}" if own.key else "",
    )
    part = FollowPage.parts[0] if "HX-Request" in request.headers else ""
    return secret(render_page(request, content, part=part, status=status))


def back(own: Own, done: str, words: str = "") -> HttpResponse:
    """To the page, which says what was done by its address: no cookie is needed for it. With whom to call first, where
    the words that were sent speak of danger to life."""
    response = redirect("citizen:follow", own.key)
    call = _call_first(words)
    response["Location"] += f"?done={done}" + (f"&call={call}" if call else "")
    return response


@by_link
def reply(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    """The citizen adds something; when asked, that is the reply the ticket waited for."""
    ticket = own.ticket
    text, uploads = text_in(request.POST, "text"), request.FILES.getlist("photos")
    if not text and not uploads:
        return page(request, own, form="reply", error=_("Please write something first."), status=422)
    if long := too_long(text):
        return page(request, own, form="reply", error=long, typed=text, status=422)
    attachments, refused = keep(uploads, option("photo_limit"), by=by)
    if refused and not attachments:
        return page(request, own, form="reply", error=" ".join(refused), typed=text, status=422)
    _add(ticket, text, [attachment.pk for attachment in attachments], by)
    if ticket.state == "waiting":
        moves.perform("resume", [ticket], by=by)
    return back(own, "partly" if refused else "reply", text)


def _add(ticket: Ticket, text: str, photos: list[int], by: Actor) -> bool:
    """Add words and photos to the ticket; whether they are new."""
    actions.add_photos(ticket, photos, "report", by=by)
    return actions.add(ticket, text, by=by) is not None if text else bool(photos)


@by_link
def rate(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    ticket = own.ticket
    grade, comment = GRADES.get(request.POST.get("grade", "")), text_in(request.POST, "comment")
    wrong = too_long(comment) or ("" if grade else _("Please choose one of the three faces."))
    if grade is None or wrong:
        return page(request, own, form="rate", error=wrong, typed=comment, status=422)
    try:
        ratings.rate(
            ticket,
            grade,
            by=by,
            reasons=request.POST.getlist("reason"),
            comment=comment,
            proof=own.proof,
            origin=origin(request),
        )
    except RefusedError:
        ticket.refresh_from_db()
        rating = current_rating(ticket)
        if rating and (rating.grade, rating.comment) == (grade, nfc(comment)):
            return back(own, "rate", comment)  # pressed twice
        if not comment:
            return back(own, "rated")
        over = _("It can no longer be rated. Your text is still here: send it if you want it to reach us.")
        return page(request, own, form="reply", error=over, typed=comment, status=409)
    return back(own, "rate", comment)


@by_link
def reopen(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    ticket = own.ticket
    reason, uploads = text_in(request.POST, "reopen_text"), request.FILES.getlist("photos")
    if not reason:
        refusal = ticket.state == "refused"
        error = _("Please write why it should be reopened.") if refusal else _("Please write what is still not right.")
        return page(request, own, form="reopen", error=error, status=422)
    if long := too_long(reason):
        return page(request, own, form="reopen", error=long, typed=reason, status=422)
    if ticket.restricted:
        why = _(
            "This is handled in confidence and is not reopened here. Send your text below: only custodians read it."
        )
        return page(request, own, form="reply", error=why, typed=reason, status=409)
    attachments, refused = keep(uploads, option("photo_limit"), by=by)
    if refused and not attachments:
        return page(request, own, form="reopen", error=" ".join(refused), typed=reason, status=422)
    photos = [attachment.pk for attachment in attachments]
    try:
        _reopen(ticket, reason, photos, by)
    except RefusedError:
        ticket.refresh_from_db()
        if ticket.state in OPEN:  # somebody was faster: the words are added all the same
            return back(own, "again" if _add(ticket, reason, photos, by) else "reopen", reason)
        over = _("The time to reopen it is over. Please send a new report; you may name this code.")
        return page(request, own, form="reopen", error=over, typed=reason, status=409)
    return back(own, "reopen", reason)


@transaction.atomic
def _reopen(ticket: Ticket, reason: str, photos: list[int], by: Actor) -> None:
    """Open it again; with a photo that shows that it is not fixed, on the record of the agency that answered."""
    if not queries.may_reopen(ticket):
        raise NotPossibleError("reopen")
    answered, agency_id, round_ = ticket.state in HANDLED, ticket.agency_id, ticket.reopened
    moves.perform("reopen", [ticket], by=by, move_input={"reason": reason})
    if photos:
        actions.add_photos(ticket, photos, "report", by=by)
        if answered:
            ratings.refute(ticket, agency_id, round_, by=by)


@by_link
def close(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    ticket = own.ticket
    try:
        moves.perform("close", [ticket], by=by)
    except RefusedError:
        ticket.refresh_from_db()
        return back(own, "close" if ticket.state == "closed" else "closed")
    return back(own, "close")


@by_link
def send_link(request: HttpRequest, own: Own, by: Actor) -> HttpResponse:
    """The citizen, who opened it by a code, asks for the link that lasts: it is sent by the way on file."""
    sent = proofs.ask_again(own.ticket) and codes.send_link(own.ticket)
    return back(own, "link" if sent else "no-link")
