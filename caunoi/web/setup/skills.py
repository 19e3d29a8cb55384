"""Who is rung for whom: first for a language or a field, or when nobody else is free."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts.models import User
from caunoi.accounts.queries import by_name, people
from caunoi.calls import actions, menus, queries
from caunoi.directory import queries as directory
from caunoi.lib.languages import MOTHER_TONGUE, SPOKEN
from caunoi.telephony.skills import ANY
from caunoi.web.errors import or_404
from caunoi.web.labels import choices, localised_name
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor

FIRST, LAST, NOT = "first", "last", "not"
RUNG_FOR_ALL = {FIRST: gettext_noop("like everybody"), LAST: gettext_noop("when nobody else is free")}
RUNG = {NOT: gettext_noop("not particularly"), FIRST: gettext_noop("first"), LAST: gettext_noop("second")}


@dataclass(frozen=True, kw_only=True)
class SkillsLine:
    """Somebody with a desk phone, what they are rung for first and second, and whether for all callers `last`."""

    user: User
    first: Sequence[str]
    second: Sequence[str]
    last: bool


@dataclass(frozen=True, kw_only=True)
class SkillsPage(Page):
    """`written`: languages and fields for which the exchange has a queue once its files are written anew."""

    template = "setup/skills.html"

    lines: Sequence[SkillsLine]
    written: Sequence[str]


def _names() -> dict[str, str]:
    """The languages, and the fields that callers can choose or somebody is rung for, by code."""
    fields = {row.code: localised_name(row) for row in directory.categories()}
    codes = {*menus.fields_chosen(), *queries.skill_codes()} - SPOKEN.keys()
    languages = {code: name for code, name in SPOKEN.items() if code != MOTHER_TONGUE}
    return languages | {code: fields.get(code, code) for code in sorted(codes)}


def _serving() -> list[User]:
    return [one for one in by_name(people()) if one.extension and one.role in queries.ON_THE_PHONE]


def show(request: HttpRequest) -> HttpResponse:
    names, skills = _names(), queries.skills()
    lines = [_line(user, skills.get(user.pk, {}), names) for user in _serving()]
    written = [names.get(code, code) for code in queries.skill_codes()]
    return render_page(request, SkillsPage(lines=lines, written=written))


def _line(user: User, skills: Mapping[str, bool], names: Mapping[str, str]) -> SkillsLine:
    def of(first: bool) -> list[str]:
        return [names.get(code, code) for code, one in sorted(skills.items()) if code != ANY and one is first]

    return SkillsLine(user=user, first=of(True), second=of(False), last=not skills.get(ANY, True))


class SkillsForm(forms.Form):
    """`rung_for_all`, and a field for each language or field of work, by its code."""

    rung_for_all = forms.ChoiceField(label="")

    def __init__(self, names: Mapping[str, str], skills: Mapping[str, bool], data: Any) -> None:
        now = {code: FIRST if skills[code] else LAST for code in skills}
        super().__init__(data, initial={"rung_for_all": now.get(ANY, FIRST), **now})
        self.fields["rung_for_all"].label = _("Rung for callers in general")
        for code, name in names.items():
            self.fields[code] = forms.ChoiceField(label=name, initial=now.get(code, NOT))
        choose(self, rung_for_all=choices(RUNG_FOR_ALL), **{code: choices(RUNG) for code in names})

    def skills(self) -> dict[str, bool]:
        chosen = {ANY if code == "rung_for_all" else code: value for code, value in self.cleaned_data.items()}
        return {code: value == FIRST for code, value in chosen.items() if value != NOT}


def edit(request: HttpRequest, username: str) -> HttpResponse:
    user = or_404(next((one for one in _serving() if one.username == username), None))
    form = SkillsForm(_names(), queries.skills().get(user.pk, {}), request.POST or None)
    if saving(request, form):
        before = set(queries.skill_codes())
        actions.put_skills(user, form.skills(), by=actor(request))
        message = _("Saved; counts from the next call on.")
        if set(queries.skill_codes()) - before:
            message = _("Saved. Write the exchange's files anew (caunoi pbx write), so that it has the new queue.")
        return done(request, "setup:skills", message=message)
    lead = _("Callers who speak a language or chose a field ring here before anywhere else, and soon everywhere.")
    return form_page(request, form, title=_("Who is rung: %s") % user, back="setup:skills", lead=lead)
