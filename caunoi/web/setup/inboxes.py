"""The accounts by which people reach the hotline: set up, tested, switched off, and what came in unreadable."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.accounts.service_accounts import needs_second
from caunoi.calls import exchange, pbx
from caunoi.calls import queries as calls
from caunoi.calls.models import Link
from caunoi.channels.adapters.phone import Phone
from caunoi.channels.base import Channel, DeliveryError, Sent
from caunoi.channels.registry import channel, channels
from caunoi.conversations import actions, queries
from caunoi.conversations.mailbox import client
from caunoi.conversations.models import Inbox, Receipt
from caunoi.conversations.queries.channels import channel_icon, channel_name
from caunoi.events.actor import NotAllowedError
from caunoi.events.queries import history
from caunoi.host.finding import Finding, Text
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.setup import changes
from caunoi.web.setup.changes import ChangeLine
from caunoi.web.setup.inbox_form import InboxForm
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.setup.ready import FindingGroup, by_part
from caunoi.web.who import actor

MOST = 50
HISTORY = 8
EXAMINED = {"running": Text("Whether the exchange does its work")}


@dataclass(frozen=True, kw_only=True)
class InboxLine:
    inbox: Inbox
    channel: str
    icon: str


@dataclass(frozen=True)
class InboxesPage(Page):
    template = "setup/inboxes.html"

    rows: list[InboxLine]


@dataclass(frozen=True, kw_only=True)
class ChannelLine:
    """A channel of which an inbox can be added."""

    key: str
    label: str
    icon: str


@dataclass(frozen=True)
class InboxChoicePage(Page):
    template = "setup/inbox_new.html"

    rows: list[ChannelLine]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """A test message: to whom, and what the provider says."""

    to: str = ""
    sent: Sent | None = None
    error: str = ""


@dataclass(frozen=True, kw_only=True)
class Exchange:
    """How a telephone exchange reaches us: by the bridge's link to an Asterisk, else by calling the address `cti` with
    a key."""

    asterisk: bool = False
    link: Link | None = None
    linked: bool = False
    cti: str = ""
    cti_key: str = ""


@dataclass(frozen=True, kw_only=True)
class InboxPage(Page):
    """An inbox, how it works, and the newest of what nobody could read; `hook` is the address that its provider calls,
    `ready` says that it can send, `switches` that it can be switched off, `examined` what an exchange was just found
    to do."""

    template = "setup/inbox.html"

    inbox: Inbox
    channel: str
    rows: Iterable[Receipt]
    most: int
    adapter: Channel | None
    switches: bool
    hook: str
    ready: bool
    forged: int
    queued: int
    trial: Trial
    exchange: Exchange
    examined: list[FindingGroup]
    changes: list[ChangeLine]


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        InboxLine(inbox=box, channel=channel_name(box.channel), icon=channel_icon(box.channel))
        for box in queries.inboxes()
    ]
    return render_page(request, InboxesPage(rows))


def switches(key: str) -> bool:
    """Whether an inbox of this channel can be switched off; one that needs nothing is a door of the product's own."""
    adapter = channel(key)
    return adapter is not None and bool(adapter.needs)


def addable() -> list[str]:
    """The channels of which an inbox can be added: a door of the product's own only once."""
    in_use = queries.channels_in_use()
    return [key for key in channels() if switches(key) or key not in in_use]


def _get_inbox(name: str) -> Inbox:
    return or_404(queries.boxes().get(name))


