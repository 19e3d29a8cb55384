"""The fields of the hotline's work: what they say, what follows from choosing one, and retiring instead of deleting."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caunoi.directory import actions, queries
from caunoi.directory.models import Category
from caunoi.events.queries import history
from caunoi.web.labels import KIND, URGENCY, choices, named, word
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import PLACE, PLACE_WHY, PUBLISH, PUBLISH_WHY
from caunoi.web.who import actor

ICONS = (
    "message-circle lightbulb construction droplets zap glass-water wifi trees traffic-cone trash-2 factory volume-2 "
    "shield-alert store building-2 file-text map id-card user heart-pulse school handshake baby accessibility dog flame "
    "car route landmark scale stethoscope newspaper phone camera bell house users globe smartphone triangle-alert"
).split()


class Edit(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("Description in Vietnamese"), help_text=gettext_lazy("A few examples, so that people recognise their case."),
        max_length=300, required=False, widget=forms.Textarea(attrs={"rows": 2}),
    )  # fmt: skip
    description_en = forms.CharField(
        label=gettext_lazy("Description in English"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    group = forms.CharField(
        label=gettext_lazy("Group"), max_length=40, help_text=gettext_lazy("Fields of one group stand together."),
        widget=forms.TextInput(attrs={"list": "groups"}),
    )  # fmt: skip
    group_en = forms.CharField(label=gettext_lazy("Group in English"), max_length=40, required=False)
    order = forms.IntegerField(
        label=gettext_lazy("Order"), help_text=gettext_lazy("Lower numbers come first."), min_value=0, max_value=100_000
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), help_text=gettext_lazy("What a ticket of this field is at first.")
    )
    urgency = forms.ChoiceField(
        label=gettext_lazy("Urgency"), help_text=gettext_lazy("What it is at first; the operator may choose another.")
    )
    publish = forms.ChoiceField(label=gettext_lazy("Publication"), widget=forms.RadioSelect)
    place = forms.ChoiceField(label=gettext_lazy("Place as the public sees it"), widget=forms.RadioSelect)
    needs_contact = forms.BooleanField(
        label=gettext_lazy("Cannot be reported without a phone number or e-mail address"), required=False
    )
    icon = forms.ChoiceField(label=gettext_lazy("Icon"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        more = [] if self.initial.get("icon", ICONS[0]) in ICONS else [self.initial["icon"]]
        lists = {
            "kind": choices(KIND), "urgency": choices(URGENCY), "icon": [(name, name) for name in [*more, *ICONS]],
            "publish": [(code, f"{word(PUBLISH, code)} – {word(PUBLISH_WHY, code)}") for code in PUBLISH],
            "place": [(code, f"{word(PLACE, code)} – {word(PLACE_WHY, code)}") for code in PLACE],
        }  # fmt: skip
        for name, rows in lists.items():
            found = self.fields[name]
            assert isinstance(found, forms.ChoiceField)
            found.choices = rows


class Add(Edit):
    field_order = ["code"]
    code = forms.SlugField(
        label=gettext_lazy("Code"), max_length=40,
        help_text=gettext_lazy("A short Latin word, like “lamps”. Other programs know the field by it; it never changes."),
    )  # fmt: skip


NAMES = tuple(Edit.base_fields)


def listing(request: HttpRequest) -> HttpResponse:
    groups: dict[str, list[dict[str, Any]]] = {}
    retired = []
    for row in queries.every_category():
        line = {
            "row": row, "name": named(row), "kind": word(KIND, row.kind), "urgency": word(URGENCY, row.urgency),
            "publish": word(PUBLISH, row.publish),
        }  # fmt: skip
        if row.valid_to and row.valid_to <= localdate():
            retired.append(line)
        else:
            groups.setdefault((get_language() == "en" and row.group_en) or row.group, []).append(line)
    return render(request, "setup/categories.html", {"groups": groups, "retired": retired})


def _effect(form: forms.Form) -> dict[str, Any]:
    typed = {name: form[name].value() or "" for name in NAMES}
    return {
        "typed": typed, "why": word(PUBLISH_WHY, typed["publish"] or ""), "urgency": word(URGENCY, typed["urgency"] or ""),
        "groups": sorted({c.group for c in queries.every_category()}),
    }  # fmt: skip


def add(request: HttpRequest) -> HttpResponse:
    form = Add(
        request.POST or None,
        initial={
            "order": 100,
            "kind": "report",
            "urgency": "normal",
            "publish": "review",
            "place": "street",
            "icon": ICONS[0],
        },
    )
    if saving(request, form):
        try:
            with transaction.atomic():
                row = actions.add_category(by=actor(request), **form.cleaned_data)
            return done(
                request,
                "setup:categories",
                event=history(row).last(),
                said=_("“%(name)s” can be chosen now.") % {"name": named(row)},
            )
        except IntegrityError:
            form.add_error("code", _("There is a field of this code, maybe a retired one. Choose another."))
    return form_page(
        request, form, title=_("New field"), back="setup:categories", back_name=_("Fields"), effect="setup/_category.html",
        datalist="groups", **_effect(form),
    )  # fmt: skip


def edit(request: HttpRequest, code: str) -> HttpResponse:
    row = queries.every_category().filter(code=code).first()
    if row is None:
        raise Http404
    do, by = request.POST.get("do"), actor(request)
    if do == "retire":
        event = actions.retire(row, by=by)
        return done(
            request,
            "setup:categories",
            event=event,
            said=_("“%(name)s” can no longer be chosen.") % {"name": named(row)},
        )
    if do == "restore":
        event = actions.restore(row, by=by)
        return done(
            request, "setup:categories", event=event, said=_("“%(name)s” can be chosen again.") % {"name": named(row)}
        )
    form = Edit(request.POST or None, initial={name: getattr(row, name) for name in NAMES})
    if saving(request, form):
        return done(request, "setup:categories", event=actions.edit_category(row, by=by, **form.cleaned_data))
    return form_page(
        request, form, title=named(row), back="setup:categories", back_name=_("Fields"), effect="setup/_category.html",
        datalist="groups", lead=_("Tickets that are in this field already keep what they have."), other=[_retiring(row)], **_effect(form),
    )  # fmt: skip


def _retiring(row: Category) -> tuple[str, str, str]:
    if row.valid_to and row.valid_to <= localdate():
        return ("restore", _("Put in force again"), "")
    return ("retire", _("Retire"), _("Nobody can choose it from now on; its tickets and figures stay."))
