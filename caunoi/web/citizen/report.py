"""Writing a report, one thing at a time: what · where · photos · you · check and send; a question has no place and no
photos. Works without JavaScript.

Between the first step and the next stands what goes before all else: a call where a life is in danger, the lawful way
of a complaint, procedures that answer a question (proposals.py). Whoever reads it goes on if they want to.

What was written so far is a Draft with a token in the address, so reloading, going back and lost cookies lose no words;
the token is also what makes sending twice one ticket.

A draft belongs to the browser that began it (a cookie). Whoever else writes to its address, which somebody may have
prepared for them, goes on in a draft of their own, at an address that nobody else has seen; name and phone number are
shown to nobody else, and only its own browser is led from a draft to the ticket. So a citizen whose cookies are
refused, cleared or expired can still send what was written.

These pages are exempt from the CSRF check: they read no session and use no rights of a signed-in user.
"""

import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.functional import Promise as StrPromise
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.channels.adapters.web import Web
from caunoi.confidential.lanes import Lane
from caunoi.confidential.queries import lane_of
from caunoi.conversations.actions import PERSONAL, begin_draft, copy_draft, end_draft, owns_draft, save_draft
from caunoi.conversations.actions.drafts import DRAFT_DAYS
from caunoi.conversations.models import Draft
from caunoi.conversations.queries import draft as find_draft
from caunoi.directory import queries as directory
from caunoi.directory.models import Area, Text
from caunoi.events.actor import citizen
from caunoi.files import queries as pictures
from caunoi.files.models import Attachment
from caunoi.lib.messages import danger
from caunoi.lib.numbers import phone
from caunoi.sla.actions import refresh
from caunoi.tickets import actions
from caunoi.tickets.lifecycle import Kind, Urgency
from caunoi.tickets.queries import of_once
from caunoi.tickets.report import Report, Reporter
from caunoi.web.citizen.forms import FORMS, ErrorLink, What, form, plain
from caunoi.web.citizen.limits import count, often, retry_after, take
from caunoi.web.citizen.photos import DraftPhoto, draft_photos, keep
from caunoi.web.citizen.proposals import (
    AnsweringProcedure,
    Proposals,
    answering,
    commune_of,
    field_choices,
    is_elsewhere,
    propose,
)
from caunoi.web.citizen.similar import SimilarLine, SimilarPage, area_of, similar_lines
from caunoi.web.confidential.words import LANE
from caunoi.web.errors import answer
from caunoi.web.inputs import text_in
from caunoi.web.labels import KIND, emergency, localised_name, word
from caunoi.web.page import Page, render_page

TITLES = {
    "what": gettext_lazy("What"),
    "where": gettext_lazy("Where"),
    "photos": gettext_lazy("Photos"),
    "you": gettext_lazy("You"),
    "check": gettext_lazy("Check"),
}
STEPS = tuple(TITLES)
OF_QUESTIONS = ("what", "you", "check")
DANGER, COMPLAINT, ANSWERS = "danger", "complaint", "answers"
STOPS = (DANGER, COMPLAINT, ANSWERS)  # between the first and the second
COOKIE = "report"  # the secret of the browser to which drafts belong


@dataclass(frozen=True, kw_only=True)
class StepPage(Page):
    """One step of a report, which is number `at` for who writes it; `back` is the one before, `token` the draft's."""

    step: str
    at: int
    back: str
    token: str
    steps: Sequence[StrPromise]


@dataclass(frozen=True, kw_only=True)
class WhatPage(StepPage):
    """`begins`: nothing was written yet; `expired`: what was written is not kept any more; `draft_of`: which draft the
    browser's own copy belongs to."""

    template = "citizen/report_what.html"

    form: forms.Form
    begins: bool = False
    expired: bool = False
    draft_of: str = ""
    emergency: list[tuple[str, str]] = field(default_factory=emergency)
    danger_words: tuple[tuple[str, str, str], ...] = field(default_factory=danger.tables)


@dataclass(frozen=True, kw_only=True)
class DangerPage(StepPage):
    """Whom to `call` and who answers there, with the `text` that speaks of danger."""

    template = "citizen/report_danger.html"

    call: str
    who: str
    text: str
    emergency: list[tuple[str, str]] = field(default_factory=emergency)


