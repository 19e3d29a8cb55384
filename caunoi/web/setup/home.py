"""Where setup begins, and everything that was ever changed in it."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from caunoi.events.queries import event, latest
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cut, id_in
from caunoi.web.setup import changes
from caunoi.web.setup.changes import ChangeLine
from caunoi.web.setup.undo import undo as take_back
from caunoi.web.setup.words import SUBJECTS
from caunoi.web.who import actor

PAGE = 50
CARDS = (
    (
        "setup:ready",
        "list-checks",
        gettext_noop("Ready?"),
        gettext_noop("What is set up and what is missing; opens the portal"),
    ),
    (
        "setup:system",
        "activity",
        gettext_noop("The system"),
        gettext_noop("What works and what does not, tasks, release"),
    ),
    (
        "setup:options",
        "settings",
        gettext_noop("Numbers and names"),
        gettext_noop("The hotline's name and hours, limits, time to reopen"),
    ),
    ("setup:texts", "file-text", gettext_noop("Texts"), gettext_noop("What citizens agree to, in versions")),
    (
        "setup:categories",
        "tag",
        gettext_noop("Categories"),
        gettext_noop("What people report about, and what follows from it"),
    ),
    ("setup:targets", "timer", gettext_noop("Deadlines"), gettext_noop("How long each step may take")),
    (
        "setup:rules",
        "route",
        gettext_noop("Who is competent"),
        gettext_noop("Which agency is proposed for what, where and when"),
    ),
    (
        "setup:ladder",
        "bell",
        gettext_noop("Who is notified when a deadline is missed"),
        gettext_noop("Reminders, and who hears of what is overdue"),
    ),
    (
        "setup:alerts",
        "bell",
        gettext_noop("Alerts"),
        gettext_noop("What is watched, and who is notified when it goes wrong"),
    ),
    (
        "setup:report-forms",
        "file-text",
        gettext_noop("Forms of reports"),
        gettext_noop("What official reports look like and say, who signs them"),
    ),
    ("setup:calendars", "calendar", gettext_noop("Calendars"), gettext_noop("Office hours, holidays, swap days")),
    (
        "setup:outages",
        "calendar-clock",
        gettext_noop("Planned outages"),
        gettext_noop("When a channel cannot be reached, announced in time"),
    ),
    ("setup:agencies", "building-2", gettext_noop("Agencies"), gettext_noop("Names, phone numbers, calendars")),
    (
        "setup:reorganisations",
        "landmark",
        gettext_noop("Reorganisations"),
        gettext_noop("Agencies and communes renamed, merged, divided, abolished"),
    ),
    ("setup:people", "users", gettext_noop("People"), gettext_noop("Who may sign in, as what, and for whom")),
    (
        "setup:imports",
        "upload",
        gettext_noop("Import spreadsheets"),
        gettext_noop("Agencies, people, the old hotline's tickets"),
    ),
    ("setup:keys", "lock", gettext_noop("Keys"), gettext_noop("Apps and programs that connect to us")),
    ("setup:inboxes", "inbox", gettext_noop("Inboxes"), gettext_noop("Channels and unreadable messages")),
    (
        "desk:unfinished",
        "triangle-alert",
        gettext_noop("Not done"),
        gettext_noop("Follow-up tasks that failed"),
    ),
)


@dataclass(frozen=True)
class SetupCard:
    view: str
    icon: str
    title: str
    text: str


@dataclass(frozen=True)
class SetupPage(Page):
    template = "setup/home.html"

    cards: list[SetupCard]
    changes: list[ChangeLine]


@dataclass(frozen=True, kw_only=True)
class ChangesPage(Page):
    """Everything that was ever changed, or what was changed `of` one kind of thing; `older` and `newest` are
    addresses."""

    template = "setup/history.html"

    changes: list[ChangeLine]
    chips: list[Tab]
    of: str
    older: str
    newest: str


def show(request: HttpRequest) -> HttpResponse:
    cards = [SetupCard(view, icon, _(title), _(text)) for view, icon, title, text in CARDS]
    return render_page(request, SetupPage(cards, changes.change_lines(latest(list(SUBJECTS), size=6))))


def history(request: HttpRequest) -> HttpResponse:
    subject, before = request.GET.get("of", ""), id_in(request)
    subjects = [subject] if subject in SUBJECTS else list(SUBJECTS)
    rows, older = cut(latest(subjects, before=before, size=PAGE + 1), PAGE, f"of={subject}&")
    page = ChangesPage(
        changes=changes.change_lines(rows),
        chips=[Tab(_(label), f"?of={code}", code == subject) for code, label in SUBJECTS.items()],
        of=subject,
        older=older,
        newest=f"?of={subject}" if before else "",
    )
    return render_page(request, page)


@require_POST
def undo(request: HttpRequest, pk: int) -> HttpResponse:
    """Take one change back, unless something else has been done to the same since."""
    change = event(pk)
    if change is None or change.subject not in SUBJECTS:
        raise Http404
    if take_back(change, by=actor(request)):
        messages.success(request, _("Undone."))
    else:
        messages.error(request, _("It has been changed again since. Please change it there."))
    return redirect(changes.place(change))
