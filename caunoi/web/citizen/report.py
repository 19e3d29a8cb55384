"""Writing a report, one thing at a time: what · where · photos · you · check and send. Works without JavaScript.

What was written so far is a Draft with a token in the address, so reloading, going back and lost cookies lose nothing;
the token is also what makes sending twice one ticket.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from caunoi.conversations.actions import end_draft, save_draft
from caunoi.conversations.models import Draft
from caunoi.conversations.queries import draft as find_draft
from caunoi.directory import queries as directory
from caunoi.events.actor import citizen
from caunoi.files import actions as files
from caunoi.files import queries as pictures
from caunoi.lib import phone
from caunoi.lib.vietnamese import nfc
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import Channel, Kind
from caunoi.tickets.queries import of_once
from caunoi.tickets.report import Report, Reporter
from caunoi.web.labels import KIND, emergency, named, word
from caunoi.web.moves import checked
from caunoi.web.story import picture

STEPS = ("what", "where", "photos", "you", "check")
TITLES = (
    gettext_lazy("What"),
    gettext_lazy("Where"),
    gettext_lazy("Photos"),
    gettext_lazy("You"),
    gettext_lazy("Check"),
)


class What(forms.Form):
    text = forms.CharField(
        label=gettext_lazy("What would you like to tell us?"),
        help_text=gettext_lazy("In your own words. What happened, since when, what bothers you."),
        widget=forms.Textarea(attrs={"rows": 7}),
        error_messages={"required": gettext_lazy("Please write what it is about; one sentence is enough.")},
    )
    kind = forms.ChoiceField(label=gettext_lazy("It is"), widget=forms.RadioSelect, initial="report")
    category = forms.ChoiceField(
        label=gettext_lazy("Field"), required=False, help_text=gettext_lazy("If you know; otherwise we choose.")
    )
    occurred = forms.DateTimeField(
        label=gettext_lazy("When did it happen?"),
        required=False,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind, category = self.fields["kind"], self.fields["category"]
        assert isinstance(kind, forms.ChoiceField)
        assert isinstance(category, forms.ChoiceField)
        words = {
            "report": _("Something to be fixed or dealt with"),
            "petition": _("A suggestion or petition"),
            "question": _("A question, for example about papers"),
        }
        kind.choices = [(code, words[code]) for code in KIND]
        category.choices = [("", _("I am not sure")), *((c.code, named(c)) for c in directory.categories())]

    def clean_text(self) -> str:
        text, limit = nfc(self.cleaned_data["text"]).strip(), directory.option("text_limit")
        if len(text) > limit:
            raise forms.ValidationError(
                _(
                    "This is %(have)s characters long; we can take %(limit)s. Please shorten it, or attach photos of the letter."
                )
                % {"have": len(text), "limit": limit}
            )
        return text

    def clean_occurred(self) -> datetime | None:
        occurred: datetime | None = self.cleaned_data["occurred"]
        if occurred and occurred > now():
            raise forms.ValidationError(_("This is in the future. Please check the date."))
        return occurred


class Where(forms.Form):
    address = forms.CharField(
        label=gettext_lazy("Address or place"), required=False, max_length=300,
        help_text=gettext_lazy("For example: in front of Đồng Xoài market, national road 14. Old addresses are fine."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )  # fmt: skip
    area = forms.ChoiceField(label=gettext_lazy("Ward or commune"), required=False)
    lat = forms.FloatField(required=False, min_value=-90, max_value=90, widget=forms.HiddenInput)
    long = forms.FloatField(required=False, min_value=-180, max_value=180, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        area = self.fields["area"]
        assert isinstance(area, forms.ChoiceField)
        area.choices = [("", _("I am not sure")), *((a.code, a.name) for a in directory.areas())]

    def clean(self) -> dict[str, Any]:
        found = super().clean() or {}
        lat, long = found.get("lat"), found.get("long")
        if (lat is None) != (long is None):
            self.add_error("lat", _("Please give both latitude and longitude, or neither."))
        elif lat is not None and long is not None and directory.area_at(lat, long) is None:
            self.add_error(
                "lat", _("This pin is outside our province. Move it, or call the hotline of the province where it is.")
            )
        return found


class You(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    phone = forms.CharField(
        label=gettext_lazy("Phone number"), required=False, max_length=40,
        help_text=gettext_lazy("With it you can look up your ticket, and we can call back. It is never shown to the public or to the agency."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel", "inputmode": "tel"}),
    )  # fmt: skip
    consent = forms.BooleanField(
        label=gettext_lazy("I have read this and agree"),
        error_messages={"required": gettext_lazy("We may only keep your report if you agree.")},
    )

    def __init__(self, *args: Any, needs_contact: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if needs_contact:
            self.fields["phone"].required = True
            self.fields["phone"].error_messages["required"] = _("For this field we must be able to reach you.")

    def clean_phone(self) -> str:
        typed = self.cleaned_data["phone"].strip()
        parsed = phone.parse(typed) if typed else None
        if typed and (parsed is None or not parsed.e164):
            raise forms.ValidationError(_("This does not look like a phone number. For example: 0912 345 678."))
        return typed


FORMS: Mapping[str, type[forms.Form]] = {"what": What, "where": Where, "you": You}


def _category_needs_contact(data: Mapping[str, Any]) -> bool:
    category = directory.category(data.get("category", ""))
    return bool(category and category.needs_contact)


def _form(step: str, data: Mapping[str, Any], posted: Any = None) -> forms.Form:
    kind = FORMS[step]
    extra = {"needs_contact": _category_needs_contact(data)} if kind is You else {}
    return kind(posted, initial=dict(data), **extra)


def _plain(cleaned: Mapping[str, Any]) -> dict[str, Any]:
    return {k: v.isoformat() if isinstance(v, datetime) else v for k, v in cleaned.items()}


def _page(request: HttpRequest, step: str, *, draft: Draft | None, status: int = 200, **context: Any) -> HttpResponse:
    at = STEPS.index(step)
    base = {
        "step": step,
        "steps": list(TITLES),
        "at": at + 1,
        "token": draft.token if draft else "",
        "back": STEPS[at - 1] if at else "",
        "emergency": emergency(),
    }
    return render(request, f"citizen/report_{step}.html", base | context, status=status)


def begin(request: HttpRequest) -> HttpResponse:
    """The first step, before there is a draft."""
    given = {"kind": request.GET.get("kind", "report"), "category": request.GET.get("category", "")}
    form = What(request.POST) if request.method == "POST" else What(initial=given)
    if form.is_bound and form.is_valid():
        draft = save_draft("", _plain(form.cleaned_data))
        return redirect("citizen:report-step", draft.token, "where")
    return _page(request, "what", draft=None, form=form, status=422 if form.errors else 200)


def step(request: HttpRequest, token: str, step: str) -> HttpResponse:
    draft = find_draft(token)
    if draft is None or step not in STEPS:
        raise Http404
    if draft.sent:
        ticket = of_once("web", token)
        return redirect("citizen:follow", ticket.follow) if ticket else redirect("citizen:report")
    if step == "photos":
        return photos(request, draft)
    if step == "check":
        return check(request, draft)
    form = _form(step, draft.data, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        consent = directory.text("consent") if step == "you" else None
        save_draft(token, _plain(form.cleaned_data) | ({"consent_version": consent.version} if consent else {}))
        return redirect("citizen:report-step", token, STEPS[STEPS.index(step) + 1])
    text = directory.text("consent") if step == "you" else None
    context = {"form": form, "consent": (text.body_en if get_language() == "en" else "") or text.body if text else ""}
    return _page(request, step, draft=draft, status=422 if form.errors else 200, **context)


def photos(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Pictures are kept as soon as they are sent, good ones even when another is refused."""
    kept: list[str] = draft.data.get("photos", [])
    errors, most, megabytes = [], directory.option("photo_limit"), directory.option("photo_megabytes")
    if request.method == "POST":
        kept = [claim for claim in kept if claim != request.POST.get("remove")]
        for upload in request.FILES.getlist("photos"):
            if len(kept) >= most:
                errors.append(_("We can take %(most)s photos; the rest was left out.") % {"most": most})
                break
            content = upload.read() if upload.size <= megabytes * 1024 * 1024 else b""
            trouble = checked(content) if content else _("%(name)s is larger than we can take.")
            if trouble:
                errors.append(trouble % {"name": upload.name})
            else:
                kept.append(pictures.claim(files.store(content, by=citizen())))
        save_draft(draft.token, {"photos": kept})
        if not errors and "remove" not in request.POST and "more" not in request.POST:
            return redirect("citizen:report-step", draft.token, "you")
    shown = [{**picture(a, query=f"c={c}"), "claim": c} for c, a in zip(kept, pictures.claimed(kept), strict=False)]
    context = {
        "shown": shown,
        "errors": [{"href": "#id_photos", "text": e} for e in errors],
        "most": most,
        "megabytes": megabytes,
    }
    return _page(request, "photos", draft=draft, status=422 if errors else 200, **context)


