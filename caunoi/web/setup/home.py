"""The first page of setup, and the history of all changes."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from caunoi.events.actor import NotAllowedError
from caunoi.events.queries import event, latest
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import cut, id_in
from caunoi.web.setup import changes
from caunoi.web.setup.changes import ChangeLine
from caunoi.web.setup.undo import undo as take_back
from caunoi.web.setup.words import CARDS, SUBJECTS
from caunoi.web.who import actor

PAGE = 50


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
    try:
        undone = take_back(change, by=actor(request))
    except NotAllowedError:
        messages.error(request, _("Only another administrator can take this back."))
        return redirect(changes.place(change))
    if undone:
        messages.success(request, _("Undone."))
    else:
        messages.error(request, _("It has been changed again since. Please change it there."))
    return redirect(changes.place(change))
