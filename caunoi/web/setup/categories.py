"""The fields of the hotline's work: what they say, what follows from choosing one, and retiring instead of deleting."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.utils.timezone import localdate
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caunoi.directory import actions, queries
from caunoi.directory.models import Category
from caunoi.events.queries import history
from caunoi.web.errors import or_404
from caunoi.web.labels import KIND, URGENCY, choices, localised_name, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import PLACE, PLACE_WHY, PUBLISH, PUBLISH_WHY
from caunoi.web.who import actor

ICONS = (
    "message-circle lightbulb construction droplets zap glass-water wifi trees traffic-cone trash-2 factory volume-2 "
    "shield-alert store building-2 file-text map id-card user heart-pulse school handshake baby accessibility dog "
    "flame "
    "car route landmark scale stethoscope newspaper phone camera bell house users globe smartphone triangle-alert"
).split()


@dataclass(frozen=True, kw_only=True)
class CategoryLine:
    row: Category
    name: str
    kind: str
    urgency: str
    publish: str


@dataclass(frozen=True)
class CategoryGroup:
    name: str
    lines: list[CategoryLine]


@dataclass(frozen=True)
class CategoriesPage(Page):
    template = "setup/categories.html"

    groups: list[CategoryGroup]
    retired: list[CategoryLine]


@dataclass(frozen=True, kw_only=True)
class CategoryPreviewPage(Page):
    """A category as citizens see it, and what follows from choosing it; `why` is what its publication means."""

    template = "setup/_category.html"

    icon: str
    name: str
    description: str
    name_en: str
    description_en: str
    needs_contact: bool
    why: str
    urgency: str


class CategoryForm(forms.Form):
    name = forms.CharField(label=gettext_lazy("Name in Vietnamese"), max_length=120)
    name_en = forms.CharField(label=gettext_lazy("Name in English"), max_length=120)
    description = forms.CharField(
        label=gettext_lazy("Description in Vietnamese"),
        help_text=gettext_lazy("A few examples, so that people recognise their case."),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    description_en = forms.CharField(
        label=gettext_lazy("Description in English"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )
    group = forms.CharField(
        label=gettext_lazy("Group"),
        max_length=40,
        help_text=gettext_lazy("Categories of one group are listed together."),
        widget=forms.TextInput(attrs={"list": "groups"}),
    )
    group_en = forms.CharField(label=gettext_lazy("Group in English"), max_length=40, required=False)
    order = forms.IntegerField(
        label=gettext_lazy("Order"), help_text=gettext_lazy("Lower numbers come first."), min_value=0, max_value=100_000
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"), help_text=gettext_lazy("What a ticket in this category is initially.")
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
        choose(
            self,
            kind=choices(KIND),
            urgency=choices(URGENCY),
            icon=[(name, name) for name in [*more, *ICONS]],
            publish=[(code, f"{word(PUBLISH, code)} – {word(PUBLISH_WHY, code)}") for code in PUBLISH],
            place=[(code, f"{word(PLACE, code)} – {word(PLACE_WHY, code)}") for code in PLACE],
        )


class NewCategoryForm(CategoryForm):
    field_order = ["code"]
    code = forms.SlugField(
        label=gettext_lazy("Code"),
        max_length=40,
        help_text=gettext_lazy(
            "A short word in Latin letters, such as “lamps”. Other programs know the category by it; it never changes."
        ),
    )


NAMES = tuple(CategoryForm.base_fields)


def listing(request: HttpRequest) -> HttpResponse:
    groups: dict[str, list[CategoryLine]] = {}
    retired = []
    for row in queries.every_category():
        line = CategoryLine(
            row=row,
            name=localised_name(row),
            kind=word(KIND, row.kind),
            urgency=word(URGENCY, row.urgency),
            publish=word(PUBLISH, row.publish),
        )
        if row.valid_to and row.valid_to <= localdate():
            retired.append(line)
        else:
            groups.setdefault((get_language() == "en" and row.group_en) or row.group, []).append(line)
    return render_page(request, CategoriesPage([CategoryGroup(*group) for group in groups.items()], retired))


def _effect(form: forms.Form) -> CategoryPreviewPage:
    typed = {name: form[name].value() or "" for name in NAMES}
    return CategoryPreviewPage(
        icon=typed["icon"],
        name=typed["name"],
        description=typed["description"],
        name_en=typed["name_en"],
        description_en=typed["description_en"],
        needs_contact=bool(typed["needs_contact"]),
        why=word(PUBLISH_WHY, typed["publish"]),
        urgency=word(URGENCY, typed["urgency"]),
    )


def _groups() -> list[str]:
    return sorted({c.group for c in queries.every_category()})


def add(request: HttpRequest) -> HttpResponse:
    form = NewCategoryForm(
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
            message = _("“%(name)s” can be chosen now.") % {"name": localised_name(row)}
            return done(request, "setup:categories", event=history(row).last(), message=message)
        except IntegrityError:
            form.add_error("code", _("A category with this code exists, possibly a retired one. Choose another."))
    return form_page(
        request,
        form,
        title=_("New category"),
        back="setup:categories",
        effect=_effect(form),
        datalist="groups",
        groups=_groups(),
    )


def edit(request: HttpRequest, code: str) -> HttpResponse:
    row = or_404(queries.every_category().filter(code=code).first())
    do, by = request.POST.get("do"), actor(request)
    if do == "retire":
        message = _("“%(name)s” can no longer be chosen.") % {"name": localised_name(row)}
        return done(request, "setup:categories", event=actions.retire(row, by=by), message=message)
    if do == "restore":
        message = _("“%(name)s” can be chosen again.") % {"name": localised_name(row)}
        return done(request, "setup:categories", event=actions.restore(row, by=by), message=message)
    form = CategoryForm(request.POST or None, initial={name: getattr(row, name) for name in NAMES})
    if saving(request, form):
        return done(request, "setup:categories", event=actions.edit_category(row, by=by, **form.cleaned_data))
    return form_page(
        request,
        form,
        title=localised_name(row),
        back="setup:categories",
        effect=_effect(form),
        datalist="groups",
        groups=_groups(),
        lead=_("Tickets already in this category keep what they have."),
        other=[_retiring(row)],
    )


def _retiring(row: Category) -> tuple[str, str, str]:
    if row.valid_to and row.valid_to <= localdate():
        return ("restore", _("Put in force again"), "")
    return ("retire", _("Retire"), _("Nobody can choose it from now on; its tickets and figures stay."))