def _report(draft: Draft) -> Report:
    data = draft.data
    category, area = directory.category(data.get("category", "")), None
    if data.get("lat") is not None:
        area = directory.area_at(data["lat"], data["long"])
    elif data.get("area"):
        area = directory.area(data["area"])
    number = phone.parse(data.get("phone", ""))
    return Report(
        text=data["text"], channel=Channel.WEB, once=draft.token, kind=Kind(data.get("kind", "report")),
        category_id=category.pk if category else None, area_id=area.pk if area else None, address=data.get("address", ""),
        latitude=data.get("lat"), longitude=data.get("long"), raw={k: v for k, v in data.items() if k != "photos"},
        occurred=datetime.fromisoformat(data["occurred"]) if data.get("occurred") else None,
        reporter=Reporter(name=data.get("name", ""), phone=(number.e164 or "") if number else ""),
        photos=[a.pk for a in pictures.claimed(data.get("photos", []))], consent=data.get("consent_version"),
    )  # fmt: skip


def check(request: HttpRequest, draft: Draft) -> HttpResponse:
    """Everything once more, and send."""
    for name in ("what", "you"):
        needed = "text" if name == "what" else "consent_version"
        if not draft.data.get(needed):
            return redirect("citizen:report-step", draft.token, name)
    report = _report(draft)
    if request.method == "POST":
        ticket = actions.take(report, by=citizen())
        end_draft(draft)
        response = redirect("citizen:follow", ticket.follow)
        response["Location"] += "?new=1"
        return response
    area = (
        directory.area_at(report.latitude, report.longitude)
        if report.latitude is not None and report.longitude is not None
        else None
    )
    category = directory.category(draft.data.get("category", ""))
    context = {
        "report": report,
        "kind": word(KIND, report.kind),
        "category": named(category),
        "area": area or (directory.area(draft.data["area"]) if draft.data.get("area") else None),
        "shown": [
            picture(a, query=f"c={c}")
            for c, a in zip(draft.data.get("photos", []), pictures.claimed(draft.data.get("photos", [])), strict=False)
        ],
        "typed_phone": draft.data.get("phone", ""),
    }
    return _page(request, "check", draft=draft, **context)
