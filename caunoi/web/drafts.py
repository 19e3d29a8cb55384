"""What the staff type is kept in the database while they type, and a form that is sent is done once.

A page only puts `{% draft kind key form %}` into its form. The hidden field is signed and names the form's owner, so
what is typed is kept for them even after the session has ended; it allows writing only, never reading. Sending the form
and ending its draft are one transaction."""

import json
import re
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import RequestDataTooBig
from django.core.signing import BadSignature
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.shortcuts import redirect
from django.utils.timezone import localtime, now
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.drafts import actions, queries
from caunoi.drafts.models import Draft
from caunoi.notifications.actions import announce_writing
from caunoi.vault.signing import TimestampSigner
from caunoi.web import proved
from caunoi.web.access import PUBLIC, TOKEN, allowed, page_of

FIELD = "draft"
WINDOW, APART = "window", "apart"
NEVER = ("csrfmiddlewaretoken", FIELD, "once", WINDOW, APART, *proved.FIELDS)
SECRET = re.compile("password|secret|token|key", re.I)  # fields of accounts and of links to providers
NEVER_SEEN = datetime.min.replace(tzinfo=UTC)
LARGEST = 300_000  # letters of JSON
signer = TimestampSigner(salt="caunoi.web.drafts")

type View = Callable[..., HttpResponse]


@dataclass(frozen=True, kw_only=True)
class Form:
    """One form as it was given to one person: what it is about, which form it is, and its own id."""

    user_id: int
    about: str
    form: str
    once: str
    opened: datetime

    def token(self) -> str:
        opened = round(self.opened.timestamp() * 1000)
        return signer.sign(f"{self.user_id}/{self.about}/{self.form}/{self.once}/{opened}")


def fresh(user_id: int, about: str, form: str) -> Form:
    return Form(user_id=user_id, about=about, form=form, once=secrets.token_urlsafe(12), opened=now())


def read(token: str) -> Form | None:
    """The form that a token names; None for one that is not ours or too old."""
    try:
        user_id, about, form, once, opened = signer.unsign(token, max_age=actions.SENT).split("/")
    except (BadSignature, ValueError):
        return None
    at = datetime.fromtimestamp(int(opened) / 1000, UTC)
    return Form(user_id=int(user_id), about=about, form=form, once=once, opened=at)


def form_of(request: HttpRequest) -> Form | None:
    """The form of the staff that a request sends, if it is one; a part of a page that asks by what is typed sends
    none."""
    if request.method != "POST" or request.resolver_match is None or request.htmx:  # type: ignore[attr-defined]
        return None
    if allowed(request.resolver_match.view_name) in (PUBLIC, TOKEN):
        return None
    try:
        return read(request.POST.get(FIELD, ""))
    except (RequestDataTooBig, UnreadablePostError, MultiPartParserError):
        return None


def typed(request: HttpRequest) -> dict[str, Any]:
    """What a form brought, as a draft keeps it; nothing when it is empty."""
    fields = {name: [v.replace("\0", "") for v in values] for name, values in request.POST.lists() if _storable(name)}
    if not any(any(values) for values in fields.values()):
        return {}
    return {name: values[0] if len(values) == 1 else values for name, values in fields.items()}


def keep(form: Form, fields: dict[str, Any], window: str = "", *, apart: bool = False) -> bool:
    """Keep what was typed; False when it is too much. `apart`: its window did not take up the draft that was there.
    EditedElsewhereError, when another window writes into the same form."""
    if len(json.dumps(fields, ensure_ascii=False)) > LARGEST:
        return False
    opened = NEVER_SEEN if apart else form.opened
    if actions.keep(form.user_id, form.about, form.form, fields, once=form.once, opened=opened, window=window):
        announce_writing(form.about)
    return True


def undone(request: HttpRequest) -> None:
    """For a view that redirects without having done what the form asked: the draft stays."""
    request.draft_stays = True  # type: ignore[attr-defined]


