"""When a channel will not be reached: announced in time, shown to everybody, called off."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.conversations.queries.channels import channel_name, channel_names
from caunoi.directory import outages
from caunoi.directory.models import Outage
from caunoi.directory.outages import TooLateError
from caunoi.directory.queries import option
from caunoi.events.queries import history
from caunoi.lib.vietnamese.writing import nfc
from caunoi.publication.actions import renew
from caunoi.web.errors import or_404
from caunoi.web.labels import choices
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.templatetags.caunoi_ui import vndate
from caunoi.web.who import actor

MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True, kw_only=True)
class OutageLine:
    row: Outage
    what: str
    state: str


@dataclass(frozen=True, kw_only=True)
class OutagesPage(Page):
    """All outages; what is planned is announced `days` working days ahead, so now it may begin at the `earliest`."""

    template = "setup/outages.html"

    rows: list[OutageLine]
    earliest: datetime
    days: int


@dataclass(frozen=True, kw_only=True)
class OutageTimePage(Page):
    """Whether what begins then is announced in time."""

    template = "setup/_outage.html"

    earliest: datetime
    starts: datetime | None
    late: bool


def state(row: Outage) -> str:
    """An outage's state: cancelled, over, now or ahead."""
    at = now()
    if row.cancelled:
        return "cancelled"
    return "over" if row.ends <= at else "now" if row.starts <= at else "ahead"


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        OutageLine(row=row, what=channel_name(row.channel) if row.channel else _("The whole hotline"), state=state(row))
        for row in outages.every()
    ]
    page = OutagesPage(rows=rows, earliest=outages.earliest(now()), days=option("outage_days"))
    return render_page(request, page)


class OutageForm(forms.Form):
    channel = forms.ChoiceField(label=gettext_lazy("What cannot be reached"), required=False)
    starts = forms.DateTimeField(
        label=gettext_lazy("From"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    )
    ends = forms.DateTimeField(
        label=gettext_lazy("Until"), widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    )
    reason = forms.CharField(
        label=gettext_lazy("Why, and how we can be reached meanwhile"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy(
            "Everybody reads this: on the home page while it lasts, and on the page of the channels."
        ),
    )
    reason_en = forms.CharField(label=gettext_lazy("The same in English"), max_length=300, required=False)
    unplanned = forms.BooleanField(label=gettext_lazy("This could not be planned"), required=False)
    excuse = forms.CharField(
        label=gettext_lazy("Why it could not be planned"),
        max_length=300,
        required=False,
        help_text=gettext_lazy("Such as a power cut. Everybody reads this too."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, channel=choices(channel_names(), empty=_("The whole hotline")))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        starts, ends = cleaned.get("starts"), cleaned.get("ends")
        if starts and ends and ends <= starts:
            self.add_error("ends", _("It must end after it begins."))
        elif ends and ends <= now():
            self.add_error("ends", _("This time has passed."))
        if cleaned.get("unplanned") and not cleaned.get("excuse"):
            self.add_error("excuse", _("Please say why it could not be planned."))
        return cleaned


def _effect(form: OutageForm) -> OutageTimePage:
    first = outages.earliest(now())
    form.is_valid()
    starts = form.cleaned_data.get("starts") if form.is_bound else None
    return OutageTimePage(earliest=first, starts=starts, late=bool(starts and starts < first))


def add(request: HttpRequest) -> HttpResponse:
    form = OutageForm(request.POST or None)
    if saving(request, form):
        d = form.cleaned_data
        excuse = nfc(d["excuse"]) if d["unplanned"] else ""
        try:
            row = outages.announce(
                d["channel"],
                d["starts"],
                d["ends"],
                nfc(d["reason"]),
                reason_en=d["reason_en"],
                excuse=excuse,
                by=actor(request),
            )
            renew()  # the next reader of the home page sees it
            return done(
                request, "setup:outages", event=history(row).last(), message=_("Announced. Everybody can read it now.")
            )
        except TooLateError as error:
            form.add_error("starts", _refusal(error.earliest))
    return form_page(
        request,
        form,
        title=_("Announce an outage"),
        back="setup:outages",
        effect=_effect(form),
    )


def _refusal(earliest: datetime) -> str:
    text = _(
        "Planned outages are announced %(days)s working days ahead (Decree 224/2026). Begin %(moment)s or later, or "
        "say why it could not be planned."
    )
    return text % {"days": option("outage_days"), "moment": vndate(earliest)}


@require_POST
def cancel(request: HttpRequest, pk: int) -> HttpResponse:
    event = outages.cancel(or_404(outages.outage(pk)), by=actor(request))
    renew()
    return done(request, "setup:outages", event=event, message=_("Called off. It is no longer announced."))
