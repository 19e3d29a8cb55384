"""One more change of an act: which units end, and which follow."""

import re
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.directory import queries as directory
from caunoi.directory.models import Agency, Area
from caunoi.lib.places.gazetteer import KINDS
from caunoi.lib.places.succession import NewUnit
from caunoi.lib.vietnamese.writing import fold, nfc
from caunoi.reorganisation import actions, drafting
from caunoi.reorganisation.actions import NotADraftError
from caunoi.reorganisation.plan import Change
from caunoi.web.labels import choices, localised_name
from caunoi.web.selects import choose
from caunoi.web.setup.act_plan import KIND
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.reorganisations import get_act
from caunoi.web.who import actor

CODE = re.compile(r"\d{5}")


class ChangeForm(forms.Form):
    kind = forms.ChoiceField(label=gettext_lazy("What happens"), widget=forms.RadioSelect)
    ends = forms.MultipleChoiceField(
        label=gettext_lazy("Which end"),
        widget=forms.SelectMultiple(attrs={"size": 8}),
        help_text=gettext_lazy("Hold Ctrl to choose several. Type the first letters to find one."),
    )
    new = forms.CharField(
        label=gettext_lazy("New ones that follow"), required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    heirs = forms.MultipleChoiceField(
        label=gettext_lazy("Existing ones that follow"),
        required=False,
        widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=gettext_lazy(
            "The first that follows takes what nobody decides. One that is divided and goes on is here too."
        ),
    )
    offices = forms.BooleanField(
        label=gettext_lazy("Their committees and police forces follow them"), required=False, initial=True
    )

    def __init__(self, *args: Any, what: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.what = what
        areas = directory.areas()
        self.rows: dict[str, Agency | Area] = {
            row.code: row for row in (areas if what == "area" else directory.agencies())
        }
        pairs = [
            (code, localised_name(row) if isinstance(row, Agency) else f"{row.name} ({code})")
            for code, row in self.rows.items()
        ]
        choose(self, kind=choices(KIND), ends=pairs, heirs=pairs)
        if what == "area":
            self.fields["new"].help_text = _("One a line, with the state's code: Phường Lộc Ninh; 25270")
        else:
            self.fields["new"].help_text = _("One a line. A code may follow after a semicolon; else one is made.")
            del self.fields["offices"]

    def clean_new(self) -> list[tuple[str, str]]:
        """Name and code of each."""
        pairs = []
        for line in nfc(self.cleaned_data["new"]).splitlines():
            name, _sep, code = (part.strip() for part in line.partition(";"))
            if not name:
                continue
            if self.what == "area" and (not CODE.fullmatch(code) or self._kind(name) is None):
                raise forms.ValidationError(_("Write each as: Phường Lộc Ninh; 25270"))
            pairs.append((name, code or slugify(fold(name))[:40]))
        return pairs

    @staticmethod
    def _kind(name: str) -> str | None:
        return next((kind for kind in KINDS if name.lower().startswith(f"{kind.lower()} ")), None)

    def values(self) -> tuple[Change, list[NewUnit]]:
        """The change, and what begins by it: like the first that ends."""
        d = self.cleaned_data
        rows = [self.rows[code] for code in d["ends"]]
        like = rows[0]
        begins = [
            NewUnit(
                what=self.what,
                code=code,
                name=name,
                like=like.pk,
                kind=self._kind(name) or "" if self.what == "area" else like.kind,
                within=like.area.code if isinstance(like, Agency) and like.area else "",
            )
            for name, code in d["new"]
        ]
        heirs = (*(code for _name, code in d["new"]), *d["heirs"])
        return Change(kind=d["kind"], what=self.what, ends=tuple(r.pk for r in rows), heirs=heirs), begins


def add(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    act = get_act(pk)
    if what not in ("agency", "area"):
        raise Http404
    form = ChangeForm(request.POST or None, what=what, initial={"kind": "merge"})
    if saving(request, form):
        change, begins = form.values()
        by = actor(request)
        try:
            if form.cleaned_data.get("offices"):
                drafting.add_with_offices(act, [change], begins, by=by)
            else:
                actions.add(act, [change], begins, by=by)
            return done(request, "setup:reorganisation", act.pk, message=_("Added to the draft."))
        except NotADraftError:
            form.add_error(None, _("It is scheduled or in force. Take it back first."))
    if act.state != act.State.DRAFT:
        return redirect("setup:reorganisation", act.pk)
    title = _("A change of communes") if what == "area" else _("A change of agencies")
    return form_page(
        request,
        form,
        title=title,
        back="setup:reorganisations",
        save=_("Add to the draft"),
    )