class Drafts:
    """A staff form is processed once, in one transaction with the end of its draft; if it is not, what was sent becomes
    the draft."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not getattr(request, "draft_done", False) and (form := form_of(request)):
            keep(form, typed(request))
        return response

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        form = form_of(request)
        if form is None:
            return None
        if form.user_id != request.user.pk:
            messages.error(
                request, _("Somebody else was signed in when this page was opened. What it held is kept for them.")
            )
            return redirect("after-login")
        with transaction.atomic():
            led_to = actions.begin(form.user_id, form.once)
            if led_to is None:
                response = view(request, *args, **kwargs)
                if response.status_code != 302 or getattr(request, "draft_stays", False):
                    return response
                if actions.finish(
                    form.user_id,
                    form.about,
                    form.form,
                    once=form.once,
                    opened=NEVER_SEEN if APART in request.POST else form.opened,
                    window=request.POST.get(WINDOW, "")[:20],
                    led_to=response["Location"],
                ):
                    announce_writing(form.about)
            else:
                response = HttpResponseRedirect(led_to)
        request.draft_done = True  # type: ignore[attr-defined]
        return response


@csrf_exempt  # the signed name of the form is the whole authority, also when the session is over
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """What somebody has typed so far: {"draft": token, "fields": {name: value or [values]}}."""
    try:
        body = json.loads(request.body)
        form, fields, window = read(str(body[FIELD])), _clean(body["fields"]), str(body.get(WINDOW, ""))[:20]
    except RequestDataTooBig:
        return HttpResponse(status=413)
    except (ValueError, KeyError, TypeError, AttributeError, UnreadablePostError):
        return HttpResponse(status=400)
    if form is None:
        return HttpResponse(status=410)
    try:
        if not keep(form, fields, window, apart=bool(body.get(APART))):
            return HttpResponse(status=413)
    except actions.EditedElsewhereError:
        return HttpResponse(status=409)
    except IntegrityError:  # the account is no more
        return HttpResponse(status=410)
    return JsonResponse({"at": f"{localtime():%H:%M}"}, headers={"Cache-Control": "no-store"})


def _clean(fields: dict[str, Any]) -> dict[str, Any]:
    return {
        str(name).replace("\0", ""): [str(v).replace("\0", "") for v in value]
        if isinstance(value, list)
        else str(value).replace("\0", "")
        for name, value in fields.items()
        if _storable(str(name))
    }


def _storable(name: str) -> bool:
    return name not in NEVER and not SECRET.search(name)


@require_POST
def drop(request: HttpRequest) -> HttpResponse:
    """Throw a draft away: the form that is sent here holds nothing but its name."""
    return HttpResponseRedirect(page_of(request))


def drafts(request: HttpRequest, about: str = "") -> dict[tuple[str, str], Draft]:
    """The user's drafts, read once a request; with `about` also who else is writing about that (`writers`)."""
    rows: dict[tuple[str, str], Draft] | None = getattr(request, "_drafts", None)
    if rows is None:
        rows, others = queries.drafts(request.user.pk, about) if request.user.is_authenticated else ({}, [])
        request._drafts, request._writers = rows, others  # type: ignore[attr-defined]
    return rows


def writers(request: HttpRequest, about: str) -> list[str]:
    """Who else is writing about the matter of a page; to be asked before the page's forms are drawn."""
    drafts(request, about)
    names: list[str] = request._writers  # type: ignore[attr-defined]
    return names


def left(request: HttpRequest, about: str, form_names: Collection[str]) -> list[Draft]:
    """The user's drafts whose forms are no longer on the page, because the ticket has moved on."""
    rows = [row for (matter, form), row in drafts(request).items() if matter == about and form not in form_names]
    sent = form_of(request)
    return [row for row in rows if sent is None or (row.about, row.form) != (sent.about, sent.form)]
