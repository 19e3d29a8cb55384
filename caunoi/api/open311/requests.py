"""Service requests: posted by apps with a key, read by anybody once they are published."""

from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.utils.dateparse import parse_datetime
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts import queries as accounts
from caunoi.accounts import service_accounts
from caunoi.accounts.models import Key
from caunoi.accounts.scopes import OPEN311
from caunoi.accounts.service_accounts import KeyRefusedError
from caunoi.api.limits import TooManyError, limit
from caunoi.api.open311 import report, words
from caunoi.api.open311.reply import BadRequestError, reply, resource
from caunoi.directory.queries import last_option
from caunoi.events.actor import Actor, app
from caunoi.jobs import away, replica
from caunoi.lib.numbers import codes
from caunoi.limits.actions import take_alone
from caunoi.limits.rates import MINUTE
from caunoi.publication import queries as publication
from caunoi.spool import actions as spool
from caunoi.spool import queries as spooled
from caunoi.tickets import actions as tickets
from caunoi.tickets import queries

SPAN = timedelta(days=90)
MOST = 1000
AT_ONCE = 100  # ids in one question
REFUSALS = {
    "pending": gettext_noop("A second administrator has not approved this api_key yet."),
    "expired": gettext_noop("This api_key expired on %s; ask the hotline for a new one."),
    "address": gettext_noop("This api_key does not work from the address %s."),
    "scope": gettext_noop("This api_key lacks the scope %s."),
}


def _key(request: HttpRequest) -> Key | None:
    """The app's key, from the form, the query or the header."""
    secret = request.META.get("HTTP_API_KEY") or request.GET.get("api_key") or request.POST.get("api_key")
    key = accounts.app(secret) if secret else None
    if key is not None:
        try:
            service_accounts.admit(key, request.META.get("REMOTE_ADDR", ""), {OPEN311})
        except KeyRefusedError as refusal:
            words = _(REFUSALS[refusal.code])
            raise BadRequestError(403, words % refusal.needs if "%s" in words else words) from None
        replica.note(lambda: service_accounts.note_use(key), otherwise=None)
    return key


def _last_key(request: HttpRequest) -> Key | None:
    """The same as this process has read it last; no use of it is noted."""
    secret = request.META.get("HTTP_API_KEY") or request.GET.get("api_key") or request.POST.get("api_key")
    key = accounts.last_app(secret) if secret else None
    if key is not None:
        service_accounts.admit(key, request.META.get("REMOTE_ADDR", ""), {OPEN311})
    return key


def _app(key: Key) -> Actor:
    """The citizens of an app act under its first key's id, so that the ticket's first event says who posted it."""
    return app(accounts.first_key(key))


def _list(request: HttpRequest, name: str) -> list[str]:
    return [part.strip() for value in request.GET.getlist(name) for part in value.split(",") if part.strip()]


def _moment(request: HttpRequest, name: str) -> datetime | None:
    value = request.GET.get(name, "").strip()
    if not value:
        return None
    try:
        at = parse_datetime(value.replace(" ", "+"))  # a + that was not escaped
    except ValueError:
        at = None
    if at is None or at.tzinfo is None:
        raise BadRequestError(400, _("%s must be a time with an offset, such as 2026-11-25T00:00:00Z.") % name)
    return at


def _window(request: HttpRequest) -> tuple[datetime, datetime]:
    since, until = _moment(request, "start_date"), _moment(request, "end_date")
    try:
        since = since or ((until or now()) - SPAN)
        until = until or (since + SPAN)
    except OverflowError:
        raise BadRequestError(400, _("start_date and end_date are out of range.")) from None
    if not timedelta(0) <= until - since <= SPAN:
        raise BadRequestError(400, _("end_date must follow start_date within 90 days; ask for longer times in parts."))
    return since, until


def _size(request: HttpRequest) -> int:
    value = request.GET.get("page_size", "").strip() or str(MOST)
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST:
        raise BadRequestError(400, _("page_size must be a number from 1 to 1000."))
    return int(value)


def _page(request: HttpRequest) -> int:
    value = request.GET.get("page", "").strip() or "1"
    if not value.isascii() or not value.isdigit() or not 1 <= int(value) <= MOST:
        raise BadRequestError(400, _("page must be a number from 1 to 1000; for more follow the Link header."))
    return int(value)


@resource("GET", "HEAD", "POST")
def requests(request: HttpRequest, form: str) -> HttpResponse:
    return post(request, form) if request.method == "POST" else index(request, form)


