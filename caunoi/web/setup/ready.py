"""Whether the province can do its work: what is there, what is missing and where to set it, and the portal's switch."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.checks import readiness
from caunoi.directory.actions import set_option
from caunoi.directory.queries import option, province
from caunoi.starter import rehearsal
from caunoi.starter.actions import install
from caunoi.starter.first_run import names
from caunoi.web.who import actor


def results() -> dict[str, Any]:
    """All checks, by the part of the work they belong to, in the reader's language."""
    language = get_language() or "vi"
    every = readiness.check()
    lines = [
        {
            "part": one.part, "state": one.state, "why": one.why.in_(language), "mend": one.mend.in_(language),
            "url": reverse(one.page) if one.page else "",
        }
        for one in every
    ]  # fmt: skip
    parts = [
        {"name": names[language == "en"], "lines": [line for line in lines if line["part"] == part]}
        for part, names in readiness.PARTS.items()
    ]
    states = [one.state for one in every]
    return {
        "parts": parts, "done": states.count("ok"), "all": len(states), "broken": states.count("broken"),
        "warned": states.count("warn"), "open": option("portal_open"),
        "starter": any(one.check == "fields" and one.state == "broken" for one in every) and province() is not None,
    }  # fmt: skip


WORDS = {
    "receive": gettext_noop("A report is taken by the web form"),
    "follow_up": gettext_noop("The worker does what follows"),
    "propose": gettext_noop("An agency is proposed"),
    "hand_over": gettext_noop("The ticket is handed to it"),
    "deadline": gettext_noop("It has a deadline"),
    "result": gettext_noop("The officer sends the result"),
    "answer": gettext_noop("The lead approves it: the report is answered"),
    "remove": gettext_noop("The rehearsal is taken away again"),
}


@require_POST
def rehearse(request: HttpRequest) -> HttpResponse:
    """Send a marked report the whole way, now, and say how far it came."""
    done = {step.name: step for step in rehearsal.rehearse(by=actor(request))}
    steps = [{"words": _(WORDS[name]), "step": done.get(name)} for name in rehearsal.STEPS]
    well = len(done) == len(steps) and all(step.ok for step in done.values())
    return render(request, "setup/rehearsal.html", {"steps": steps, "well": well})


def show(request: HttpRequest) -> HttpResponse:
    return render(request, "setup/ready.html", results())


@require_POST
def starter(request: HttpRequest) -> HttpResponse:
    """Write what the kit has and the province lacks."""
    install(names(), by=actor(request))
    messages.success(request, _("The starter set is there. All of it can be changed."))
    return redirect("setup:ready")


@require_POST
def portal(request: HttpRequest) -> HttpResponse:
    """Open the portal to citizens, or close it again."""
    wanted = request.POST.get("open") == "1"
    event = set_option("portal_open", wanted, by=actor(request))
    if event is not None:
        messages.success(request, _("The portal is open.") if wanted else _("The portal is closed to citizens."))
    return redirect("setup:ready")
