"""The escalation ladder: who is notified when a deadline is near or has passed."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.directory.queries import option
from caunoi.events.queries import history
from caunoi.sla import actions, queries
from caunoi.sla.actions import DuplicateTargetError
from caunoi.sla.clocks import CLOCKS
from caunoi.sla.ladder import WARN, LadderStep
from caunoi.web.labels import CLOCK, ROLE, choices, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.templatetags.caunoi_ui import vnspan
from caunoi.web.who import actor

UNIT = {
    "percent": gettext_lazy("per cent of its time, before the deadline"),
    "minutes": gettext_lazy("minutes after the deadline"),
    "hours": gettext_lazy("hours after the deadline"),
}


@dataclass(frozen=True, kw_only=True)
class RungLine:
    when: str
    to: str
    code: str


@dataclass(frozen=True)
class ClockLadder:
    label: str
    rows: list[RungLine]


@dataclass(frozen=True)
class LadderPage(Page):
    """Every clock with its steps; `own` says that the province has made the ladder its own."""

    template = "setup/ladder.html"

    clocks: list[ClockLadder]
    own: bool


def when(step: LadderStep) -> str:
    """After how much of the clock, in words."""
    if step.percent is not None:
        percent = step.percent or option("warn_percent")
        usual = _(" (the province's warning)") if step.percent == WARN else ""
        return _("when %(percent)s%% of the time is used") % {"percent": percent} + usual
    return (
        _("%(span)s after the deadline") % {"span": vnspan((step.minutes or 0) * 60)}
        if step.minutes
        else _("at the deadline")
    )


def spoken(step: LadderStep) -> str:
    """A rung as a line of the history."""
    return f"{word(CLOCK, step.clock)} · {when(step)} · {word(ROLE, step.to)}"


def _order(step: LadderStep) -> tuple[bool, int]:
    if step.percent is None:
        return True, step.minutes or 0
    return False, step.percent or int(option("warn_percent"))


def listing(request: HttpRequest) -> HttpResponse:
    clocks = [
        ClockLadder(
            word(CLOCK, clock),
            [
                RungLine(when=when(s), to=word(ROLE, s.to), code=s.code)
                for s in sorted(queries.ladder_of(clock), key=_order)
            ],
        )
        for clock in CLOCKS
    ]
    return render_page(request, LadderPage(clocks, bool(queries.rungs())))


class RungForm(forms.Form):
    clock = forms.ChoiceField(label=gettext_lazy("Which clock"))
    amount = forms.IntegerField(label=gettext_lazy("After"), min_value=0, max_value=100_000)
    unit = forms.ChoiceField(label=gettext_lazy("Counted in"), choices=list(UNIT.items()), widget=forms.RadioSelect)
    to = forms.ChoiceField(label=gettext_lazy("Who is notified"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, clock=choices(CLOCK), to=choices(ROLE))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("unit") == "percent" and not 1 <= cleaned.get("amount", 1) <= 99:
            self.add_error("amount", _("Between 1 and 99 per cent, please."))
        return cleaned

    def values(self) -> dict[str, Any]:
        d = self.cleaned_data
        percent = d["amount"] if d["unit"] == "percent" else None
        minutes = None if percent is not None else d["amount"] * (60 if d["unit"] == "hours" else 1)
        return {"clock": d["clock"], "to": d["to"], "percent": percent, "minutes": minutes}


def add(request: HttpRequest) -> HttpResponse:
    form = RungForm(request.POST or None, initial={"clock": "handle", "amount": 8, "unit": "hours", "to": "supervisor"})
    if saving(request, form):
        try:
            row = actions.add_rung(by=actor(request), **form.values())
            message = _("Saved. Open deadlines follow it from now on.")
            return done(request, "setup:ladder", event=history(row).last(), message=message)
        except DuplicateTargetError:
            form.add_error(None, _("This step exists already."))
    return form_page(
        request,
        form,
        title=_("New step"),
        back="setup:ladder",
        lead=_("Reminders arrive during the recipient's working hours; at night, they wait until the next morning."),
    )


@require_POST
def remove(request: HttpRequest) -> HttpResponse:
    try:
        event = actions.remove_rung(request.POST.get("code", ""), by=actor(request))
    except KeyError:
        raise Http404 from None
    return done(request, "setup:ladder", event=event, message=_("Removed. Nobody is notified at this point any more."))
