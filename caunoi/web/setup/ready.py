"""Whether the province is ready: what is set up, what is missing and where to set it, and the portal's switch."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.checks import readiness
from caunoi.directory.actions import set_option
from caunoi.directory.queries import option, province
from caunoi.host.finding import Finding, State, Text, run
from caunoi.starter import rehearsal
from caunoi.starter.actions import install
from caunoi.starter.first_run import names
from caunoi.web.labels import word
from caunoi.web.page import Page, render_page
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class FindingLine:
    """What a check says, in the reader's language, and the page where it is mended."""

    state: str
    what: str
    why: str
    mend: str
    url: str


@dataclass(frozen=True)
class FindingGroup:
    name: str
    lines: list[FindingLine]


@dataclass(frozen=True, kw_only=True)
class ReadyPage(Page):
    """What the checks of the province say, by the part of the work they belong to: how many of `all` are `done`, how
    many are `broken`; `open` is the portal, `starter` says that the starter set can be written."""

    template = "setup/ready.html"

    groups: list[FindingGroup]
    done: int
    all: int
    broken: int
    open: bool
    starter: bool


@dataclass(frozen=True, kw_only=True)
class RehearsalLine:
    """A step of the rehearsal; no `step` where it did not come to it."""

    words: str
    step: rehearsal.Step | None
    detail: str


@dataclass(frozen=True)
class RehearsalPage(Page):
    template = "setup/rehearsal.html"

    steps: list[RehearsalLine]
    well: bool


def by_part(findings: Iterable[Finding], parts: Mapping[str, Text]) -> list[FindingGroup]:
    """The findings in the reader's language, under the names of their parts; a part without any is left out."""
    language = get_language() or "vi"
    lines: dict[str, list[FindingLine]] = {part: [] for part in parts}
    for one in findings:
        lines[one.part].append(
            FindingLine(
                state=one.state.value,
                what=one.what.in_(language),
                why=one.why.in_(language),
                mend=one.mend.in_(language),
                url=reverse(one.page) if one.page else "",
            )
        )
    return [FindingGroup(name.in_(language), lines[part]) for part, name in parts.items() if lines[part]]


WORDS = {
    "receive": gettext_noop("A report is taken by the web form"),
    "follow_up": gettext_noop("The worker does the follow-up"),
    "propose": gettext_noop("An agency is proposed"),
    "hand_over": gettext_noop("The ticket is handed to it"),
    "deadline": gettext_noop("It has a deadline"),
    "result": gettext_noop("The officer sends the result"),
    "answer": gettext_noop("The lead approves it: the report is answered"),
    "remove": gettext_noop("The rehearsal is removed again"),
}


WHY = {
    "busy": gettext_noop("Another rehearsal is under way. Try again in a minute."),
    "nowhere": gettext_noop("A category that is not published at once and a commune are needed."),
    "worker": gettext_noop("The worker did not pick up the follow-up. Is it running?"),
    "no_rule": gettext_noop("No rule proposes an agency."),
    "no_target": gettext_noop("No target gives it a deadline."),
    "no_result": gettext_noop("The result did not reach the lead."),
}


def _detail(step: rehearsal.Step | None) -> str:
    return "" if step is None else step.detail if step.ok else word(WHY, step.detail)


@require_POST
def rehearse(request: HttpRequest) -> HttpResponse:
    """Send a marked report the whole way, now, and show how far it came."""
    done = {step.name: step for step in rehearsal.rehearse(by=actor(request))}
    steps = [
        RehearsalLine(words=_(WORDS[name]), step=done.get(name), detail=_detail(done.get(name)))
        for name in rehearsal.STEPS
    ]
    well = len(done) == len(steps) and all(step.ok for step in done.values())
    return render_page(request, RehearsalPage(steps, well))


def show(request: HttpRequest) -> HttpResponse:
    every = list(run(readiness.CHECKS))
    states = Counter(one.state for one in every)
    page = ReadyPage(
        groups=by_part(every, readiness.PARTS),
        done=states[State.OK],
        all=len(every),
        broken=states[State.BROKEN],
        open=option("portal_open"),
        starter=any(one.check == "fields" and one.state == "broken" for one in every) and province() is not None,
    )
    return render_page(request, page)


@require_POST
def starter(request: HttpRequest) -> HttpResponse:
    """Write what the kit has and the province lacks."""
    install(names(), by=actor(request))
    messages.success(request, _("The starter set is there. All of it can be changed."))
    return redirect("setup:ready")


@require_POST
def portal(request: HttpRequest) -> HttpResponse:
    """Open the portal to citizens, or close it again."""
    is_open = request.POST.get("open") == "1"
    event = set_option("portal_open", is_open, by=actor(request))
    if event is not None:
        messages.success(request, _("The portal is open.") if is_open else _("The portal is closed to citizens."))
    return redirect("setup:ready")
