"""The short form: a report on one page that asks no database, for when there is no primary. While there is one, it
makes the report at once; else the report is kept in the store and numbered later (caunoi/spool), and a page of its own
says how far that is.

Exempt from the CSRF check as the usual form is: it reads no session and uses no rights of a signed-in user."""

import json
import logging
import secrets
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256

from django import forms
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template import Context
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.csrf import csrf_exempt

from caunoi.channels.adapters.web import Web
from caunoi.directory import queries as directory
from caunoi.directory.queries import last_option, option_now
from caunoi.files import actions as files
from caunoi.files.pictures import BadPictureError
from caunoi.jobs import away
from caunoi.lib.messages import danger
from caunoi.lib.network import place
from caunoi.lib.vietnamese.writing import nfc
from caunoi.limits.actions import Verdict, take_alone
from caunoi.sla.actions import refresh
from caunoi.spool import actions as spool
from caunoi.spool import queries as spooled
from caunoi.spool.deposit import Deposit, token_of
from caunoi.store.places import StoreError
from caunoi.tickets.queries import of_once
from caunoi.web.citizen.forms import CHANGED, Contact, ErrorLink
from caunoi.web.citizen.limits import address, note, retry_after, take
from caunoi.web.citizen.photos import WAIT
from caunoi.web.citizen.report import COOKIE, words_of
from caunoi.web.inputs import text_in
from caunoi.web.labels import emergency
from caunoi.web.moves import trouble
from caunoi.web.page import Inset, Page
from caunoi.web.preparing import closed
from caunoi.web.unavailable import CARRIED

PHOTOS = 3
MEGABYTE = 1 << 20
HOUR = 3600
MEGABYTES = 4096  # that one process keeps in an hour: the store is not filled by strangers
SEND = "send"  # with which the form says that it is sent, and not handed on by a page that waits
AGAIN = 5  # seconds
TYPED = ("text", "address", "phone", "email", "name")

log = logging.getLogger(__name__)


class Short(Contact):
    """What was typed elsewhere and has no field here goes along hidden; `once` makes a second sending the same."""

    text = forms.CharField(
        label=gettext_lazy("What would you like to tell us?"),
        widget=forms.Textarea(attrs={"rows": 6}),
        error_messages={"required": gettext_lazy("Please write what it is about; one sentence is enough.")},
    )
    address = forms.CharField(
        label=gettext_lazy("Where is it?"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("Street and house number, hamlet or a place nearby, and the ward or commune."),
        widget=forms.TextInput(attrs={"autocomplete": "street-address"}),
    )
    consent = forms.BooleanField(
        label=gettext_lazy("I agree that the hotline keeps what I send and uses it to deal with my report"),
        error_messages={"required": gettext_lazy("We may only keep your report if you agree.")},
    )
    consent_version = forms.IntegerField(required=False)  # of the text that was shown; the page renders it
    once = forms.RegexField(r"^[A-Za-z0-9_-]{16,32}$", widget=forms.HiddenInput)
    draft = forms.CharField(required=False, max_length=32, widget=forms.HiddenInput)
    kind = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    category = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    area = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)
    occurred = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    lat = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)
    long = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def clean_text(self) -> str:
        text, limit = nfc(self.cleaned_data["text"]).strip(), last_option("text_limit")
        if len(text) > limit:
            raise forms.ValidationError(
                _(
                    "This is %(have)s characters long; we can take %(limit)s. Please shorten it, or attach photos of "
                    "the letter."
                )
                % {"have": len(text), "limit": limit}
            )
        return text

    def deposit(self, photos: list[bytes], browser: str) -> Deposit:
        """The same, to the last photo, from the same browser on the same day is one report: who goes back to the form
        has another `once` there, and perhaps neither the draft nor what it hands on any more."""
        data = dict(self.cleaned_data)
        once, draft = data.pop("once"), data.pop("draft")
        if browser:
            typed = [data[name] for name in TYPED]
            once = token_of(json.dumps([browser, str(localdate()), typed, [sha256(one).hexdigest() for one in photos]]))
        return Deposit(
            token=once,
            once=once,
            at=now(),
            channel=Web.key,
            data=data,
            photos=photos,
            draft=draft,
            browser=browser,
        )


@dataclass(frozen=True, kw_only=True)
class ShortPage(Page):
    template = "citizen/short.html"

    form: Short
    errors: list[ErrorLink]
    megabytes: int
    consent: str = ""
    consent_version: int | None = None
    most: int = PHOTOS
    too_often: bool = False
    emergency: list[tuple[str, str]] = field(default_factory=emergency)
    danger_words: tuple[tuple[str, str, str], ...] = field(default_factory=danger.tables)


@dataclass(frozen=True, kw_only=True)
class DepositPage(Page):
    """A report that waits for its number: since when, and the address at which one reads this."""

    template = "citizen/deposit.html"

    at: datetime
    url: str
    after: int = AGAIN


