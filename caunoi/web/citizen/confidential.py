"""Writing in confidence: one page, of which nothing is kept before it is sent, and afterwards a page of one's own on
which one reads and writes.

These pages are exempt from the CSRF check: they read no session and use no rights of a signed-in user. What another
site sends here is never taken in, and the form's id counts in the browser alone to which it was given: nobody comes to
another's page by it.
"""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.confidential import actions, queries
from caunoi.confidential.lanes import Lane, Way
from caunoi.confidential.models import Case, Entry
from caunoi.directory import queries as directory
from caunoi.directory.queries import option
from caunoi.files.darkroom import darkroom
from caunoi.files.pictures import BadPictureError
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen import changed
from caunoi.web.citizen.follow import citizens_only, secret
from caunoi.web.citizen.forms import ErrorLink
from caunoi.web.citizen.limits import retry_after, take
from caunoi.web.confidential.words import LANE, STATE_FOR_CITIZENS
from caunoi.web.errors import answer
from caunoi.web.labels import area_choices, choices, emergency, word
from caunoi.web.moves import Photos, trouble
from caunoi.web.page import Page, render_page
from caunoi.web.phone_field import PhoneField
from caunoi.web.selects import choose

COOKIE = "__Host-form" if settings.SECURE else "form"  # the secret of a browser; its name tells nobody what for


