"""The province's own numbers and names: what each is for, its value, and the way back to the default."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.directory.actions import set_option
from caunoi.directory.options import OPTIONS, OptionSpec
from caunoi.directory.queries import option
from caunoi.events.actor import Role
from caunoi.web.errors import or_404
from caunoi.web.labels import mail_reach, word
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import GROUPS, UNITS
from caunoi.web.templatetags.caunoi_ui import vnnumber
from caunoi.web.who import actor

MAILED = {"digest_hours": Role.LEADER, "agency_digest_hours": Role.LEAD}  # to whom what happens then is sent by mail


@dataclass(frozen=True, kw_only=True)
class OptionLine:
    """An option with its value and its default in words; `reach`: how many people its mail reaches."""

    option: OptionSpec
    name: str
    reach: str
    value: str
    changed: bool
    default: str


@dataclass(frozen=True)
class OptionGroup:
    label: str
    rows: list[OptionLine]


@dataclass(frozen=True)
class OptionsPage(Page):
    template = "setup/options.html"

    groups: list[OptionGroup]


def value_text(one: OptionSpec, value: Any) -> str:
    """A value with its unit, as people read it."""
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, int):
        count = vnnumber(value)
        return word(UNITS, one.unit) % {"count": count} if one.unit in UNITS else f"{count} {one.unit}".strip()
    return str(value)


def listing(request: HttpRequest) -> HttpResponse:
    groups = []
    for code, label in GROUPS.items():
        rows = [
            OptionLine(
                option=o,
                name=_(o.meaning),
                reach=mail_reach(MAILED[o.name]) if o.name in MAILED else "",
                value=value_text(o, option(o.name)),
                changed=option(o.name) != o.default,
                default=value_text(o, o.default),
            )
            for o in OPTIONS.values()
            if o.group == code
        ]
        groups.append(OptionGroup(_(label), rows))
    return render_page(request, OptionsPage(groups))


def field(one: OptionSpec) -> forms.Field:
    """The form field of an option, with its bounds."""
    label = _(one.meaning)
    if isinstance(one.default, bool):
        return forms.BooleanField(label=label, required=False)
    if isinstance(one.default, int):
        hint = _("From %(least)s to %(most)s.") % {"least": vnnumber(one.least), "most": value_text(one, one.most)}
        return forms.IntegerField(label=label, help_text=hint, min_value=one.least, max_value=one.most)
    if one.pattern:
        wrong = _("Please write it like the default, %(value)s.") % {"value": one.default}
        return forms.RegexField(rf"^(?:{one.pattern})$", label=label, max_length=200, error_messages={"invalid": wrong})
    return forms.CharField(label=label, max_length=200, required=bool(one.default))


def edit(request: HttpRequest, name: str) -> HttpResponse:
    one = or_404(OPTIONS.get(name))
    form = forms.Form(request.POST or None, initial={"value": option(name)})
    form.fields["value"] = field(one)
    back = request.POST.get("do") == "default"
    if back or saving(request, form):
        event = set_option(name, one.default if back else form.cleaned_data["value"], by=actor(request))
        said_so = _("Saved. It takes effect at once.") if event else _("Nothing was changed.")
        return done(request, "setup:options", event=event, message=said_so)
    default = value_text(one, one.default) or _("empty")
    return form_page(
        request,
        form,
        title=_(one.meaning),
        back="setup:options",
        lead=" ".join(
            [
                _("The default is %(value)s.") % {"value": default},
                *([f"{mail_reach(MAILED[name])}."] if name in MAILED else []),
            ]
        ),
        other=[("default", _("Back to the default"), "")] if option(name) != one.default else [],
    )