@dataclass(frozen=True, kw_only=True)
class ComplaintPage(StepPage):
    template = "citizen/report_complaint.html"

    text: str


@dataclass(frozen=True, kw_only=True)
class AnswersPage(StepPage):
    """`chosen`: its writer says that it is a question, which is proposed otherwise."""

    template = "citizen/report_answers.html"

    text: str
    chosen: bool
    answers: list[AnsweringProcedure]


@dataclass(frozen=True, kw_only=True)
class OfferPage(Page):
    """`typed`: the fields of the first step, which go on where it is to be an ordinary report; `call`: the number to
    call first, and `who` answers there."""

    template = "citizen/report_confidential.html"

    token: str
    lane: str
    text: str
    typed: list[tuple[str, str]]
    call: str
    who: str


@dataclass(frozen=True, kw_only=True)
class WherePage(StepPage):
    """The map is on `centre` ("long,lat"), else on the whole province. `elsewhere`: the words seem to be about another
    one."""

    template = "citizen/report_where.html"

    form: forms.Form
    centre: str
    centre_zoom: int | None
    elsewhere: bool
    similar: list[SimilarLine]


@dataclass(frozen=True, kw_only=True)
class PhotosPage(StepPage):
    """The photos so far, and `room` for more; `removed` is the claim of the one that was just taken out."""

    template = "citizen/report_photos.html"

    photos: list[DraftPhoto]
    errors: list[ErrorLink]
    room: int
    removed: str
    megabytes: int
    similar: list[SimilarLine]


@dataclass(frozen=True, kw_only=True)
class YouPage(StepPage):
    template = "citizen/report_you.html"

    form: forms.Form
    consent: str
    consent_version: int | None


@dataclass(frozen=True, kw_only=True)
class CheckPage(StepPage):
    """Everything once more; of who writes it what this browser may read. `fields`: the categories that are proposed,
    of which the first may be `sure`, and `commune`, where nobody has chosen; `elsewhere`: it may lie in another
    province."""

    template = "citizen/report_check.html"

    report: Report
    kind: str
    category: str
    area: Area | None
    pictures: list[DraftPhoto]
    typed_name: str
    typed_phone: str
    typed_email: str
    too_often: bool
    similar: list[SimilarLine]
    fields: list[tuple[str, str]]
    sure: bool
    commune: Area | None
    elsewhere: bool


@dataclass(frozen=True)
class ReportSentPage(Page):
    """What another browser sees of a draft that has become a ticket."""

    template = "citizen/report_sent.html"


def steps_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    return OF_QUESTIONS if data.get("kind") == "question" else STEPS


def place_of(step: str, data: Mapping[str, Any]) -> dict[str, Any]:
    """Where a step stands among those of its report: the fields of `StepPage` but `token`."""
    steps = steps_of(data)
    at = 0 if step in STOPS else len([name for name in steps if STEPS.index(name) < STEPS.index(step)])
    back = "what" if step in STOPS else steps[at - 1] if at else ""
    return {"step": step, "at": at + 1, "back": back, "steps": [TITLES[name] for name in steps]}


def _after(step: str, data: Mapping[str, Any]) -> str:
    """The step that follows; after the first one what stops it, once each."""
    if step in ("what", *STOPS) and (stop := _stop(data)):
        return stop
    before = 0 if step in STOPS else STEPS.index(step)
    return next(name for name in steps_of(data) if STEPS.index(name) > before)


def _stop(data: Mapping[str, Any]) -> str:
    """What has to be read before one goes on, and was not yet."""
    proposals, read = Proposals.of(data), data.get("read", [])
    if proposals.call and proposals.call != data.get("warned"):
        return DANGER
    if proposals.law == "complaint" and proposals.stops and COMPLAINT not in read:
        return COMPLAINT
    asks = data.get("kind") == "question"
    if asks and not {*proposals.answers} <= {*data.get("answers", [])}:
        return ANSWERS
    return ANSWERS if proposals.question and data.get("kind") == "report" and ANSWERS not in read else ""


