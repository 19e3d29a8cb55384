"""Following a published ticket, and joining it instead of reporting the same again. No account: a secret link is all.

As in report.py these pages are exempt from the CSRF check: they use no rights of a signed-in user.
"""

from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from caunoi.answers.queries import answered_at
from caunoi.conversations.queries.channels import channel_name
from caunoi.directory.queries import option
from caunoi.followers import actions, queries
from caunoi.followers.models import Follower
from caunoi.publication import queries as publication
from caunoi.publication.models import Publication
from caunoi.tickets.lifecycle import HANDLED
from caunoi.web.citizen.follow import secret
from caunoi.web.citizen.limits import count, often, retry_after, take
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import localised_name
from caunoi.web.masks import in_words
from caunoi.web.page import Page, render_page

MOST, YEAR = 20, 365 * 86_400


@dataclass(frozen=True, kw_only=True)
class JoinedPage(Page):
    """What somebody follows; `public` while it is published. `done` is what was just done, by its name; `draft` the
    report that was not sent because of it; `typed` and `error` are of an address that was not taken."""

    template = "citizen/joined.html"

    state: str
    answer: str
    answered: datetime | None
    agency: str
    goes_on: str
    follower: Follower
    code: str
    title: str
    public: bool
    joined: int
    done: str
    mails: bool
    chats: list[str]
    channel: str
    draft: str
    typed: str
    error: str


@dataclass(frozen=True, kw_only=True)
class JoinOftenPage(Page):
    template = "citizen/join_often.html"

    code: str


@dataclass(frozen=True, kw_only=True)
class ConfirmMailPage(Page):
    template = "citizen/confirm.html"

    code: str


def _of(token: str) -> Follower:
    return or_404(queries.of_token(token))


def _is_token(text: str) -> bool:
    return text.replace("-", "").replace("_", "").isalnum()


def _draft(params: QueryDict) -> str:
    """The token of the report that was not sent because of this."""
    draft = params.get("draft", "")[:40]
    return draft if _is_token(draft) else ""


def _tokens(request: HttpRequest) -> list[str]:
    return [token for token in request.COOKIES.get("joined", "").split(".") if _is_token(token)]


def _before(request: HttpRequest, row: Publication) -> Follower | None:
    """What this browser follows of it already: pressing twice is one join."""
    followers = (queries.of_token(token) for token in _tokens(request)[-MOST:])
    return next((f for f in followers if f and f.publication_id == row.pk and f.ended is None), None)


@csrf_exempt
@require_POST
def join(request: HttpRequest, code: str) -> HttpResponse:
    """Follow a ticket; with `affected`, as somebody who has the same trouble."""
    row = or_404(publication.find(code))
    if often("join", request, option("joins_per_hour")):
        page = JoinOftenPage(code=row.ticket.code)
        return retry_after(request, render_page(request, page, status=429))
    affected = bool(request.POST.get("affected"))
    follower = _before(request, row)
    if follower is None or (affected and not follower.affected):
        count("join", request, seconds=3600)
        follower = actions.follow(row, affected=affected) if follower is None else actions.affect(follower)
    draft = _draft(request.POST)
    response = redirect("citizen:joined", follower.token)
    response["Location"] += "?new=1" + (f"&draft={draft}" if draft else "")
    tokens = [*(t for t in _tokens(request) if t != follower.token), follower.token][-MOST:]
    response.set_cookie("joined", ".".join(tokens), max_age=YEAR, samesite="Lax", httponly=True)
    return response


def _page(
    request: HttpRequest, follower: Follower, *, status: int = 200, typed: str = "", error: str = ""
) -> HttpResponse:
    row = follower.publication
    public = row.state == Publication.State.PUBLISHED
    ticket, into = row.ticket, row.ticket.merged_into
    answered = public and ticket.state in HANDLED
    page = JoinedPage(
        state=ticket.state if public else "",
        answer=in_words(row.answer) if answered else "",
        answered=answered_at([ticket]).get(ticket.pk, ticket.answered) if answered else None,
        agency=localised_name(ticket.agency) if answered else "",
        goes_on=into.code if public and into and publication.find(into.code) else "",
        follower=follower,
        code=row.ticket.code,
        title=in_words(row.title) if public else "",
        public=public,
        joined=queries.joined(row),
        done=request.GET.get("done", ""),
        mails=queries.mailbox() is not None,
        chats=[channel_name(name) for name in queries.chats()],
        channel=channel_name(follower.conversation.inbox.channel) if follower.conversation else "",
        draft=_draft(request.GET),
        typed=typed,
        error=error,
    )
    return secret(render_page(request, page, status=status))


def show(request: HttpRequest, token: str) -> HttpResponse:
    return _page(request, _of(token))


def _back(token: str, done: str) -> HttpResponse:
    response = redirect("citizen:joined", token)
    response["Location"] += f"?done={done}"
    return response


@csrf_exempt
@require_POST
def mail(request: HttpRequest, token: str) -> HttpResponse:
    """Notify by mail too, once the address has confirmed it."""
    follower, email = _of(token), text_in(request.POST, "email", 254)
    try:
        validate_email(email)
    except ValidationError:
        return _page(
            request,
            follower,
            status=422,
            typed=email,
            error=_("This is not an e-mail address; it should look like ten@vidu.vn."),
        )
    if not take("confirm-mail", request):
        wait = _("Very many mails were asked for from your connection. Please try again in an hour.")
        return retry_after(request, _page(request, follower, status=429, typed=email, error=wait))
    if not take("confirm-mail-to", request, email.casefold()):
        wait = _("Several mails were sent to this address just now. Please look for them there, or try in an hour.")
        return retry_after(request, _page(request, follower, status=429, typed=email, error=wait))
    if not actions.add_email(follower, email):
        return _page(request, follower, status=409, typed=email, error=_("We cannot send mails at the moment."))
    return _back(token, "mail")


@csrf_exempt
def confirm(request: HttpRequest, token: str, proof: str) -> HttpResponse:
    """The link of the mail. Opening it does nothing, for mail servers open links too; the button does."""
    follower = _of(token)
    if request.method != "POST":
        return secret(render_page(request, ConfirmMailPage(code=follower.publication.ticket.code)))
    return _back(token, "confirmed" if actions.confirm(follower, proof) else "old")


@csrf_exempt
@require_POST
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """Follow no longer; `again` takes that back."""
    follower = _of(token)
    again = bool(request.POST.get("again"))
    (actions.rejoin if again else actions.leave)(follower)
    return _back(token, "again" if again else "left")