def page(
    request: HttpRequest,
    name: str,
    *,
    trial: Trial | None = None,
    examined: Iterable[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    box = or_404(queries.inboxes().filter(name=name).first())
    adapter = channel(box.channel)
    content = InboxPage(
        inbox=box,
        channel=channel_name(box.channel),
        rows=queries.unread(name)[:MOST],
        most=MOST,
        adapter=adapter,
        switches=switches(box.channel),
        hook=f"{settings.PUBLIC_URL}/hooks/{box.name}/" if adapter and adapter.webhook else "",
        ready=queries.sends(box),
        forged=queries.forged_lately(box),
        queued=queries.waiting_to_go(box),
        trial=trial or Trial(),
        exchange=_exchange(box),
        examined=by_part(examined, EXAMINED),
        changes=changes.change_lines(list(history(box).order_by("-id")[:HISTORY])),
    )
    return render_page(request, content, status=status)


def _exchange(box: Inbox) -> Exchange:
    if box.channel != Phone.key:
        return Exchange()
    if box.config.get("host"):
        return Exchange(asterisk=True, link=calls.link(box), linked=calls.linked(box))
    return Exchange(cti=f"{settings.PUBLIC_URL}/cti/", cti_key=box.config.get("cti_key", ""))


@require_POST
def examine(request: HttpRequest, name: str) -> HttpResponse:
    """Sign in to the exchange and look; it calls its own echo."""
    box = _get_inbox(name)
    ami = pbx.ami(calls.settings(box)) if box.channel == Phone.key else None
    if ami is None:
        raise Http404
    return page(request, name, examined=exchange.examine(box, ami, call=True))


def choose(request: HttpRequest) -> HttpResponse:
    """Which kind of inbox is added."""
    rows = [ChannelLine(key=key, label=channel_name(key), icon=channel_icon(key)) for key in addable()]
    return render_page(request, InboxChoicePage(rows))


def add(request: HttpRequest, key: str) -> HttpResponse:
    adapter = channel(key)
    if adapter is None or key not in addable():
        raise Http404
    form = InboxForm(adapter, request.POST or None)
    if saving(request, form):
        d = form.cleaned_data
        box = actions.add_inbox(
            d["name"], key, d["label"], config=form.config(), secrets=form.secrets(), by=actor(request)
        )
        messages.success(request, _("Saved. Now send yourself a test, and give the provider our address."))
        return redirect("setup:inbox", box.name)
    return form_page(
        request,
        form,
        title=_("New inbox: %(channel)s") % {"channel": channel_name(key)},
        back="setup:inboxes",
        wide=True,
        lead=_("Secrets are stored and never shown again."),
    )


def edit(request: HttpRequest, name: str) -> HttpResponse:
    box = _get_inbox(name)
    adapter = or_404(channel(box.channel))
    form = InboxForm(adapter, request.POST or None, box=box)
    if saving(request, form):
        event = actions.edit_inbox(
            box, by=actor(request), label=form.cleaned_data["label"], config=form.config(), secrets=form.secrets()
        )
        if event and event.data.get("moved") and needs_second(actor(request)):
            messages.warning(
                request,
                _("It leads to another server now and is off: another administrator looks and switches it on."),
            )
        return done(request, "setup:inbox", box.name, event=event)
    return form_page(
        request,
        form,
        title=_("Set up %(name)s") % {"name": box.label or box.name},
        back="setup:inboxes",
        wide=bool(adapter.needs),
        lead=_("Secrets are stored and never shown again; leave a field empty to keep the current value.")
        if adapter.needs
        else "",
    )


@require_POST
def switch(request: HttpRequest, name: str) -> HttpResponse:
    box, on = _get_inbox(name), request.POST.get("do") == "on"
    if not switches(box.channel):
        raise Http404
    try:
        event = actions.switch_inbox(box, on, by=actor(request))
    except NotAllowedError:
        messages.error(
            request, _("You led it to another server yourself: another administrator looks and switches it on.")
        )
        return redirect("setup:inbox", box.name)
    message = _("It is in use again.") if on else _("Switched off: nothing comes in and nothing goes out by it.")
    return done(request, "setup:inbox", box.name, event=event, message=message)


@require_POST
def read_again(request: HttpRequest, name: str) -> HttpResponse:
    box = _get_inbox(name)
    count = actions.read_again(box, by=actor(request))
    return done(request, "setup:inbox", box.name, message=_("%(count)s are being read again.") % {"count": count})


@require_POST
def try_out(request: HttpRequest, name: str) -> HttpResponse:
    """Send a test message, and show what the provider says."""
    box, to = _get_inbox(name), request.POST.get("to", "").strip()[:320]
    if not to:
        return page(request, name, trial=Trial(error=_("To whom? Give an address.")), status=422)
    text = _("This is a test of %(name)s. You need not reply.") % {"name": box.label or box.name}
    try:
        with client() as http:
            sent = actions.try_inbox(box, to, text, http, by=actor(request))
    except DeliveryError as error:
        return page(request, name, trial=Trial(error=str(error), to=to), status=422)
    return page(request, name, trial=Trial(sent=sent, to=to))