def _show(request: HttpRequest, page: Page, *, status: int = 200) -> HttpResponse:
    response = render_page(request, page, status=status)
    response["Cache-Control"] = "private, no-cache"  # not no-store: the back button brings unsaved words back
    response["X-Robots-Tag"] = "noindex"
    return response


def _browser(request: HttpRequest) -> str:
    """The secret of this browser, made when it writes for the first time."""
    return request.COOKIES.setdefault(COOKIE, secrets.token_urlsafe(18))


def _keep(request: HttpRequest, draft: Draft | None, mine: bool, data: Mapping[str, Any]) -> Draft:
    """Write it down, in a draft of this browser's own."""
    if draft is None or not mine:
        draft = copy_draft(draft, _browser(request)) if draft else begin_draft(_browser(request), {})
    save_draft(draft, data)
    return draft


def _next(request: HttpRequest, draft: Draft, step: str) -> HttpResponse:
    response = redirect("citizen:report-step", draft.token, step)
    response.set_cookie(
        COOKIE,
        _browser(request),
        max_age=DRAFT_DAYS * 86_400,
        path="/report",
        httponly=True,
        secure=settings.SECURE,
        samesite="Lax",
    )
    return response


def _readable(draft: Draft, mine: bool) -> dict[str, Any]:
    """What a draft says, to another browser without who says it."""
    return draft.data if mine else {k: v for k, v in draft.data.items() if k not in PERSONAL}


def begin(request: HttpRequest) -> HttpResponse:
    """An empty first step, or one with words that were typed elsewhere. Its token is new, and the draft begins when
    something is sent to it."""
    initial = {"kind": request.GET.get("kind", "report"), "category": request.GET.get("category", "")}
    initial["text"] = text_in(request.GET, "text", 1000)
    of = request.GET.urlencode() if request.GET.keys() & initial.keys() else ""
    token, place = secrets.token_urlsafe(18), place_of("what", initial)
    page = WhatPage(**place, token=token, form=What(initial=initial), begins=True, draft_of=of)
    response = _show(request, page)
    del response["X-Robots-Tag"]  # an empty form is nobody's: people may find it
    return response


@csrf_exempt
def step(request: HttpRequest, token: str, step: str) -> HttpResponse:
    draft = find_draft(token)
    mine = draft is not None and owns_draft(request.COOKIES.get(COOKIE, ""), draft)
    if (draft is None or draft.sent) and (ticket := of_once("web", token)):
        if not mine:
            return _sent(request)
        response = redirect("citizen:follow", ticket.follow)
        if request.method == "POST" and step == "check":  # pressed again, for the first answer did not come: this is it
            response["Location"] += "?new=1"
        return response
    if request.method == "POST" and not mine and not _may_begin(request):
        return retry_after(request, too_many(request))
    if step == "what":
        page = partial(WhatPage, draft_of=draft.token if draft else "")
        return _form_step(request, "what", draft, mine, page)
    if draft is None or draft.sent:
        token, place = secrets.token_urlsafe(18), place_of("what", {})
        anew = WhatPage(**place, token=token, form=What(initial={"kind": "report"}), expired=True)
        return _show(request, anew, status=404)
    if step not in (*steps_of(draft.data), *STOPS) and request.method != "POST":
        return _next(request, draft, _after("what", draft.data))  # a question has no place and no photos
    return VIEWS[step](request, draft, mine)


def _may_begin(request: HttpRequest) -> bool:
    """Count that another draft begins: for its browser, where it has begun one before, and for its address."""
    browser = request.COOKIES.get(COOKIE, "")
    return (not browser or take("draft-browser", request, browser)) and take("draft", request)


def too_many(request: HttpRequest) -> HttpResponse:
    """Too many reports were begun at this address of the network."""
    advice = _(
        "Many reports were begun in your network within the hour. Try again later, or call 1022: we write it down."
    )
    return answer(request, 429, _("Too many reports at once"), advice)


