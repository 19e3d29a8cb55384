"""Emergencies that ring: on every page of the staff until a person has them; and the list of all there were."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils.timezone import now
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.models import User
from caunoi.accounts.queries import names
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.directory.queries import option
from caunoi.events.actor import Actor, NotAllowedError
from caunoi.lib.numbers.phone import display
from caunoi.notifications import alarm_push
from caunoi.notifications.push import public_key
from caunoi.tickets.showings import show_contacts
from caunoi.triage import alarms as queries
from caunoi.triage import ringing as actions
from caunoi.triage.models import Alarm
from caunoi.web.access import may_open
from caunoi.web.browsers import browser_wish, refused, standing
from caunoi.web.desk.tabs import tabs
from caunoi.web.errors import or_404
from caunoi.web.notices import place
from caunoi.web.offers import GATES
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import newest
from caunoi.web.static_files import built
from caunoi.web.who import actor

PAGE = 50
OUTCOMES = {
    Alarm.Outcome.REAL: gettext_noop("It was real"),
    Alarm.Outcome.NO_EMERGENCY: gettext_noop("No emergency"),
}


@dataclass(frozen=True, kw_only=True)
class AlarmLine:
    """An alarm as somebody sees it: `words` as far as they may read them, `code` and `url` of where it leads, `holder`
    who has it, `lasted` until somebody had it, `judges` whether this one may say what it was."""

    row: Alarm
    gate: str
    words: str
    phone: str
    icon: str
    channel: str
    code: str
    url: str
    holder: str
    lasted: timedelta
    outcome: str
    judges: bool


@dataclass(frozen=True, kw_only=True)
class RingingPage(Page):
    """What rings with somebody now, and what has just been taken; `note`: what became of the press before."""

    template = "desk/_alarms.html"

    ringing: Sequence[AlarmLine]
    lately: Sequence[AlarmLine]
    note: str


@dataclass(frozen=True, kw_only=True)
class AlarmsPage(Page):
    template = "desk/alarms.html"

    rows: Sequence[AlarmLine]
    tabs: list[Tab]
    older: str
    seconds: int


def _url(row: Alarm, by: Actor) -> str:
    if row.restricted:
        return "/confidential/"
    if row.ticket is not None:
        return place(by, row.ticket.code)
    return f"/desk/conversations/{row.conversation_id}/" if may_open(by, "desk:conversation") else ""


def _lines(rows: Sequence[Alarm], by: Actor, where: str) -> list[AlarmLine]:
    texts, people = queries.words(rows, by), names({row.acknowledged_by for row in rows if row.acknowledged_by})
    readable = queries.open_threads(rows, by)
    show_contacts([row.conversation.contact for row in rows if row.conversation_id in readable], by=by, place=where)
    return [_line(row, by, texts.get(row.pk, ""), people, readable) for row in rows]


def _line(row: Alarm, by: Actor, words: str, people: dict[str, str], readable: set[int]) -> AlarmLine:
    number = row.conversation.contact.phone if row.conversation_id in readable else ""
    channel = row.conversation.inbox.channel
    return AlarmLine(
        row=row,
        gate=str(GATES[row.gate]),
        words="" if row.restricted else words,
        phone=display(number) if number else "",
        icon=channel_icon(channel),
        channel=channel_name(channel),
        code=row.ticket.code if row.ticket and not row.restricted else "",
        url=_url(row, by),
        holder=people.get(row.acknowledged_by, row.acknowledged_by),
        lasted=(row.acknowledged or now()) - row.raised,
        outcome=_(OUTCOMES[Alarm.Outcome(row.outcome)]) if row.outcome else "",
        judges=queries.rings_for(row, by),
    )


def _ringing(request: HttpRequest, note: str = "") -> HttpResponse:
    by = actor(request)
    page = RingingPage(
        ringing=_lines(queries.ringing(by), by, "alarm"),
        lately=_lines(queries.acknowledged_lately(by), by, "alarm"),
        note=note,
    )
    return render_page(request, page)


def ringing(request: HttpRequest) -> HttpResponse:
    """The part of every page that rings."""
    return _ringing(request)


def listing(request: HttpRequest) -> HttpResponse:
    """All alarms, the newest first: since when, who had it when, and what it was."""
    by = actor(request)
    rows, older = newest(request, queries.alarms(by).filter(first=None), PAGE)
    seconds = int(option("alarm_seconds"))
    page = AlarmsPage(rows=_lines(rows, by, "alarms"), tabs=tabs("alarms", by), older=older, seconds=seconds)
    return render_page(request, page)


def _visible(request: HttpRequest, pk: int) -> Alarm:
    return or_404(queries.alarms(actor(request)).filter(pk=pk).first())


def _answer(request: HttpRequest, note: str = "") -> HttpResponse:
    return _ringing(request, note) if "HX-Request" in request.headers else redirect("desk:alarms")


def push(request: HttpRequest) -> HttpResponse:
    """This browser rings though no page is open. GET: our public key, to subscribe with. POST: a PushSubscription as
    JSON, as a citizen's; `asks`: whether it rings for this person. 422 for what is none."""
    if request.method != "POST":
        return JsonResponse({"key": public_key()}, headers={"Cache-Control": "no-store"})
    user = request.user
    assert isinstance(user, User)
    try:
        wish = browser_wish(request)
        if wish.asks:
            return standing(on=alarm_push.is_subscribed(user, wish.endpoint))
        if wish.off:
            alarm_push.unsubscribe(user, wish.endpoint, wish.before)
        else:
            language = get_language() or "vi"
            alarm_push.subscribe(user, wish.endpoint, wish.p256dh, wish.auth, language, before=wish.before)
    except ValueError:
        return refused()
    return standing(on=not wish.off)


def worker(_request: HttpRequest) -> HttpResponse:
    """What shows it in the browser: it looks at no page."""
    return HttpResponse(built("assets/js/alarm-worker.js"), "text/javascript", headers={"Cache-Control": "no-cache"})


@require_POST
def acknowledge(request: HttpRequest, pk: int) -> HttpResponse:
    """I have it."""
    by, row = actor(request), _visible(request, pk)
    try:
        mine = actions.acknowledge(row, by=by)
    except NotAllowedError:
        raise Http404 from None
    if mine:
        return _answer(request)
    row.refresh_from_db()
    holder = names({row.acknowledged_by}).get(row.acknowledged_by, row.acknowledged_by)
    return _answer(request, _("%(holder)s was faster and has it.") % {"holder": holder})


@require_POST
def judge(request: HttpRequest, pk: int) -> HttpResponse:
    """It was real, or no emergency."""
    try:
        actions.judge(_visible(request, pk), request.POST.get("outcome", ""), by=actor(request))
    except (NotAllowedError, ValueError):
        raise Http404 from None
    return _answer(request)
