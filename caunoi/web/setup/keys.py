"""Secrets that apps and programs show instead of a password: issued once, never shown again, revoked for good."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from caunoi.accounts import actions, queries
from caunoi.accounts.models import Key
from caunoi.web.errors import or_404
from caunoi.web.labels import choices, word
from caunoi.web.page import Page, render_page
from caunoi.web.selects import choose
from caunoi.web.setup.page import SecretPage, back_to, done, form_page, saving, secret
from caunoi.web.setup.words import USES
from caunoi.web.who import actor


@dataclass(frozen=True)
class KeyLine:
    key: Key
    use: str


@dataclass(frozen=True)
class KeysPage(Page):
    template = "setup/keys.html"

    rows: list[KeyLine]


class Issue(forms.Form):
    use = forms.ChoiceField(label=gettext_lazy("What for"), widget=forms.RadioSelect)
    label = forms.CharField(
        label=gettext_lazy("What it is called"),
        max_length=100,
        help_text=gettext_lazy("Whose program it is, so that you know it later."),
    )
    user = forms.CharField(
        label=gettext_lazy("Acts as"),
        required=False,
        help_text=gettext_lazy("The user name of a person, for API keys only."),
        max_length=150,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, use=choices(USES))

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        person = queries.person(cleaned.get("user", "").strip())
        if cleaned.get("use") == Key.Use.API and (person is None or not person.is_active):
            self.add_error("user", _("Give the user name of somebody who may sign in."))
        return cleaned | {"user": person if cleaned.get("use") == Key.Use.API else None}


def listing(request: HttpRequest) -> HttpResponse:
    return render_page(request, KeysPage([KeyLine(key, word(USES, key.use)) for key in queries.every_key()]))


def issue(request: HttpRequest) -> HttpResponse:
    form = Issue(request.POST or None, initial={"use": Key.Use.OPEN311})
    if saving(request, form):
        d = form.cleaned_data
        page = SecretPage(
            title=_("Key of %(name)s") % {"name": d["label"]},
            secret=actions.issue_key(Key.Use(d["use"]), d["label"], by=actor(request), user=d["user"]),
            lead=_("Copy it now: it is shown only this once, and we keep only its fingerprint."),
            **back_to("setup:keys"),
        )
        return secret(request, page)
    return form_page(request, form, title=_("New key"), back="setup:keys", save=_("Issue the key"))


@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    row = or_404(queries.every_key().filter(pk=pk).first())
    actions.revoke_key(row, by=actor(request))
    return done(request, "setup:keys", message=_("Revoked: “%(name)s” no longer works.") % {"name": row.label})