def in_danger(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    """Whom to call at once, instead of going on; afterwards, or where nobody is in danger, one goes on with what was
    written."""
    call = Proposals.of(draft.data).call
    if not call or request.method == "POST":
        return _go_on(request, draft, mine, DANGER, {"warned": call})
    page = DangerPage(
        **place_of(DANGER, draft.data), token=draft.token, call=call, who=who_answers(call), text=draft.data["text"]
    )
    return _show(request, page)


def who_answers(call: str) -> str:
    return dict(emergency()).get(call, "")


def complaint(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    """Which way the law has for it; where it is an ordinary report one goes on."""
    if Proposals.of(draft.data).law != "complaint" or request.method == "POST":
        return _go_on(request, draft, mine, COMPLAINT, {})
    page = ComplaintPage(**place_of(COMPLAINT, draft.data), token=draft.token, text=draft.data["text"])
    return _show(request, page)


def answers(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    """The procedures that may answer a question, before it is sent to a person; what only seems to be a question may be
    none."""
    proposals, chosen = Proposals.of(draft.data), draft.data.get("kind") == "question"
    if request.method == "POST":
        kind = "question" if "ask" in request.POST else draft.data.get("kind", "report")
        return _go_on(request, draft, mine, ANSWERS, {"kind": kind, "answers": [*proposals.answers]})
    if not (proposals.answers if chosen else proposals.question):
        return _next(request, draft, _after("what", draft.data))
    page = AnswersPage(
        **place_of(ANSWERS, draft.data),
        token=draft.token,
        text=draft.data["text"],
        chosen=chosen,
        answers=answering(proposals.answers),
    )
    return _show(request, page)


def _go_on(request: HttpRequest, draft: Draft, mine: bool, stop: str, data: Mapping[str, Any]) -> HttpResponse:
    """To the next step from what stopped the form, which it does not again for these words."""
    draft = _keep(request, draft, mine, {**data, "read": sorted({*draft.data.get("read", []), stop})})
    return _next(request, draft, _after(stop, draft.data))


def _sent(request: HttpRequest) -> HttpResponse:
    response = render_page(request, ReportSentPage(), status=410)
    response["Cache-Control"], response["X-Robots-Tag"] = "no-store", "noindex"
    return response


@csrf_exempt
@require_POST
def similar(request: HttpRequest, token: str) -> HttpResponse:
    """The same while a place is being chosen, as a fragment; nothing is kept of it."""
    draft = find_draft(token)
    place = form("where", {}, request.POST)
    data = draft.data | plain(place.cleaned_data) if draft and place.is_valid() else {}
    page = SimilarPage(similar=similar_lines(data), token=token, elsewhere=is_elsewhere(data))
    response = render_page(request, page)
    response["Cache-Control"] = "no-store"
    return response


def where(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    """With the map on the commune that was chosen here or on the home page, else on the whole province."""
    area = directory.area(draft.data.get("area") or request.COOKIES.get("area", ""))
    centre = f"{area.longitude},{area.latitude}" if area and area.latitude is not None else ""
    page = partial(
        WherePage,
        centre=centre,
        centre_zoom=11 if centre else None,
        elsewhere=Proposals.of(draft.data).outside or is_elsewhere(draft.data),
        similar=similar_lines(draft.data),
    )
    return _form_step(request, "where", draft, mine, page)


def consent_text() -> tuple[str, int | None]:
    """What one agrees to, in the reader's language, and its version; nothing where there is no such text."""
    return words_of(directory.text("consent"))


def words_of(text: Text | None) -> tuple[str, int | None]:
    """A text in the reader's language, and its version."""
    if text is None:
        return "", None
    return (text.body_en if get_language() == "en" else "") or text.body, text.version


def you(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    consent, version = consent_text()
    return _form_step(request, "you", draft, mine, partial(YouPage, consent=consent, consent_version=version))


def _form_step(
    request: HttpRequest, step: str, draft: Draft | None, mine: bool, page: Callable[..., StepPage]
) -> HttpResponse:
    """Show a step's form; keep what is sent, as it was typed when something is wrong with it."""
    again = "again" in request.GET  # brought back from the last step: say what lacks
    data = _readable(draft, mine) if draft else {}
    step_form = form(step, data, request.POST if request.method == "POST" else dict(data) if again else None)
    if request.method == "POST" and step_form.is_valid():
        values = plain(step_form.cleaned_data)
        if step == "what":
            values |= _proposed_values(request, values, data)
            if offer := _offer_confidence(request, draft, Proposals.of(values)):
                return offer
        own_draft = _keep(request, draft, mine, values)
        return _next(request, own_draft, _after(step, own_draft.data))
    token = draft.token if draft else secrets.token_urlsafe(18)
    place = place_of(step, data | {"kind": step_form["kind"].value()} if step == "what" else data)
    return _show(request, page(**place, token=token, form=step_form), status=422 if step_form.errors else 200)


def _proposed_values(request: HttpRequest, values: Mapping[str, Any], before: Mapping[str, Any]) -> dict[str, Any]:
    """What is proposed of a text, and what of it was read while it was written, or before if the text is the same."""
    is_own = "kind" in request.POST.getlist("own")
    proposals = propose(values["text"], kind=values["kind"], is_own=is_own)
    same = before if before.get("text") == values["text"] else {}
    return {
        "proposals": proposals.to_data(),
        "warned": text_in(request.POST, "calm", 3) or before.get("warned", ""),
        "answers": text_in(request.POST, "answers", 200).split() or same.get("answers", []),
        "read": sorted({*same.get("read", []), *([ANSWERS] if is_own else [])}),
    }


def _offer_confidence(request: HttpRequest, draft: Draft | None, proposals: Proposals) -> HttpResponse | None:
    """What is written sounds confidential: whoever writes it decides. Nothing of it has been kept."""
    text = request.POST.get("text", "")
    lane = lane_of(text) or (Lane.DENUNCIATION if proposals.law == "denunciation" and proposals.stops else None)
    if lane is None or "ordinary" in request.POST:
        return None
    token = draft.token if draft else secrets.token_urlsafe(18)
    typed = [(name, value) for name in request.POST for value in request.POST.getlist(name)]
    call = proposals.call
    page = OfferPage(token=token, lane=word(LANE, lane), text=text, typed=typed, call=call, who=who_answers(call))
    return _show(request, page)


def photos(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    claims: list[str] = draft.data.get("photos", [])
    refused: list[str] = []
    most = directory.option("photo_limit")
    if request.method == "POST":
        removed, restored = request.POST.get("remove", ""), request.POST.get("restore", "")
        claims = [claim for claim in claims if claim not in (removed, restored)]
        claims += [restored] if len(claims) < most and pictures.claimed([restored]) else []
        attachments, refused = _uploaded(request, most - len(claims))
        # A page that is sent again (back, reload) sends its photos again.
        digests = {attachment.digest for attachment in pictures.claimed(claims)}
        claims += [pictures.claim(a) for a in {a.digest: a for a in attachments}.values() if a.digest not in digests]
        draft, mine = _keep(request, draft, mine, {"photos": claims}), True
        if not refused:
            stays = {"remove", "restore", "more"} & set(request.POST)
            response = _next(request, draft, "photos" if stays else _after("photos", draft.data))
            response["Location"] += f"?{urlencode({'removed': removed})}" if removed else ""
            return response
    removed = request.GET.get("removed", "")
    page = PhotosPage(
        **place_of("photos", draft.data),
        token=draft.token,
        photos=draft_photos(claims),
        errors=[ErrorLink("#id_photos", text) for text in refused],
        room=most - len(claims),
        removed=removed if removed not in claims and pictures.claimed([removed]) else "",
        megabytes=directory.option("photo_megabytes"),
        similar=similar_lines(draft.data),
    )
    return _show(request, page, status=422 if refused else 200)


def _uploaded(request: HttpRequest, room: int) -> tuple[list[Attachment], list[str]]:
    """As `keep`, and not without end from one address: a draft costs nothing."""
    uploads = request.FILES.getlist("photos")
    if uploads and often("photos", request, directory.option("photos_per_hour")):
        return [], [
            _("Many photos have come from your network within the hour. You can go on without, and send them later.")
        ]
    for _upload in uploads:
        count("photos", request, seconds=3600)
    return keep(uploads, room, by=citizen())


def report_of(
    data: Mapping[str, Any], channel: str, once: str, photos: Iterable[Attachment], *, raw: dict[str, Any]
) -> Report:
    """The report that the forms' values make; `raw` is kept as it came."""
    category, area = directory.category(data.get("category", "")), area_of(data)
    number = phone.parse(data.get("phone", ""))
    return Report(
        text=data["text"],
        channel=channel,
        once=once,
        kind=Kind(data.get("kind", "report")),
        category_id=category.pk if category else None,
        area_id=area.pk if area else None,
        address=data.get("address", ""),
        latitude=data.get("lat"),
        longitude=data.get("long"),
        raw=raw,
        occurred=datetime.fromisoformat(data["occurred"]) if data.get("occurred") else None,
        urgency=Urgency.URGENT if danger.number(data["text"]) else Urgency.NORMAL,
        reporter=Reporter(
            name=data.get("name", ""), phone=(number.e164 or "") if number else "", email=data.get("email", "")
        ),
        photos=[photo.pk for photo in photos],
        consent=data.get("consent_version"),
        ordinary=channel == "web",  # its first step has asked
    )


def _agreed(request: HttpRequest, data: Mapping[str, Any]) -> dict[str, Any]:
    """Which of the proposed field and commune the last step brings back, where nobody has chosen before."""
    values: dict[str, Any] = {}
    code, area = request.POST.get("category", ""), request.POST.get("area", "")
    if code and not data.get("category") and code in Proposals.of(data).fields:
        values["category"] = code
    if area and area_of(data) is None and (commune := commune_of(data)) and commune.code == area:
        values["area"] = area
    return values


def _lacks_contact(data: Mapping[str, Any], proposals: Proposals) -> bool:
    """Whether the likeliest field asks for a phone number that was not given: then nobody is taken there by a mere
    proposal."""
    category = directory.category(proposals.fields[0]) if proposals.fields else None
    return bool(category and category.needs_contact and not data.get("phone"))


def check(request: HttpRequest, draft: Draft, mine: bool) -> HttpResponse:
    """Everything once more, and send."""
    agreed = _agreed(request, draft.data) if request.method == "POST" else {}
    data = draft.data | agreed
    for name in FORMS:
        if not form(name, data, data).is_valid():
            response = _next(request, _keep(request, draft, mine, agreed) if agreed else draft, name)
            response["Location"] += "?again=1"
            return response
    if request.method == "POST" and not mine and draft.returned:  # another browser's: only that one sends it
        response = _next(request, copy_draft(draft, _browser(request)), "you")
        response["Location"] += "?again=1"
        return response
    raw = {k: v for k, v in data.items() if k != "photos"}
    photos = pictures.claimed(data.get("photos", []))
    report, readable = report_of(data, Web.key, draft.token, photos, raw=raw), _readable(draft, mine)
    too_often = request.method == "POST" and often("report", request, directory.option("reports_per_hour"))
    if request.method == "POST" and not too_often:
        count("report", request, seconds=3600)
        ticket = actions.take(report, by=citizen())
        refresh(ticket)  # the page says by when at once, also to whom no script tells it later
        end_draft(draft)
        response = redirect("citizen:follow", ticket.follow)
        response["Location"] += "?new=1"
        return response
    proposals, area = Proposals.of(data), area_of(data)
    page = CheckPage(
        **place_of("check", data),
        token=draft.token,
        report=report,
        kind=word(KIND, report.kind),
        category=localised_name(directory.category(data.get("category", ""))),
        area=area,
        pictures=draft_photos(data.get("photos", [])),
        typed_name=readable.get("name", ""),
        typed_phone=readable.get("phone", ""),
        typed_email=readable.get("email", ""),
        too_often=too_often,
        similar=similar_lines(data),
        fields=[] if data.get("category") else field_choices(proposals.fields),
        sure=proposals.sure and not _lacks_contact(data, proposals),
        commune=None if area else commune_of(data),
        elsewhere=area is None and (proposals.outside or is_elsewhere(data)),
    )
    return retry_after(request, _show(request, page, status=429 if too_often else 200))


VIEWS: Mapping[str, Callable[[HttpRequest, Draft, bool], HttpResponse]] = {
    DANGER: in_danger,
    COMPLAINT: complaint,
    ANSWERS: answers,
    "where": where,
    "photos": photos,
    "you": you,
    "check": check,
}
