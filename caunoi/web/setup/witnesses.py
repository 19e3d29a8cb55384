"""Witnesses: who keeps the public log's heads for us, and whose we keep."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from django.views.decorators.http import require_POST

from caunoi.events.queries import history
from caunoi.publication import queries
from caunoi.publication.actions import witnesses
from caunoi.publication.actions.log_keys import public_key
from caunoi.publication.actions.witnesses import WitnessError
from caunoi.publication.models import Testimony, Witness
from caunoi.web.errors import or_404
from caunoi.web.labels import choices, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor

KIND = {
    "installation": gettext_noop("Another installation of this product"),
    "authority": gettext_noop("A time-stamping authority (RFC 3161)"),
}


@dataclass(frozen=True, kw_only=True)
class WitnessLine:
    """`mark`: the first characters of the SHA-256 of the key it signs by now; `foreign_size`: the size of the newest
    head of its own that we keep."""

    row: Witness
    last: Testimony | None
    kind: str
    mark: str
    foreign_size: int | None


@dataclass(frozen=True, kw_only=True)
class WitnessesPage(Page):
    """`mark`: the first characters of the SHA-256 of our own key, for others to compare."""

    template = "setup/witnesses.html"

    rows: list[WitnessLine]
    mark: str


class WitnessForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name of the witness"), max_length=80)
    kind = forms.ChoiceField(label=gettext_lazy("What it is"), widget=forms.RadioSelect)
    address = forms.URLField(
        label=gettext_lazy("Its address"),
        help_text=gettext_lazy("Of an installation its public address; leave it empty to keep only its heads here."),
        assume_scheme="https",
        required=False,
        max_length=300,
    )
    key = forms.CharField(
        label=gettext_lazy("What it signs by (PEM)"),
        help_text=gettext_lazy(
            "Of an authority its certificate. Of an installation its public key; left empty it is fetched from the "
            "address. Compare the mark by telephone."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        required=False,
        max_length=20_000,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, kind=choices(KIND))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("kind") == "authority" and not cleaned.get("address") and "address" not in self.errors:
            self.add_error("address", _("Its address is needed."))
        return cleaned


def listing(request: HttpRequest) -> HttpResponse:
    rows, last = [], queries.newest_testimonies()
    for row in queries.witnesses():
        keys = witnesses.key_ids(row)
        foreign_size = max((head.size for key in keys for head in queries.foreign_heads(key, 1)), default=None)
        rows.append(
            WitnessLine(
                row=row, last=last.get(row.pk), kind=word(KIND, row.kind), mark=keys[-1][:16], foreign_size=foreign_size
            )
        )
    return render_page(request, WitnessesPage(rows=rows, mark=witnesses.fingerprint(public_key())[:16]))


def add(request: HttpRequest) -> HttpResponse:
    form = WitnessForm(request.POST or None, initial={"kind": "installation"})
    if saving(request, form):
        try:
            row = witnesses.add(by=actor(request), **form.cleaned_data)
            message = _("Saved. It is shown the newest head within the hour.")
            return done(request, "setup:witnesses", event=history(row).last(), message=message)
        except WitnessError:  # what an address answered is not shown: it may be one of our own network
            form.add_error("key", _("This is no key that can be used, or none is at the address. Please check both."))
    return form_page(
        request,
        form,
        title=_("New witness"),
        back="setup:witnesses",
        lead=_("Only signed sums of the public log go there; no words and no names."),
    )


@require_POST
def switch(request: HttpRequest) -> HttpResponse:
    chosen = request.POST.get("id", "")
    row = or_404(queries.witnesses().filter(pk=int(chosen)).first() if chosen.isdecimal() else None)
    active = request.POST.get("do") == "resume"
    witnesses.switch(row, active=active, by=actor(request))
    message = _("It is shown our heads again.") if active else _("It is shown no more heads. What it signed stays.")
    return done(request, "setup:witnesses", event=history(row).last(), message=message)
