"""Texts in versions: the newest is shown, the old ones stay readable for those who agreed to them."""

from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from caunoi.conversations.queries import agreed
from caunoi.directory import queries
from caunoi.directory.actions import write_text
from caunoi.directory.models import Text
from caunoi.notifications.enrolment import WORDINGS
from caunoi.web.page import Page, render_page
from caunoi.web.paging import id_in
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.words import TEXTS
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class VersionLine:
    """A version of a text; `consents`: how many people agreed to it."""

    text: Text
    current: bool
    consents: int


@dataclass(frozen=True, kw_only=True)
class TextVersions:
    """A text with its versions; `built_in`: while there is none, one that comes with the product is sent."""

    key: str
    label: str
    built_in: bool
    versions: list[VersionLine]


@dataclass(frozen=True)
class TextsPage(Page):
    template = "setup/texts.html"

    rows: list[TextVersions]


@dataclass(frozen=True, kw_only=True)
class TextPage(Page):
    template = "setup/text.html"

    key: str
    label: str
    text: Text
    current: bool
    consents: int


@dataclass(frozen=True, kw_only=True)
class TextPreviewPage(Page):
    """A text as citizens will read it."""

    template = "setup/_text.html"

    vi: str
    en: str


class TextForm(forms.Form):
    body = forms.CharField(
        label=gettext_lazy("Text in Vietnamese"), widget=forms.Textarea(attrs={"rows": 10}), max_length=20_000
    )
    body_en = forms.CharField(
        label=gettext_lazy("Text in English"), widget=forms.Textarea(attrs={"rows": 10}), max_length=20_000
    )


class WriteToStaff(TextForm):
    """A text with a place for what opens something; it may be in Vietnamese alone."""

    def __init__(self, must: str, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.must = must
        self.fields["body_en"].required = False
        self.fields["body"].help_text = _("{name}, {user}, {hotline}, {code} and {link} are filled in when it is sent.")

    def _whole(self, name: str) -> str:
        body: str = self.cleaned_data[name]
        if body and self.must not in body:
            raise forms.ValidationError(
                _("%(must)s must be in it: without it nobody can sign in.") % {"must": self.must}
            )
        return body

    def clean_body(self) -> str:
        return self._whole("body")

    def clean_body_en(self) -> str:
        return self._whole("body_en")


def _versions(key: str) -> list[VersionLine]:
    counts = agreed() if key == "consent" else {}
    return [
        VersionLine(text=text, current=number == 0, consents=counts.get(text.version, 0))
        for number, text in enumerate(queries.texts(key))
    ]


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        TextVersions(key=key, label=_(label), built_in=key in WORDINGS, versions=_versions(key))
        for key, label in TEXTS.items()
    ]
    return render_page(request, TextsPage(rows))


def read(request: HttpRequest, key: str, version: int) -> HttpResponse:
    line = next((row for row in _versions(key) if row.text.version == version), None)
    if line is None or key not in TEXTS:
        raise Http404
    return render_page(request, TextPage(key=key, label=_(TEXTS[key]), **vars(line)))


def write(request: HttpRequest, key: str) -> HttpResponse:
    if key not in TEXTS:
        raise Http404
    version = id_in(request, "from")
    old = queries.text(key) if version is None else queries.texts(key).filter(version=version).first()
    own = WORDINGS.get(key)
    start = old or own
    initial = {"body": start.body, "body_en": start.body_en} if start else {}
    form = (
        WriteToStaff(own.must, request.POST or None, initial=initial)
        if own
        else TextForm(request.POST or None, initial=initial)
    )
    if saving(request, form):
        text = write_text(key, by=actor(request), **form.cleaned_data)
        return done(request, "setup:texts", message=_("Version %(version)s is in force.") % {"version": text.version})
    return form_page(
        request,
        form,
        title=_("New version: %(text)s") % {"text": _(TEXTS[key])},
        back="setup:texts",
        lead=_("Whoever agreed to an earlier version keeps it; from now on people read this one."),
        effect=TextPreviewPage(vi=form["body"].value() or "", en=form["body_en"].value() or ""),
        save=_("Put this version in force"),
        wide=True,
    )