def _show(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    """Without what other pages ask the database for; in the reader's colours."""
    response = HttpResponse(Inset(page).render(Context({"request": request})), status=status)
    response["Cache-Control"] = "private, no-cache"
    response["X-Robots-Tag"] = "noindex"
    return response


@csrf_exempt
def write(request: HttpRequest) -> HttpResponse:
    if request.method == "POST" and SEND in request.POST:
        return _send(request)
    typed = request.POST if request.method == "POST" else request.GET
    initial = {name: text_in(typed, name, 20_000) for name in (*CARRIED, "draft")}
    return _form(request, Short(initial={**initial, "once": secrets.token_urlsafe(18)}))


def _has_changed(form: Short) -> bool:
    """Whether another text is in force than the one that was shown and agreed to."""
    version, text = form.cleaned_data["consent_version"], directory.text("consent")
    return version is not None and text is not None and text.version != version


def _form(
    request: HttpRequest, form: Short, refused: list[str] | None = None, *, too_often: bool = False
) -> HttpResponse:
    errors = [ErrorLink("#id_photos", text) for text in refused or ()]
    consent, version = words_of(directory.last_text("consent"))
    page = ShortPage(
        form=form,
        errors=errors,
        megabytes=last_option("photo_megabytes"),
        consent=consent,
        consent_version=version,
        too_often=too_often,
    )
    return _show(request, page, status=429 if too_often else 422 if form.errors or errors else 200)


def _uploads(request: HttpRequest) -> tuple[list[bytes], list[str]]:
    """The photos that were chosen, and what is wrong with the rest."""
    uploads, limit = request.FILES.getlist("photos"), last_option("photo_megabytes")
    refused = [
        _("%(name)s is larger than %(limit)s MB.") % {"name": one.name, "limit": limit}
        for one in uploads
        if (one.size or 0) > limit * MEGABYTE
    ]
    if len(uploads) > PHOTOS:
        refused.append(_("We can take %(most)s photos; the rest was left out.") % {"most": PHOTOS})
    return ([] if refused else [one.read() for one in uploads]), refused


def _send(request: HttpRequest) -> HttpResponse:
    form = Short(request.POST)
    photos, refused = _uploads(request)
    if not form.is_valid() or refused:
        return _form(request, form, refused)
    deposit = form.deposit(photos, request.COOKIES.get(COOKIE, ""))
    if _is_kept(deposit.token):
        return redirect("citizen:deposit", deposit.token)
    try:
        if not option_now("portal_open"):
            return closed(request)
        if _has_changed(form):
            form.add_error("consent", CHANGED)
            return _form(request, form)
        if not take("report", request):
            return retry_after(request, _form(request, form, too_often=True))
        ticket = spool.number(deposit, wait=WAIT)
        refresh(ticket)
    except BadPictureError as error:
        return _form(request, form, [trouble(error) % {"name": _("Photo")}])
    except Exception as error:
        if not away.passing(error):
            raise
        return _keep(request, form, deposit, error)
    response = redirect("citizen:follow", ticket.follow)
    response["Location"] += "?new=1"
    return response


def _is_kept(token: str) -> bool:
    """Whether it was sent before, while there was no primary."""
    try:
        return spooled.follow_of(token) is not None or spooled.kept_at(token) is not None
    except StoreError:
        return False


def _keep(request: HttpRequest, form: Short, deposit: Deposit, why: Exception) -> HttpResponse:
    """Into the spool; acknowledged when it is durable. StoreError where there is no store either."""
    log.warning("short form: no primary (%s), kept in the store", type(why).__name__)
    size = max(1, sum(map(len, deposit.photos)) // MEGABYTE)
    verdicts = (
        take_alone("report", place(address(request)), last_option("reports_per_hour"), HOUR),
        take_alone("spool", "", MEGABYTES, HOUR, hits=size),
    )
    if refusal := next((one for one in verdicts if not one.allowed), None):
        return _refuse(request, form, refusal)
    try:
        for photo in deposit.photos:
            files.check(photo)
    except BadPictureError as error:
        return _form(request, form, [trouble(error) % {"name": _("Photo")}])
    spool.keep(deposit)
    return redirect("citizen:deposit", deposit.token)


def _refuse(request: HttpRequest, form: Short, verdict: Verdict) -> HttpResponse:
    note(request, verdict)
    return retry_after(request, _form(request, form, too_often=True))


def show(request: HttpRequest, token: str) -> HttpResponse:
    """How far a report of the short form is: its ticket as soon as there is one."""
    if numbering := spooled.follow_of(token):
        follow = numbering[1]
    elif at := spooled.kept_at(token):
        return _show(request, DepositPage(at=at, url=request.build_absolute_uri(request.path)))
    elif ticket := of_once(Web.key, token):  # it was made at once, or long ago
        follow = ticket.follow
    else:
        raise Http404
    response = redirect("citizen:follow", follow)
    response["Location"] += "?new=1"
    response["Cache-Control"] = "no-store"
    return response