class ConfidentialForm(forms.Form):
    """`once` is the form's own id: pressing twice in one browser makes one case."""

    once = forms.CharField(widget=forms.HiddenInput, max_length=40)
    lane = forms.ChoiceField(label=gettext_lazy("It is about"), widget=forms.RadioSelect)
    text = forms.CharField(
        label=gettext_lazy("What happened?"),
        help_text=gettext_lazy("Who, what, where and when, as far as you know. Evidence helps: attach photos."),
        widget=forms.Textarea(attrs={"rows": 8}),
        max_length=10_000,
        error_messages={"required": gettext_lazy("Please write what it is about; one sentence is enough.")},
    )
    address = forms.CharField(label=gettext_lazy("Where it is"), required=False, max_length=300)
    area = forms.ChoiceField(label=gettext_lazy("Ward or commune"), required=False)
    photos = Photos(label=gettext_lazy("Photos"), required=False)
    name = forms.CharField(
        label=gettext_lazy("Your name"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Whoever settles a denunciation must know who makes it, and must keep it secret."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = PhoneField(
        help_text=gettext_lazy("Leave it empty if a call could endanger you. You can read the answer on your page.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choose(self, lane=choices(LANE), area=area_choices(_("I am not sure")))

    def report(self, once: str) -> Report:
        d, area = self.cleaned_data, directory.area(self.cleaned_data["area"])
        return Report(
            text=d["text"],
            channel="web",
            once=once,
            address=d["address"],
            area_id=area.pk if area else None,
            reporter=Reporter(name=d["name"], phone=d["phone"]),
        )

    def pictures(self) -> Iterator[tuple[str, str, bytes]]:
        """As they are stored: developed anew, without what a camera writes into them. BadPictureError."""
        for data in self.cleaned_data["photos"][: option("photo_limit")]:
            yield "photo.webp", "image/webp", darkroom.develop(data).large


@dataclass(frozen=True, kw_only=True)
class ConfidentialPage(Page):
    template = "citizen/confidential.html"

    form: ConfidentialForm
    emergency: list[tuple[str, str]]
    errors: list[ErrorLink]


@dataclass(frozen=True, kw_only=True)
class OwnCasePage(Page):
    template = "citizen/case.html"

    row: Case
    lane: str
    state: str
    talk: list[Entry]
    fresh: bool
    may_write: bool
    error: str = ""


def _lane_typed(request: HttpRequest) -> str:
    text = request.POST.get("text", "")
    return queries.lane_of(text) or Lane.DENUNCIATION


def _is_foreign(request: HttpRequest) -> bool:
    """Whether a page of another site sends this."""
    if site := request.headers.get("Sec-Fetch-Site"):
        return site not in ("same-origin", "none")
    origin = request.headers.get("Origin", "null")
    ours = {request.get_host(), urlsplit(settings.PUBLIC_URL).netloc}
    return origin != "null" and urlsplit(origin).netloc not in ours


def _once(request: HttpRequest) -> str:
    """The same for the same words, sent again by the same form in the same browser; for all else another."""
    browser = request.COOKIES.get(COOKIE) or secrets.token_urlsafe(24)  # without cookies, another case each time
    return f"web:{sha256(f'{browser}:{changed.digest(request)}'.encode()).hexdigest()[:40]}"


def _form(request: HttpRequest, form: ConfidentialForm, status: int = 200) -> HttpResponse:
    errors = [ErrorLink(f"#id_{name}", str(texts[0])) for name, texts in form.errors.items()]
    page = ConfidentialPage(form=form, emergency=emergency(), errors=errors)
    response = secret(render_page(request, page, status=status))
    if COOKIE not in request.COOKIES and not _is_foreign(request):  # another site's posts come without it
        response.set_cookie(
            COOKIE, secrets.token_urlsafe(24), path="/", httponly=True, secure=settings.SECURE, samesite="Lax"
        )
    return response


@csrf_exempt
@citizens_only
def write(request: HttpRequest) -> HttpResponse:
    """The form; words that were typed into the ordinary one come along by POST (`begin`)."""
    posted = request.method == "POST"
    if not posted or request.POST.get("begin") or _is_foreign(request):
        initial = {"once": secrets.token_urlsafe(18), "text": request.POST.get("text", "")}
        initial["lane"] = _lane_typed(request) if posted else request.GET.get("lane", "")
        return _form(request, ConfidentialForm(initial=initial))
    form = ConfidentialForm(request.POST, request.FILES)
    if form.is_valid() and (row := _take_in(request, form)):
        return redirect(f"/k/{row.follow}?new=1")
    if not take("draft", request):
        advice = _("Please try again in a little while, or call 1022.")
        return retry_after(request, answer(request, 429, _("Too many reports at once"), advice))
    return _form(request, form, status=422)


def _take_in(request: HttpRequest, form: ConfidentialForm) -> Case | None:
    """The case; None with the reason as an error of the form."""
    if not take("report", request):
        form.add_error(None, _("Too many reports at once. Please try again in a little while, or call 1022."))
        return None
    try:
        pictures = list(form.pictures())
    except BadPictureError as error:
        form.add_error("photos", trouble(error) % {"name": _("Photo")})
        return None
    return actions.receive(form.report(_once(request)), Lane(form.cleaned_data["lane"]), Way.CITIZEN, files=pictures)


def _show(request: HttpRequest, row: Case, error: str = "") -> HttpResponse:
    page = OwnCasePage(
        row=row,
        lane=word(LANE, row.lane),
        state=word(STATE_FOR_CITIZENS, row.state),
        talk=queries.talk(row),
        fresh="new" in request.GET,
        may_write=not request.user.is_authenticated and row.state not in ("ordinary", "erased"),
        error=error,
    )
    return secret(render_page(request, page, status=422 if error else 200))


def show(request: HttpRequest, token: str) -> HttpResponse:
    """One's own page: how it stands, and what was written; for staff there is none."""
    row = None if request.user.is_authenticated else queries.of_follow(token)
    if row is None:
        title = _("This page is not there")
        return secret(answer(request, 404, title, _("Please check the address, or call 1022.")))
    return _show(request, row)


@csrf_exempt
@require_POST
@citizens_only
def reply(request: HttpRequest, token: str) -> HttpResponse:
    row = queries.of_follow(token)
    if row is None:
        return show(request, token)
    if not take("draft", request):
        return _show(request, row, _("Too many messages at once. Please try again in a little while."))
    try:
        actions.write(row, request.POST.get("text", ""), Entry.Kind.REPLY)
    except (ValueError, actions.NotNowError):
        return _show(request, row, _("Please write something; one sentence is enough."))
    return redirect("citizen:case", token)