def post(request: HttpRequest, form: str) -> HttpResponse:
    """A citizen's report through an app: its ticket is there, with its code, when this answers; a token for it where
    there is no primary."""
    try:
        return _post(request, form)
    except Exception as error:
        if not away.passing(error):
            raise
        try:
            key = _last_key(request)
        except KeyRefusedError:
            key = None
        if key is None:  # whose it is cannot be found out now
            raise
        return _keep(request, form, key)


def _keep(request: HttpRequest, form: str, key: Key) -> HttpResponse:
    """Into the spool. What only the database knows (services, places) is looked at when it is numbered."""
    verdict = take_alone("open311", str(key.pk), last_option("open311_per_minute"), MINUTE)
    if not verdict.allowed:
        raise BadRequestError(429, _("Too many reports in a minute; try again in %s seconds.") % verdict.wait)
    deposit = report.deposit(request, key)
    spool.keep(deposit)
    notice = _("We have your report; its number follows. Ask for it by the token.")
    answer = {"token": deposit.token, "service_notice": notice, "account_id": None}
    return reply(form, "service_requests", [answer], 201)


def _post(request: HttpRequest, form: str) -> HttpResponse:
    key = _key(request)
    if key is None:
        raise BadRequestError(403, _("api_key is missing or not known; ask the hotline for one."))
    try:
        limit(request, "open311", str(key.pk))
    except TooManyError as error:
        raise BadRequestError(429, _("Too many reports in a minute; try again in %s seconds.") % error.wait) from None
    by = _app(key)
    ticket = tickets.take(report.read(request, key, by), by=by)
    notice = _("We have your report. Follow it with the code %s.") % ticket.code
    if request.POST.get("media_url", "").strip():
        notice += " " + _("The address in media_url is kept but not opened; send photos as files named media.")
    answer = {"service_request_id": ticket.code, "service_notice": notice, "account_id": None}
    return reply(form, "service_requests", [answer], 201)


def _of_ids(ids: list[str], key: Key | None) -> list[dict[str, object]]:
    """The published ones of these, and those that only their app may know of."""
    canonical = list(dict.fromkeys(code for one in ids if (code := codes.parse(one))))
    rows = words.published_requests(publication.of_codes(canonical))
    if key is not None and len(rows) < len(canonical):
        published = {row["service_request_id"] for row in rows}
        rows += words.own_requests(queries.sent_by(_app(key), [code for code in canonical if code not in published]))
    return rows


def index(request: HttpRequest, form: str) -> HttpResponse:
    """Newest first. Beyond the spec: page_size, page, and a Link header to the next page that stays cheap however
    deep."""
    if ids := _list(request, "service_request_id"):
        if len(ids) > AT_ONCE:
            raise BadRequestError(400, _("Ask for at most %s ids at once.") % AT_ONCE)
        return reply(form, "service_requests", _of_ids(ids, _key(request)))
    size, (since, until) = _size(request), _window(request)
    statuses = _list(request, "status")
    if set(statuses) - {"open", "closed"}:
        raise BadRequestError(400, _("status must be open, closed or both."))
    rows = publication.received(
        since,
        until,
        categories=_list(request, "service_code"),
        states=words.states(statuses) if statuses else (),
        before=codes.parse(request.GET.get("before", "")),
        skip=(_page(request) - 1) * size,
        size=size + 1,
    )
    answer = reply(form, "service_requests", words.published_requests(rows[:size]))
    if len(rows) > size:
        query = request.GET.copy()
        query.pop("page", None)
        query["before"] = rows[size - 1].ticket.code
        query["start_date"], query["end_date"] = since.isoformat(), until.isoformat()
        answer["Link"] = f'<{request.path}?{query.urlencode()}>; rel="next"'
    return answer


@resource("GET", "HEAD")
def request(request: HttpRequest, form: str, code: str) -> HttpResponse:
    rows = _of_ids([code], _key(request))
    if not rows:
        raise BadRequestError(404, _("There is no published request %s.") % code)
    return reply(form, "service_requests", rows)


@resource("GET", "HEAD")
def token(request: HttpRequest, form: str, token: str) -> HttpResponse:
    """The id behind a token that was given while there was no primary, empty as long as there is none. Otherwise we
    answer with ids at once, and an id is its own token."""
    ours = not codes.parse(token)
    if ours and (numbering := spooled.follow_of(token)):
        return reply(form, "service_requests", [{"service_request_id": numbering[0], "token": token}])
    if ours and spooled.kept_at(token):
        return reply(form, "service_requests", [{"service_request_id": None, "token": token}])
    rows = _of_ids([token], _key(request))
    if not rows:
        raise BadRequestError(404, _("There is no request with the token %s.") % token)
    return reply(form, "service_requests", [{"service_request_id": rows[0]["service_request_id"], "token": token}])
