"""One answer that was drawn: read it, hear it, score it, talk it over, reply to it, decide."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.answers.models import Citation
from caunoi.answers.queries import citations, final
from caunoi.calls.models import Call
from caunoi.events.actor import Actor, NotAllowedError, RefusedError
from caunoi.lib.privacy.discreet import mask
from caunoi.quality import actions, queries, speech
from caunoi.quality.models import Case, Remark, Score, Verdict
from caunoi.quality.scoring import Criterion, Points
from caunoi.quality.speech import TranscriptionError
from caunoi.tickets import queries as tickets
from caunoi.tickets.lifecycle import MissingDataError
from caunoi.tickets.models import Ticket
from caunoi.web.drafts import undone
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.masks import in_words, readable
from caunoi.web.page import Page, render_page
from caunoi.web.quality.words import LEVEL, LEVELS, CaseLine, RemarkLine, criterion_name, lines
from caunoi.web.who import actor

UNHEARD = {
    "off": gettext_noop("Writing down calls is switched off here."),
    "large": gettext_noop("The recording is too long to be written down."),
    "timeout": gettext_noop("Writing it down took too long. Please listen instead, or try later."),
    "unreachable": gettext_noop("The service that writes calls down cannot be reached. Please listen instead."),
    "unreadable": gettext_noop("What came back could not be read. Please listen instead."),
    "nothing": gettext_noop("Nothing could be understood in the recording."),
}


@dataclass(frozen=True)
class LevelChoice:
    value: str
    label: str
    on: bool


@dataclass(frozen=True, kw_only=True)
class ScoreRow:
    """A criterion in the form of a score; `wrong` where it was left out."""

    one: Criterion
    number: int
    name: str
    levels: list[LevelChoice]
    wrong: bool


@dataclass(frozen=True, kw_only=True)
class ScoredRow:
    """A criterion in the table of scores: the level by each scorer, and the one that counts."""

    name: str
    levels: list[str]
    verdict: str


@dataclass(frozen=True, kw_only=True)
class Scores:
    """Scores side by side, as far as this reader may read them: `columns` are their scorers, `table` their levels."""

    columns: list[str]
    table: list[ScoredRow]
    rows: list[Score]
    verdict: Verdict | None


@dataclass(frozen=True, kw_only=True)
class CaseCall:
    """A call of a case; `hear` says whether this reader may, `text` is what a machine wrote down of it."""

    call: Call
    hear: bool
    text: str


@dataclass(frozen=True, kw_only=True)
class CasePage(Page):
    """A case with what this reader may read of it (`blind`: not whose answer it is) and do to it: `open` to score, it
    `talks` among those who scored it, who `agrees` on one score, who `decides` on the reply."""

    template = "quality/case.html"

    case: Case
    line: CaseLine
    ticket: Ticket | None
    blind: bool
    scorer: bool
    mine: Score | None
    open: bool
    text: str
    answer: str
    citations: Sequence[Citation]
    calls: list[CaseCall]
    speech: bool
    rows: list[ScoreRow]
    comment: str
    said_wrong: str
    scores: Scores
    remarks: list[RemarkLine]
    may_reply: bool
    reply: Remark | None
    talks: bool
    agrees: bool
    decides: bool
    can_calibrate: bool
    can_take_back: bool


def _case(request: HttpRequest, pk: int) -> Case:
    return or_404(queries.find(actor(request), pk))


def _typed(request: HttpRequest, case: Case) -> dict[str, int | None]:
    """The points as they were sent; what is no level is left out."""
    result: dict[str, int | None] = {}
    for criterion in case.sample.card.criteria:
        value = request.POST.get(f"p-{criterion.key}", "")
        if value in {key for key, _label in LEVELS}:
            result[criterion.key] = None if value == "na" else int(value)
    return result


def _rows(case: Case, points: Points, wrong: set[str]) -> list[ScoreRow]:
    """The scorecard as the rows of a form."""
    rows = []
    for number, one in enumerate(case.sample.card.criteria, 1):
        chosen = points.get(one.key, "")
        value = "na" if one.key in points and chosen is None else str(chosen)
        levels = [LevelChoice(key, _(label), key == value) for key, label in LEVELS if key != "na" or one.optional]
        rows.append(ScoreRow(one=one, number=number, name=criterion_name(one), levels=levels, wrong=one.key in wrong))
    return rows


def _message_text(text: str, ticket: Ticket | None, by: Actor) -> str:
    """The words of a call; without a ticket all names in them are masked."""
    return readable(text, ticket, by) if ticket else in_words(mask(text, ""))


def _scored(case: Case, by: Actor) -> Scores:
    scores = queries.readable(case, by)
    alone = by.is_person(case.operator_user)
    people = {} if alone else names({row.by for row in scores})
    verdict = case.verdict_or_none if case.settled else None
    columns = [people.get(row.by, _("Scorer %(n)d") % {"n": n}) for n, row in enumerate(scores, 1)]
    table = [
        ScoredRow(
            name=criterion_name(one),
            levels=[_(LEVEL.get(row.points.get(one.key), "–")) if one.key in row.points else "–" for row in scores],
            verdict=_(LEVEL[verdict.points.get(one.key)]) if verdict else "",
        )
        for one in case.sample.card.criteria
    ]
    return Scores(columns=columns, table=table if scores else [], rows=scores, verdict=verdict)


def page(
    request: HttpRequest,
    case: Case,
    *,
    points: Points | None = None,
    comment: str | None = None,
    wrong: set[str] | None = None,
    said_wrong: str = "",
) -> HttpResponse:
    by, ticket = actor(request), case.ticket
    mine = queries.own(case, by)
    may, answer = queries.open_to(case, by), final(ticket) if ticket else None
    calls = queries.calls(case, by)
    written = queries.transcripts([call.pk for call in calls])
    blind = may or (mine is not None and case.settled is None)
    (line,) = lines([case], {} if blind else names({case.operator}))
    remarks = [
        r
        for r in case.remarks.all()
        if r.kind == "reply" or (queries.scores(by) and not by.concerns(case.operator_user))
    ]
    talks = case.calibrated is not None and mine is not None and mine.at is not None
    reply = line.reply
    decides = reply is not None and reply.decided is None and queries.decides(case, by)
    agrees = talks and case.settled is None and len(queries.finished(case)) >= case.needs
    start: Points = points if points is not None else (mine.points if mine and (may or agrees) else {})
    if decides and points is None:
        start = case.verdict_or_none.points if case.verdict_or_none else queries.finished(case)[0].points
    made = CasePage(
        case=case,
        line=line,
        ticket=ticket,
        blind=blind,
        scorer=queries.scores(by),
        mine=mine,
        open=may,
        text=readable(ticket.text, ticket, by) if ticket else "",
        answer=readable(answer.text, ticket, by) if ticket and answer else "",
        citations=list(citations(answer)) if answer else [],
        calls=[
            CaseCall(
                call=c,
                hear=bool(c.sound) and tickets.may_hear(c, by),
                text=_message_text(written[c.pk].text, ticket, by) if c.pk in written else "",
            )
            for c in calls
        ],
        speech=speech.on() and queries.scores(by),
        rows=_rows(case, start, wrong or set()),
        comment=comment if comment is not None else (mine.comment if mine else ""),
        said_wrong=said_wrong,
        scores=_scored(case, by),
        remarks=[RemarkLine(r, names({r.by}).get(r.by, r.by)) for r in remarks if r.kind == "discussion"],
        may_reply=queries.may_reply(case, by),
        reply=reply if case.settled else None,
        talks=talks,
        agrees=agrees,
        decides=decides,
        can_calibrate=queries.may_calibrate(case, by),
        can_take_back=mine is not None and mine.at is not None and case.settled is None,
    )
    return render_page(request, made, status=422 if said_wrong else 200)


def show(request: HttpRequest, pk: int) -> HttpResponse:
    return page(request, _case(request, pk))


def following(request: HttpRequest) -> HttpResponse:
    """The next case that waits for this person."""
    case = queries.waiting(actor(request))
    if case is None:
        messages.success(request, _("Nothing waits for you. Draw a sample, or come back later."))
        return redirect("quality:home")
    return redirect("quality:case", case.pk)


@require_POST
def score(request: HttpRequest, pk: int) -> HttpResponse:
    case, by = _case(request, pk), actor(request)
    points, comment = _typed(request, case), text_in(request.POST, "comment", 4000)
    done = request.POST.get("do") == "finish"
    try:
        actions.score(case, points, comment, by=by, final=done)
    except MissingDataError as error:
        wrong = set(error.fields)
        words = _("Please judge every line that is marked, then finish.")
        if wrong == {"comment"}:
            words = _("Something that must not fail was not met: please say in the comment what it was.")
        return page(request, case, points=points, comment=comment, wrong=wrong, said_wrong=words)
    except RefusedError:
        undone(request)
        own = _("This is not yours to score: you, or whom you act for, gave this answer or have scored it.")
        messages.error(request, own if queries.barred(case, by) else _("Somebody else has scored this one meanwhile."))
        if comment:
            messages.info(request, _("Your comment was: %(words)s") % {"words": comment})
        return redirect("quality:case", pk)
    if not done:
        messages.success(request, _("Kept as a draft."))
        return redirect("quality:case", pk)
    messages.success(request, _("Scored."))
    return redirect("quality:next")


def _do(request: HttpRequest, pk: int, act: Callable[[Case, Actor], Any], words: str) -> HttpResponse:
    """Do something to a case and come back to it, with the reason where it cannot be done."""
    case = _case(request, pk)
    try:
        act(case, actor(request))
    except MissingDataError:
        return page(
            request, case, points=_typed(request, case) or None, said_wrong=_("Please fill in what is missing.")
        )
    except NotAllowedError:
        raise Http404 from None
    except RefusedError:
        undone(request)
        messages.error(request, _("This cannot be done any more. Look at it again."))
    else:
        messages.success(request, words)
    return redirect("quality:case", pk)


@require_POST
def take_back(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(request, pk, lambda case, by: actions.take_back(case, by=by), _("You can go on with it."))


@require_POST
def calibrate(request: HttpRequest, pk: int) -> HttpResponse:
    return _do(
        request, pk, lambda case, by: actions.calibrate(case, by=by), _("Everybody who scores will score this one.")
    )


@require_POST
def discuss(request: HttpRequest, pk: int) -> HttpResponse:
    text = text_in(request.POST, "text", 4000)
    return _do(request, pk, lambda case, by: actions.discuss(case, text, by=by), _("Said."))


@require_POST
def agree(request: HttpRequest, pk: int) -> HttpResponse:
    reason = text_in(request.POST, "reason", 4000)
    return _do(
        request,
        pk,
        lambda case, by: actions.agree(case, _typed(request, case), reason, by=by),
        _("The agreed score counts."),
    )


@require_POST
def reply(request: HttpRequest, pk: int) -> HttpResponse:
    text = text_in(request.POST, "text", 4000)
    return _do(
        request, pk, lambda case, by: actions.reply(case, text, by=by), _("A supervisor will read it and decide.")
    )


@require_POST
def decide(request: HttpRequest, pk: int) -> HttpResponse:
    decision, changes = text_in(request.POST, "decision", 4000), request.POST.get("do") == "change"

    def act(case: Case, by: Actor) -> None:
        row = or_404(next((r for r in case.remarks.all() if r.kind == "reply"), None))
        actions.answer_reply(row, decision, _typed(request, case) if changes else None, by=by)

    return _do(request, pk, act, _("Decided."))


@require_POST
def transcribe(request: HttpRequest, pk: int, call: int) -> HttpResponse:
    case, by = _case(request, pk), actor(request)
    row = next((c for c in queries.calls(case, by) if c.pk == call and c.sound), None)
    if row is None or not tickets.may_hear(row, by) or not default_storage.exists(row.sound):
        raise Http404
    try:
        with default_storage.open(row.sound) as sound:
            actions.transcribe(row, sound.read(), by=by)
    except TranscriptionError as error:
        messages.error(request, _(UNHEARD[error.code]))
    else:
        messages.success(request, _("Written down by a machine: trust your ears more."))
    return redirect("quality:case", pk)
