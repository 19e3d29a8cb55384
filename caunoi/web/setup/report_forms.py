"""What official reports look like and say: a form of each kind, in versions, with the paper beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST

from caunoi.conversations.queries.channels import channel_names
from caunoi.directory.queries import option
from caunoi.events.queries import history
from caunoi.reports import actions, compose, examples, named, prose, queries, recalls, spans
from caunoi.reports.actions import UnknownNamesError
from caunoi.reports.figures import turn
from caunoi.reports.models import Form
from caunoi.reports.paper import PaperLayout
from caunoi.tickets.lifecycle import NotPossibleError
from caunoi.web.board.reports import OfferedMeasure, offered, unreadable
from caunoi.web.labels import REPORT_KIND
from caunoi.web.page import Page, render_page
from caunoi.web.setup.page import done, form_page, saving
from caunoi.web.who import actor


@dataclass(frozen=True, kw_only=True)
class ReportFormLine:
    """A kind of report with the form in force and every version of it."""

    kind: str
    label: str
    form: Form
    versions: list[Form]


@dataclass(frozen=True, kw_only=True)
class SeriesLine:
    """The next number of a series, and the least that it may be."""

    series: str
    year: int
    next: int
    least: int


@dataclass(frozen=True, kw_only=True)
class ReportFormsPage(Page):
    template = "setup/report_forms.html"

    rows: list[ReportFormLine]
    numbers: list[SeriesLine]


@dataclass(frozen=True, kw_only=True)
class ReportPreviewPage(Page):
    """The paper as it would be, or the `trouble` with the text; and the names that the text may hold."""

    template = "setup/_report_form.html"

    trouble: str
    paper: PaperLayout | None
    words: Sequence[str] = compose.WORDS
    blocks: Sequence[str] = compose.BLOCKS
    measures: Sequence[OfferedMeasure]


def listing(request: HttpRequest) -> HttpResponse:
    rows = [
        ReportFormLine(kind=kind, label=_(label), form=queries.form(kind), versions=list(queries.forms(kind)))
        for kind, label in REPORT_KIND.items()
    ]
    year = localdate().year
    numbers = [
        SeriesLine(
            series=series,
            year=year,
            next=queries.register(series, year)[0] + 1,
            least=queries.register(series, year)[1] + 1,
        )
        for series in sorted({queries.form(kind).series for kind in REPORT_KIND})
    ]
    return render_page(request, ReportFormsPage(rows=rows, numbers=numbers))


@require_POST
def begin_at(request: HttpRequest) -> HttpResponse:
    """The next number of a series, this year."""
    series, number = request.POST.get("series", ""), request.POST.get("number", "")
    in_use = {queries.form(kind).series for kind in REPORT_KIND}
    try:
        if series not in in_use or not (number.isdecimal() and number.isascii()):
            raise NotPossibleError("number")
        recalls.begin_at(series, localdate().year, int(number[:9]), by=actor(request))
    except NotPossibleError:
        messages.error(request, _("Please give a number above all that reports of this year bear."))
        return redirect("setup:report-forms")
    return done(request, "setup:report-forms", message=_("The next report bears this number."))


def _text(label: Any, help_text: Any = "", rows: int = 2, *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        help_text=help_text,
        required=required,
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": rows}),
    )


class ReportTemplateForm(forms.Form):
    superior = _text(gettext_lazy("Superior office"), gettext_lazy("On top on the left."), 1, required=False)
    issuer = _text(gettext_lazy("Who issues it"), rows=2)
    series = forms.CharField(
        label=gettext_lazy("Series of numbers"),
        max_length=40,
        help_text=gettext_lazy("What follows the number, like BC-IOC. Each series counts from 1 every year."),
    )
    place = forms.CharField(label=gettext_lazy("Place before the date"), max_length=80)
    name = forms.CharField(label=gettext_lazy("Kind of paper"), max_length=80)
    about = _text(gettext_lazy("Subject"), rows=2)
    body = _text(gettext_lazy("Text of the report"), rows=20)
    recipients = _text(gettext_lazy("Recipients"), gettext_lazy("One a line."), 4, required=False)
    signs = _text(gettext_lazy("Signs as"), gettext_lazy("Capacity and office, one a line."), 2, required=False)
    signer = forms.CharField(label=gettext_lazy("Who signs"), max_length=120, required=False)

    def clean(self) -> dict[str, Any]:
        for name in READ:
            if trouble := _trouble(self.cleaned_data.get(name, "")):
                self.add_error(name, trouble)
        return self.cleaned_data


READ = ("body", "about")  # in which figures are named


def _trouble(text: str) -> str:
    """What of a text means nothing; empty where all of it does."""
    try:
        actions.check(text)
    except UnknownNamesError as error:
        return unreadable(error)
    return ""


def _seen(kind: str, fields: dict[str, str]) -> PaperLayout:
    """A form's paper, on examples."""
    one = spans.latest(spans.Kind(kind), now(), turn())[0]
    compared = {"before": spans.before(one, turn()), "year_before": spans.year_before(one, turn())}
    with override("vi"):
        measures = named.measures(f"{fields['body']} {fields['about']}")
        read = examples.reading(now().isoformat(), compared["before"].code, _("Agency A"), _("Agency B"), measures)
        text = prose.summary(read, one, compared, hotline=option("hotline_name"), small=option("small_number"))
        return compose.paper(
            compose.Material(
                head=fields,
                body=fields["body"],
                signer=fields["signer"],
                span=one,
                compared=compared,
                figures=read,
                summary=text,
                hotline=option("hotline_name"),
                small=option("small_number"),
                way="",
                names=channel_names(),
            )
        )


def edit(request: HttpRequest, kind: str) -> HttpResponse:
    """A new version of a form, from the one in force or from an older one (`?from=`)."""
    if kind not in REPORT_KIND:
        raise Http404
    old = queries.form(kind)
    if (base := request.GET.get("from", "")).isdecimal():
        old = queries.forms(kind).filter(version=int(base)).first() or old
    form = ReportTemplateForm(request.POST or None, initial=queries.form_fields(old))
    if saving(request, form):
        row = actions.write_form(kind, by=actor(request), **{name: form.cleaned_data[name] for name in queries.FIELDS})
        message = _("Version %(version)s is in force for the next report.") % {"version": row.version}
        return done(request, "setup:report-forms", event=history(row).last(), message=message)
    typed = {name: form[name].value() or "" for name in queries.FIELDS}
    trouble = next((words for name in READ if (words := _trouble(typed[name]))), "")
    return form_page(
        request,
        form,
        title=_("Form: %(kind)s report") % {"kind": _(REPORT_KIND[kind]).lower()},
        back="setup:report-forms",
        effect=ReportPreviewPage(trouble=trouble, paper=None if trouble else _seen(kind, typed), measures=offered()),
        save=_("Put this version in force"),
        lead=_("Reports already made keep their form. The figures beside it are examples."),
        wide=True,
    )
