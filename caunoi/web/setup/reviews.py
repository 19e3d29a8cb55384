"""The list of all accounts, looked through twice a year: who is still here, and needs what they may do? On the page, on
paper, as a table."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from caunoi.accounts import disuse, factors, queries
from caunoi.accounts.models import User
from caunoi.accounts.titles import TITLES
from caunoi.directory.queries import option
from caunoi.lib.vietnamese.writing import sort_key
from caunoi.web.labels import localised_name, word
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done
from caunoi.web.sheets import export, sheet
from caunoi.web.who import actor

HEADING = (
    gettext_noop("User name"),
    gettext_noop("Full name"),
    gettext_noop("Role"),
    gettext_noop("Agency"),
    gettext_noop("Account"),
    gettext_noop("Last used"),
    gettext_noop("Open sessions"),
    gettext_noop("Programs"),
    gettext_noop("Second factor"),
    gettext_noop("Custodian"),
)


@dataclass(frozen=True, kw_only=True)
class ReviewLine:
    """An account; `state` open, closed or closed for disuse, `used` when it was last, `programs` those it answers
    for; `factor` what is shown besides a password."""

    user: User
    role: str
    agency: str
    state: str
    is_open: bool
    used: datetime | None
    is_unused: bool
    sessions: int
    programs: str
    factor: str
    is_custodian: bool


@dataclass(frozen=True, kw_only=True)
class ReviewPage(Page):
    """All accounts; `due`: the last review is longer ago than it may be."""

    template = "setup/review.html"

    rows: list[ReviewLine]
    last: datetime | None
    due: bool
    days: int


def _lines() -> list[ReviewLine]:
    limit = now() - timedelta(days=int(option("unused_days")) or 36_500)
    result = []
    use, (passkeys, apps) = queries.latest_use(), factors.owners()
    for user in queries.everyone().prefetch_related("service_accounts"):
        seen, count = use.get(user.pk, (None, 0))
        used = max(filter(None, (user.last_login, seen)), default=None)
        state = _("open") if user.is_active else _("closed: nobody used it") if user.disuse else _("closed")
        result.append(
            ReviewLine(
                user=user,
                role=word(TITLES, user.role),
                agency=localised_name(user.agency),
                state=state,
                is_open=user.is_active,
                used=used,
                is_unused=user.is_active and (used or user.date_joined) < limit,
                sessions=count,
                programs=", ".join(account.name for account in user.service_accounts.all()),
                factor=", ".join(
                    label for label, ids in ((_("passkey"), passkeys), (_("code app"), apps)) if user.pk in ids
                ),
                is_custodian=user.custodian,
            )
        )
    return sorted(result, key=lambda line: (not line.is_open, sort_key(line.agency), sort_key(line.user.full_name)))


def show(request: HttpRequest) -> HttpResponse:
    """The list; a post says that this administrator has looked through it."""
    lines = _lines()
    if request.method == "POST":
        disuse.review(sum(line.is_open for line in lines), by=actor(request))
        return done(request, "setup:people-review", message=_("Written down: you have reviewed all accounts."))
    last, days = disuse.last_review(), int(option("review_days"))
    due = last is None or last < now() - timedelta(days=days)
    return render_page(request, ReviewPage(rows=lines, last=last, due=due, days=days))


def table(request: HttpRequest) -> HttpResponseBase:
    rows = (
        (
            line.user.username,
            line.user.full_name,
            line.role,
            line.agency,
            line.state,
            line.used,
            line.sessions,
            line.programs,
            line.factor or _("none yet"),
            _("Custodian") if line.is_custodian else "",
        )
        for line in _lines()
    )
    return sheet(export(request, "csv"), "accounts", [_(name) for name in HEADING], rows, by=actor(request))
