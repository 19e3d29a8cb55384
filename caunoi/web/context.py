"""What every page knows: whose hotline it is, who looks, and where they may go."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi import __version__
from caunoi.accounts.queries import names
from caunoi.accounts.titles import TITLES
from caunoi.checks import every
from caunoi.confidential.queries import may_read
from caunoi.conversations.queries import troubles, writes_to_people
from caunoi.directory.queries import option, province
from caunoi.events.actor import Actor, Role
from caunoi.triage.alarms import rings_from
from caunoi.web.access import WHILE_LOCKED, may_open, must_enrol
from caunoi.web.labels import localised_name, option_text, word
from caunoi.web.reads import AsOf, as_of
from caunoi.web.who import actor


@dataclass(frozen=True)
class Place:
    """A line of a menu: the view, its words (English source), its icon, its shortcut; the views of the pages below it,
    or a whole namespace ("setup:")."""

    view: str
    label: str
    icon: str
    key: str = ""
    below: tuple[str, ...] = ()


CITIZEN = (
    Place("citizen:home", gettext_noop("Home"), "house"),
    Place("citizen:report", gettext_noop("Report"), "megaphone"),
    Place("citizen:procedures", gettext_noop("Procedures"), "file-search"),
    Place("citizen:lookup", gettext_noop("Look up"), "search"),
    Place("citizen:register", gettext_noop("Public register"), "newspaper"),
)
FOOTER = (
    Place("citizen:register", gettext_noop("Published tickets"), ""),
    Place("citizen:near", gettext_noop("Reports near you"), ""),
    Place("citizen:agencies", gettext_noop("Agencies and how they are doing"), ""),
    Place("citizen:channels", gettext_noop("How to reach us"), ""),
    Place("citizen:app", gettext_noop("Report offline"), ""),
    Place("citizen:open-data", gettext_noop("Open data"), ""),
    Place("citizen:log", gettext_noop("The log that nobody can rewrite"), ""),
    Place("citizen:privacy", gettext_noop("Your data and your rights"), "", below=("citizen:privacy-ask",)),
    Place("citizen:helpers", gettext_noop("What machines do here"), ""),
    Place("citizen:accessibility", gettext_noop("Accessibility"), ""),
)
STAFF = (
    Place(
        "desk:queue",
        gettext_noop("Queue"),
        "inbox",
        "g q",
        (
            "desk:ticket",
            "desk:move",
            "desk:say",
            "desk:remark",
            "desk:assign",
            "desk:details",
            "desk:help",
            "desk:why",
            "desk:contact",
        ),
    ),
    Place("desk:new", gettext_noop("New ticket"), "square-pen", "n"),
    Place("desk:calls", gettext_noop("Calls"), "phone", "g c", ("desk:call", "desk:phone", "desk:browser-phone")),
    Place(
        "desk:cockpit",
        gettext_noop("Telephone"),
        "activity",
        "g e",
        ("desk:half-hours", "desk:roster", "desk:workload"),
    ),
    Place("desk:callbacks", gettext_noop("Call back"), "phone-missed", "g k", ("desk:callback", "desk:survey")),
    Place("desk:decide", gettext_noop("To decide"), "scale", "g d", ("desk:openings",)),
    Place(
        "desk:conversations",
        gettext_noop("Conversations"),
        "message-circle",
        "g v",
        (
            "desk:conversation",
            "desk:conversation-say",
            "desk:conversation-make",
            "desk:conversation-link",
            "desk:alarms",
            "desk:undelivered",
            "desk:unfinished",
            "desk:channels",
        ),
    ),
    Place(
        "desk:publish",
        gettext_noop("Publish"),
        "eye",
        "g p",
        ("desk:publish-one", "desk:publish-done", "desk:publish-photo"),
    ),
    Place("procedures:home", gettext_noop("Procedures"), "file-search", "g t", ("procedures:",)),
    Place(
        "agency:list",
        gettext_noop("Our work"),
        "list-checks",
        "g a",
        ("agency:ticket", "agency:move", "agency:note", "agency:why"),
    ),
    Place("agency:directives", gettext_noop("Orders"), "flag", "g o"),
    Place(
        "board:overview",
        gettext_noop("Board"),
        "chart-column",
        "g b",
        (
            "board:outlook",
            "board:ranking",
            "board:measures",
            "board:measure",
            "board:satisfaction",
            "board:tickets",
            "board:ticket",
            "board:why",
        ),
    ),
    Place("board:overdue", gettext_noop("What is slow"), "timer", "g l", ("board:explanations", "board:reminders")),
    Place("board:directives", gettext_noop("Orders"), "flag", "g o", ("board:directive-new",)),
    Place("board:alerts", gettext_noop("Alerts"), "bell", "g w"),
    Place(
        "board:reports",
        gettext_noop("Reports"),
        "file-text",
        "g r",
        ("board:report", "board:report-edit", "board:report-cases"),
    ),
    Place("quality:home", gettext_noop("Quality"), "badge-check", "g y", ("quality:",)),
    Place("quality:mine", gettext_noop("My quality"), "badge-check", "g y", ("quality:",)),
    Place("confidential:home", gettext_noop("In confidence"), "shield-alert", "g f", ("confidential:",)),
    Place("setup:home", gettext_noop("Setup"), "settings", "g s", ("setup:",)),
)


def _leads_to(by: Actor, place: Place) -> bool:
    return may_open(by, place.view) and (place.view != "confidential:home" or may_read(by))


@dataclass(frozen=True)
class Site:
    """Whose hotline it is. `place` is empty before the first run: nobody knows it yet."""

    name: str
    place: str
    hotline: str
    tel: str
    hours: str
    address: str


@dataclass(frozen=True)
class MenuLine:
    """`active` is "page" for the page itself, "true" for one below it."""

    label: str
    url: str
    icon: str
    key: str = ""
    active: str = ""


@dataclass(frozen=True)
class Person:
    name: str
    role: str
    agency: str


@dataclass(frozen=True)
class Health:
    """`url`: where the trouble is seen to, for whoever may."""

    ok: bool
    text: str
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Common:
    """What a template may ask for beside its page; from `person` on only where somebody is signed in. `as_of`: there
    is no primary, and the page is of an earlier moment; `alarms_from`: the level from which emergencies ring here."""

    site: Site
    demo: bool
    public_url: str
    version: str
    site_nav: Sequence[MenuLine]
    footer_nav: Sequence[MenuLine]
    as_of: AsOf | None = None
    person: Person | None = None
    nav: Sequence[MenuLine] = ()
    acting_for: str = ""
    idle_minutes: int = 0
    live_url: str = ""
    palette_url: str = ""
    desk_phone: bool = False
    watches_phones: bool = False
    alarms_from: int | None = None
    health: Health | None = None
    user_links: Sequence[MenuLine] = ()


def _below(place: Place, here: str) -> bool:
    return here in place.below or f"{here.partition(':')[0]}:" in place.below


def _line(place: Place, here: str) -> MenuLine:
    active = "page" if here == place.view else "true" if _below(place, here) else ""
    return MenuLine(_(place.label), reverse(place.view), place.icon, place.key, active)


def _health(by: Actor) -> Health:
    """The quiet line of the staff's pages: which channels do not work; for administrators, whether anything does
    not."""
    if by.has(Role.ADMIN) and every.health()[0] != "ok":
        return Health(ok=False, text=_("Some of the work has stopped"))
    bad = troubles()
    if not bad and not writes_to_people():
        url = reverse("setup:inboxes") if by.has(Role.ADMIN) else ""
        return Health(ok=False, text=_("No channel is set up yet"), url=url)
    return Health(ok=not bad, text=_("Not working: %(names)s") % {"names": ", ".join(bad)} if bad else "")


def page(request: HttpRequest) -> dict[str, Any]:
    """The fields of Common by name, as Django wants them."""
    return vars(_common(request))


def _common(request: HttpRequest) -> Common:
    here = request.resolver_match.view_name if request.resolver_match else ""
    user = getattr(request, "user", None)
    there = option("portal_open") or (user is not None and user.is_authenticated)
    common = Common(
        site=Site(
            name=option_text("hotline_name"),
            place=option_text("place") if province() else "",
            hotline=option("hotline_phone"),
            tel=option("hotline_phone"),
            hours=option_text("hours"),
            address=option_text("address"),
        ),
        demo=settings.DEMO,
        public_url=settings.PUBLIC_URL,
        version=__version__,
        site_nav=_lazy(lambda: [_line(place, here) for place in CITIZEN if there]),
        footer_nav=_lazy(lambda: [_line(place, here) for place in FOOTER if there]),
        as_of=as_of(request),
    )
    if user is None or not user.is_authenticated:
        return common
    by = actor(request)
    role = next(iter(by.roles), "")
    common = replace(common, person=Person(str(user), word(TITLES, role), localised_name(user.agency)))
    if user.one_time or not role or must_enrol(request):  # nothing is open to them yet
        return common
    return replace(
        common,
        nav=[_line(place, here) for place in STAFF if _leads_to(by, place)],
        acting_for=names({by.name}).get(by.name, "") if by.behalf_id else "",  # a deputy reads it on every page
        idle_minutes=0 if here in WHILE_LOCKED else int(option("idle_minutes")),
        live_url="/live",
        palette_url=reverse("desk:find"),
        desk_phone=may_open(by, "desk:phone"),
        watches_phones=may_open(by, "desk:presence-of"),
        alarms_from=rings_from(by) if may_open(by, "desk:alarms-ringing") else None,
        health=_lazy(lambda: _health(by)),
        user_links=[
            MenuLine(_("Leave and deputies"), reverse("away"), "users"),
            MenuLine(_("Devices"), reverse("sessions"), "monitor"),
            MenuLine(_("How I sign in"), reverse("factors"), "shield-check"),
            MenuLine(_("Change the password"), reverse("password"), "lock"),
            *(
                [MenuLine(_("Personal data"), reverse("setup:privacy"), "shield-check")]
                if may_open(by, "setup:privacy")
                else []
            ),
        ],
    )


def _lazy(made: Callable[[], Any]) -> Any:
    """Made only on the pages that show it."""
    return SimpleLazyObject(made)
