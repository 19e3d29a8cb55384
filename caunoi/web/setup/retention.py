"""How long which data is kept, what the next night would delete, and what must not be deleted."""

from dataclasses import dataclass
from datetime import datetime

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST

from caunoi.conversations.actions.drafts import DRAFT_DAYS
from caunoi.directory.queries import option
from caunoi.drafts.actions import LIFE
from caunoi.imports.actions.batches import KEEP
from caunoi.lib.numbers import codes
from caunoi.privacy import keeping, queries
from caunoi.privacy.models import Hold, Term
from caunoi.privacy.retention import TERMS, TermSpec, due
from caunoi.web.access import may_open
from caunoi.web.errors import or_404
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class TermLine:
    """A kind of data; `count` and `oldest` of what the next night would delete, were it switched on."""

    kind: str
    label: str
    length: str
    row: Term
    source: str
    count: int
    oldest: datetime | None


@dataclass(frozen=True, kw_only=True)
class FixedTerm:
    """What is deleted by itself, whatever is set here."""

    label: str
    length: str


@dataclass(frozen=True, kw_only=True)
class HoldLine:
    row: Hold
    about: str


@dataclass(frozen=True, kw_only=True)
class RetentionPage(Page):
    template = "setup/retention.html"

    rows: list[TermLine]
    may_edit: bool
    fixed: list[FixedTerm]
    holds: list[HoldLine]


def _length(days: int) -> str:
    """A term as a person says it: in years where it is whole years."""
    years, rest = divmod(days, 365)
    if years and not rest:
        return ngettext("%(years)s year", "%(years)s years", years) % {"years": years}
    return ngettext("%(days)s day", "%(days)s days", days) % {"days": days}


def fixed_terms() -> list[FixedTerm]:
    return [
        FixedTerm(label=_("Reports that were begun and not sent"), length=_length(DRAFT_DAYS)),
        FixedTerm(label=_("What the staff typed and did not send"), length=_length(LIFE.days)),
        FixedTerm(label=_("Pictures that nobody used"), length=_length(int(option("orphan_days")))),
        FixedTerm(label=_("Imported spreadsheets"), length=_length(KEEP.days)),
    ]


def term_line(spec: TermSpec) -> TermLine:
    row = keeping.term(spec.kind)
    waiting = due(spec, row.days)
    return TermLine(
        kind=spec.kind,
        label=_(spec.label),
        length=_length(row.days),
        row=row,
        source=row.source or _(spec.source),
        count=waiting.count,
        oldest=waiting.oldest,
    )


def listing(request: HttpRequest) -> HttpResponse:
    page = RetentionPage(
        rows=[term_line(spec) for spec in TERMS.values()],
        may_edit=may_open(actor(request), "setup:term"),
        fixed=fixed_terms(),
        holds=[HoldLine(row=row, about=_about(row)) for row in queries.holds()],
    )
    return render_page(request, page)


def _about(row: Hold) -> str:
    closed = _("a restricted ticket")
    if row.ticket:
        return queries.code_of(row.ticket) or closed
    contact = row.contact or 0
    codes = ", ".join(queries.codes_of(contact))
    return codes or (closed if queries.has_tickets(contact) else _("a person without tickets"))


class TermForm(forms.Form):
    days = forms.IntegerField(label=gettext_lazy("Kept for so many days"), min_value=1, max_value=36_500)
    source = forms.CharField(
        label=gettext_lazy("On what ground"),
        max_length=300,
        help_text=gettext_lazy("The article of the law, or the number of the province's own decision."),
    )
    active = forms.BooleanField(
        label=gettext_lazy("Delete it every night once it is older"),
        required=False,
        help_text=gettext_lazy("What is deleted cannot be brought back. What is on hold, or asked about, stays."),
    )


@dataclass(frozen=True, kw_only=True)
class TermEffectPage(Page):
    """What the next night would delete with the days that are typed."""

    template = "setup/_term.html"

    count: int
    oldest: datetime | None


def edit(request: HttpRequest, kind: str) -> HttpResponse:
    spec, row = or_404(TERMS.get(kind)), keeping.term(kind) if kind in TERMS else None
    assert row
    form = TermForm(request.POST or None, initial={"days": row.days, "source": row.source, "active": row.active})
    form.fields["days"] = forms.IntegerField(
        label=form.fields["days"].label, min_value=spec.least, max_value=36_500, initial=row.days
    )
    if saving(request, form):
        keeping.set_term(kind, by=actor(request), **form.cleaned_data)
        return done(request, "setup:retention")
    days = form.cleaned_data.get("days", row.days) if form.is_bound and form.is_valid() else row.days
    waiting = due(spec, days)
    return form_page(
        request,
        form,
        title=_(spec.label),
        back="setup:retention",
        lead=_("The product proposes %(days)s days.") % {"days": spec.days},
        effect=TermEffectPage(count=waiting.count, oldest=waiting.oldest),
    )


class HoldForm(forms.Form):
    code = forms.CharField(label=gettext_lazy("Ticket code"), max_length=20)
    reason = forms.CharField(
        label=gettext_lazy("Why nothing of it may be deleted"),
        max_length=300,
        help_text=gettext_lazy("An inspection, a court, a dispute. Everything of its citizen is kept meanwhile."),
    )


def hold(request: HttpRequest) -> HttpResponse:
    form = HoldForm(request.POST or None)
    if saving(request, form):
        ticket = queries.coded(codes.parse(form.cleaned_data["code"]) or "")
        if ticket is None:
            form.add_error("code", _("There is no such ticket."))
        else:
            keeping.put_hold(form.cleaned_data["reason"], by=actor(request), ticket=ticket.pk)
            return done(request, "setup:retention", message=_("Nothing of it is deleted from now on."))
    return form_page(request, form, title=_("Hold from deletion"), back="setup:retention")


@require_POST
def release(request: HttpRequest, pk: int) -> HttpResponse:
    keeping.end_hold(or_404(queries.hold(pk)), by=actor(request))
    return done(request, "setup:retention", message=_("The hold has ended."))
