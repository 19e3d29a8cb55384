"""Acts of reorganisation: drafted, planned, scheduled, and revocable until their day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise as StrPromise
from django.utils.timezone import localdate, localtime, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.events.queries import history
from caunoi.reorganisation import actions, drafting, queries
from caunoi.reorganisation.actions import ImpossibleActError, NotADraftError, UnconfirmedError
from caunoi.reorganisation.models import Act
from caunoi.web.errors import or_404
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.setup import act_plan, changes
from caunoi.web.setup.act_plan import ActLine, MoveLine, QuestionLine
from caunoi.web.setup.changes import ChangeLine
from caunoi.web.setup.page import back_to, done, form_page, saving
from caunoi.web.templatetags.caunoi_ui import vndate
from caunoi.web.who import actor

STEPS = (
    gettext_lazy("Document and date"),
    gettext_lazy("What changes"),
    gettext_lazy("What moves where"),
    gettext_lazy("Scheduled"),
    gettext_lazy("Came into force"),
)
HERE = "setup:reorganisations"


@dataclass(frozen=True)
class ActState:
    words: str
    icon: str


@dataclass(frozen=True, kw_only=True)
class ReorganisationLine:
    """An act in the list; `late`: its day has come and it is not in force."""

    act: Act
    state: ActState
    late: bool


@dataclass(frozen=True)
class ReorganisationsPage(Page):
    template = "setup/reorganisations.html"

    rows: list[ReorganisationLine]


@dataclass(frozen=True, kw_only=True)
class ActPlan:
    """What an act would move now, and what a person decides about it: `more_moves` and `more_questions` are not
    shown, `tickets`, `people` and those `rewritten` in past figures are counted."""

    moves: list[MoveLine]
    more_moves: int
    questions: list[QuestionLine]
    more_questions: int
    question_count: int
    undecided: int
    tickets: int
    people: int
    rewritten: int


@dataclass(frozen=True, kw_only=True)
class ReorganisationPrintPage(Page):
    """An act with its plan, while it can come into force, or with what it `moved`."""

    template = "setup/reorganisation_print.html"

    back: str
    back_name: str
    act: Act
    state: ActState
    lines: list[ActLine]
    problems: list[str]
    plan: ActPlan | None
    moved: list[tuple[str, int]]


@dataclass(frozen=True, kw_only=True)
class ReorganisationPage(ReorganisationPrintPage):
    """`at` is where it stands among the `steps`, `at_work` the step of carrying out, of `most_steps`; `asks`: the
    number of the document is to be `typed` once more, and `lacks` says what is wrong there."""

    template = "setup/reorganisation.html"

    steps: Sequence[StrPromise]
    at: int
    draft: bool
    scheduled: bool
    waits: bool
    late: bool
    over: bool
    past: bool
    asks: bool
    at_work: int | None
    most_steps: int
    changes: list[ChangeLine]
    typed: Mapping[str, str]
    lacks: Mapping[str, str]


class Head(forms.Form):
    number = forms.CharField(
        label=gettext_lazy("Number of the document"),
        max_length=60,
        help_text=gettext_lazy("Such as 1662/NQ-UBTVQH15; tickets give it as the reason."),
    )
    title = forms.CharField(label=gettext_lazy("What the document is called"), max_length=300)
    signed = forms.DateField(
        label=gettext_lazy("Signed on"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    on = forms.DateField(
        label=gettext_lazy("In force from"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text=gettext_lazy("At the first minute of this day everything moves. Until then it can be taken back."),
    )


def _state(act: Act) -> ActState:
    words, icon = act_plan.STATE[act.state]
    return ActState(_(words), icon)


def listing(request: HttpRequest) -> HttpResponse:
    rows = [ReorganisationLine(act=act, state=_state(act), late=_late(act)) for act in queries.acts()]
    return render_page(request, ReorganisationsPage(rows))


def _late(act: Act) -> bool:
    """Whether its day has come and it is not in force."""
    return act.state == Act.State.SCHEDULED and act.on <= localdate() and not waits(act)


def waits(act: Act) -> bool:
    """Whether it is of today or the past and has not begun yet, so that it can be stopped."""
    return act.state == Act.State.SCHEDULED and act.starts is not None and act.starts > now()


def add(request: HttpRequest) -> HttpResponse:
    form = Head(request.POST or None)
    if saving(request, form):
        act = actions.draft(by=actor(request), **form.cleaned_data)
        return redirect("setup:reorganisation", act.pk)
    return form_page(
        request,
        form,
        title=_("New reorganisation"),
        back=HERE,
        save=_("Continue"),
        lead=_("First the document. Then you say what changes, and look at what that moves before anything happens."),
    )


def get_act(pk: int) -> Act:
    return or_404(queries.act(pk))


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    act = get_act(pk)
    form = Head(
        request.POST or None, initial={name: getattr(act, name) for name in ("number", "title", "signed", "on")}
    )
    if saving(request, form):
        other = queries.of_number(form.cleaned_data["number"])
        if other is not None and other.pk != act.pk:
            form.add_error("number", _("There is an act of this document already."))
        else:
            try:
                actions.edit(act, by=actor(request), **form.cleaned_data)
                return done(request, "setup:reorganisation", act.pk)
            except NotADraftError:
                form.add_error(None, _("It is scheduled or in force. Take it back first."))
    return form_page(request, form, title=act.number, back=HERE)


def _plan(act: Act, *, whole: bool) -> ActPlan:
    located = queries.locate(act)
    plan, questions = queries.planned(act, located=located)
    names = act_plan.Names.of(plan.begins)
    moves, most = act_plan.moves(plan, queries.rows(act, located), names), None if whole else act_plan.MOST
    return ActPlan(
        moves=moves[:most],
        more_moves=len(moves) - len(moves[:most]),
        questions=act_plan.questions(questions[:most], act, names),
        more_questions=len(questions) - len(questions[:most]),
        question_count=len(questions),
        undecided=sum(q.key not in act.choices for q in questions),
        tickets=len({*(ticket for ticket, _was, _goes in plan.shares), *plan.tickets}),
        people=len(plan.people),
        rewritten=queries.rewritten(act) if act.on < localdate() else 0,
    )


def _print_page(act: Act, *, whole: bool) -> ReorganisationPrintPage:
    rows, over = queries.lines(act), act.state == Act.State.IN_FORCE
    problems = [act_plan.problem_text(p) for p in queries.problems(act)] if rows and not over else []
    moved = [(name, count) for name, count in act.moved.items() if name in act_plan.MOVES and count] if over else []
    return ReorganisationPrintPage(
        **back_to(HERE),
        act=act,
        state=_state(act),
        lines=act_plan.lines(act, rows),
        problems=problems,
        plan=_plan(act, whole=whole) if rows and not problems and not over else None,
        moved=[(word(act_plan.MOVES, name), count) for name, count in moved],
    )


def _page(
    act: Act, *, typed: Mapping[str, str] | None = None, lacks: Mapping[str, str] | None = None
) -> ReorganisationPage:
    base, over = _print_page(act, whole=False), act.state == Act.State.IN_FORCE
    return ReorganisationPage(
        **vars(base),
        steps=STEPS,
        at=5 if over else 4 if act.state == "scheduled" else 3 if base.lines else 2,
        draft=act.state == Act.State.DRAFT,
        scheduled=act.state == Act.State.SCHEDULED,
        waits=waits(act),
        late=_late(act),
        over=over,
        past=act.on < localdate(),
        asks=act.state == Act.State.DRAFT and act.on <= localdate(),
        at_work=queries.at_work(act),
        most_steps=actions.STEPS,
        changes=changes.change_lines(list(history(act).order_by("-id")[:20])),
        typed=typed or {},
        lacks=lacks or {},
    )


def show(request: HttpRequest, pk: int) -> HttpResponse:
    act = get_act(pk)
    if request.method == "POST":
        return _do(request, act)
    return render_page(request, _page(act))


def printed(request: HttpRequest, pk: int) -> HttpResponse:
    """The whole plan on paper."""
    return render_page(request, _print_page(get_act(pk), whole=True))


def _do(request: HttpRequest, act: Act) -> HttpResponse:
    """One of the page's buttons."""
    by, do = actor(request), request.POST.get("do", "")
    back = ("setup:reorganisation", act.pk)
    try:
        if do == "schedule":
            number, reason = request.POST.get("number", ""), request.POST.get("reason", "")
            act = actions.schedule(act, by=by, number=number, reason=reason)
            event = history(act).filter(kind="act.schedule").last()
            message = _("Scheduled: everything moves on %(day)s.") % {"day": vndate(act.on)}
            if act.starts:
                message = _("It begins at %(time)s. Until then it can be stopped.") % {
                    "time": f"{localtime(act.starts):%H:%M}"
                }
            return done(request, *back, event=event, message=message)
        if do == "unschedule":
            actions.unschedule(act, by=by)
            return done(request, *back, message=_("Taken back. Nothing was moved."))
        if do == "drop":
            actions.drop(act, by=by)
            return done(request, HERE, message=_("Deleted. The history keeps it."))
        if do == "list":
            drafting.from_list(act, by=by)
            return done(
                request, *back, message=_("Imported from the state's own list. Please check it against the document.")
            )
        if do == "choose":
            keys = {
                name.removeprefix("q:"): str(value) for name, value in request.POST.items() if name.startswith("q:")
            }
            actions.choose(act, {k: v for k, v in keys.items() if v.lstrip("-").isdecimal()}, by=by)
            return done(request, *back, message=_("Your decisions are kept."))
        if do.startswith("remove:") and do[7:].isdecimal():
            actions.remove(act, int(do[7:]), by=by)
            return done(request, *back, message=_("Taken out of the draft."))
    except UnconfirmedError as error:
        lacks = {
            "number": _("Write the number of the document once more, as it stands above."),
            "reason": _("Say why it comes into force on a day that is over."),
        }
        page = _page(act, typed=request.POST, lacks={error.lacks: lacks[error.lacks]})
        return render_page(request, page, status=422)
    except ImpossibleActError as error:
        messages.error(request, " ".join(act_plan.problem_text(p) for p in error.problems))
    except LookupError:
        message = _("The state's own list knows of no change on %(day)s that is not in force already.")
        messages.error(request, message % {"day": vndate(act.on)})
    except NotADraftError:
        messages.error(request, _("It is too late for that: somebody else was faster, or it has come into force."))
    return redirect(*back)
