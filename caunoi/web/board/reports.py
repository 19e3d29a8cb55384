"""Official reports: drafted from the figures, edited, reviewed, signed off with a number, handed out."""

from dataclasses import dataclass, replace

from django import forms
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.timezone import localdate, now
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, override
from django.views.decorators.http import require_POST

from caunoi.accounts.queries import names
from caunoi.drafts.actions import forget
from caunoi.events.actor import Actor
from caunoi.events.models import Event
from caunoi.reports import actions, compose, named, pdf, queries, recalls, saying, sheet, spans, word
from caunoi.reports.actions import OvertakenError, UnknownNamesError
from caunoi.reports.cases import BASE, Case
from caunoi.reports.figures import turn
from caunoi.reports.models import Paper, Recall, Report
from caunoi.reports.paper import PaperLayout
from caunoi.reports.spans import Kind
from caunoi.statistics.measures import MEASURES
from caunoi.statistics.scope import FOUR, NARROW
from caunoi.tickets.lifecycle import MissingDataError, NotAllowedError, NotPossibleError
from caunoi.web.board.measures import BY
from caunoi.web.board.query import PART, name_of
from caunoi.web.drafts import left
from caunoi.web.errors import or_404
from caunoi.web.inputs import text_in
from caunoi.web.labels import REPORT_KIND
from caunoi.web.lines import doors
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in, newest
from caunoi.web.who import actor

TYPES = {"pdf": pdf.TYPE, "docx": word.TYPE, "xlsx": sheet.TYPE}
OFFERED = 12  # spans of a kind to choose from
PAGE = 50
FORMS = (("pdf", "PDF"), ("docx", "Word"), ("xlsx", "Excel"))


@dataclass(frozen=True, kw_only=True)
class OfferedMeasure:
    """A measure that a text may name: what it is called, what it means, and each way to write it with its words."""

    name: str
    title: str
    definition: str
    codes: list[tuple[str, str]]


@dataclass(frozen=True, kw_only=True)
class ReportLine:
    """A report in a list; `recall` says why it is no longer valid, `instead` what stands in its place or what it stands
    in the place of, `signed` who issued it."""

    row: Report
    title: str
    number: str
    recall: Recall | None
    instead: str
    by: str
    signed: str


@dataclass(frozen=True, kw_only=True)
class ReportsPage(Page):
    """`kinds` of reports and the `spans` of the chosen `kind`, for a new one; `whole` unless this reader is for one
    commune only."""

    template = "board/reports.html"

    rows: list[ReportLine]
    older: str
    makes: bool
    whole: bool
    kinds: list[Tab]
    spans: list[tuple[str, str]]
    kind: str


@dataclass(frozen=True, kw_only=True)
class ReportPage(Page):
    """A report as it will look, and what this reader may do with it. `papers` are its files (form, words, file);
    `ahead` is when a draft came to say something else than they do, by `writer`; `replacement` is in its place."""

    template = "board/report.html"
    parts = ("board/report.html#progress",)

    row: Report
    line: ReportLine
    version: str
    ahead: Event | None
    writer: str
    busy: bool
    draft: bool
    paper: PaperLayout | None
    papers: list[tuple[str, str, Paper]]
    makes: bool
    signs: bool
    replacement: Report | None


@dataclass(frozen=True, kw_only=True)
class ReportEditPage(Page):
    """A draft's text beside its paper. Where it was changed meanwhile: `now` is what it says by the `change` of
    `writer`. `words`, `blocks` and `measures` are what may stand in it."""

    template = "board/report_edit.html"
    parts = ("board/report_edit.html#sheet",)

    row: Report
    line: ReportLine
    form: "ReportForm"
    version: str
    draft: str
    change: Event | None
    writer: str
    now: str
    paper: PaperLayout
    words: tuple[str, ...]
    blocks: tuple[str, ...]
    measures: list[OfferedMeasure]


@dataclass(frozen=True, kw_only=True)
class AlteredFilePage(Page):
    template = "board/report_altered.html"

    row: Report
    line: ReportLine


@dataclass(frozen=True, kw_only=True)
class CountedCase:
    """A ticket as a figure counted it; `address` where this reader may open it."""

    case: Case
    agency: str
    category: str
    area: str
    part: str
    address: str


@dataclass(frozen=True, kw_only=True)
class CountedCasesPage(Page):
    """`what` the figure is of, in words."""

    template = "board/report_cases.html"

    row: Report
    line: ReportLine
    count: int
    what: str
    cases: list[CountedCase]
    previous: str
    next: str


def offered() -> list[OfferedMeasure]:
    """The measures that a text may name."""
    ways = {"value": _("Value"), "say": _("Sentence"), "compare": _("Comparison")}
    return [
        OfferedMeasure(
            name=m.name,
            title=_(m.title),
            definition=_(m.definition),
            codes=[
                (f"{{{code}}}", ways.get(code.split()[0]) or _(BY[code.split()[2]])) for code in named.codes(m.name)
            ],
        )
        for m in MEASURES.values()
    ]


def spoken(row: Report) -> str:
    """What a report is about, in the reader's language."""
    return saying.span(queries.span(row))


def listing(request: HttpRequest) -> HttpResponse:
    by, kind = actor(request), request.GET.get("kind", "")
    kind = kind if kind in REPORT_KIND else Kind.REPORT_MONTH.value
    rows, older = newest(request, queries.reports(by), queries.PAGE)
    people = names({row.by for row in rows} | {row.issued_by for row in rows})
    page = ReportsPage(
        rows=[_line(row, people) for row in rows],
        older=older,
        makes=queries.may_make(by),
        whole=by.area_id is None,
        kinds=[Tab(_(words), f"?kind={code}", active=code == kind) for code, words in REPORT_KIND.items()],
        spans=_spans(Kind(kind)),
        kind=kind,
    )
    return render_page(request, page)


def _line(row: Report, people: dict[str, str]) -> ReportLine:
    recall = queries.recall(row) if row.state == Report.State.ISSUED else None
    return ReportLine(
        row=row,
        title=_("Report: %(span)s") % {"span": spoken(row)},
        number=queries.numbered(row) if row.number else "",
        recall=recall,
        instead=queries.recalled(row, recall) if recall else queries.replacing(row),
        by=people.get(row.by, row.by),
        signed=people.get(row.issued_by, row.issued_by),
    )


def _spans(kind: Kind) -> list[tuple[str, str]]:
    """The spans of a kind to report on: the last that are over, then the running one."""
    over = [(one.code, saying.span(one)) for one in spans.latest(kind, now(), turn(), OFFERED)]
    running = spans.around(kind, now(), turn())
    return [*over, (running.code, _("%(span)s, until now") % {"span": saying.span(running)})]


@require_POST
def new(request: HttpRequest) -> HttpResponse:
    kind, code = request.POST.get("kind", ""), request.POST.get("code", "")
    try:
        row = actions.draft(kind, code, by=actor(request))
    except ValueError:
        messages.error(request, _("Please choose a period that has begun."))
        return redirect("board:reports")
    except NotAllowedError:
        messages.error(request, _("Your account can read reports, but not create them."))
        return redirect("board:reports")
    return redirect("board:report", row.pk)


def _get_report(request: HttpRequest, pk: int) -> Report:
    return or_404(queries.report(actor(request), pk))


def show(request: HttpRequest, pk: int) -> HttpResponse:
    """The report as it will look, how far it is, and what can be done with it."""
    row = _get_report(request, pk)
    part = "board/report.html#progress" if request.headers.get("HX-Target") == "progress" else ""
    if part and row.state not in (Report.State.MAKING, Report.State.ISSUING):
        response = HttpResponse(status=204)
        response["HX-Refresh"] = "true"
        return response
    return render_page(request, _page(row, actor(request)), part=part)


def _page(row: Report, by: Actor) -> ReportPage:
    people = names({row.by, row.issued_by})
    papers = queries.papers(row)
    busy = row.state in (Report.State.MAKING, Report.State.ISSUING)
    ahead = queries.ahead(row)
    return ReportPage(
        row=row,
        line=_line(row, people),
        version=queries.version(row),
        ahead=ahead,
        writer=_who(ahead),
        busy=busy,
        draft=row.state == Report.State.DRAFT,
        paper=drawn(row, by) if row.at else None,
        papers=[(form, words, papers[form]) for form, words in FORMS if form in papers] if not busy else [],
        makes=queries.may_make(by),
        signs=queries.may_sign(row, by),
        replacement=queries.replacement(row) if row.state == Report.State.ISSUED else None,
    )


def drawn(row: Report, by: Actor, body: str = "") -> PaperLayout:
    """The paper as a page shows it, without links to tickets that are shut to this reader; papers are Vietnamese."""
    with override("vi"):
        if body:
            row.body = body
        day = localdate(row.issued) if row.issued else None
        paper = compose.paper(actions.material(row, number=row.number, day=day))
    place = reverse("board:tickets") + "/"
    led = {cell.text for block in paper.blocks for line in block.rows for cell in line if place in cell.url}
    shut = led - doors(led, by, "board:ticket").keys()
    rows = [tuple(tuple(replace(c, url="") if c.text in shut else c for c in r) for r in b.rows) for b in paper.blocks]
    return replace(paper, blocks=tuple(replace(b, rows=r) for b, r in zip(paper.blocks, rows, strict=True)))


class ReportForm(forms.Form):
    body = forms.CharField(
        label=gettext_lazy("Text of the report"),
        widget=forms.Textarea(attrs={"rows": 24}),
        max_length=60_000,
        required=False,
    )
    signer = forms.CharField(label=gettext_lazy("Who signs"), max_length=120, required=False)


def _who(event: Event | None) -> str:
    return names({event.by}).get(event.by, event.by) if event else ""


def edit(request: HttpRequest, pk: int) -> HttpResponse:
    """A draft's text, with the paper beside it. Words that were begun on another text than the one it has now come back
    beside that one, and are saved once their writer has seen both."""
    row, by = _get_report(request, pk), actor(request)
    if not queries.may_edit(row, by):
        return redirect("board:report", pk)
    about, version = f"report-{pk}", queries.version(row)
    initial = {"body": _expanded(row), "signer": row.signer}
    begun = left(request, about, {f"text-{version}"})
    overtaken = request.method == "GET" and bool(begun)
    form = ReportForm(request.POST or None, initial=initial | (begun[0].fields if overtaken else {}))
    preview = request.POST.get("do") == "preview"
    if request.method == "POST" and form.is_valid():
        body, signer = form.cleaned_data["body"], form.cleaned_data["signer"]
        try:
            actions.check(body)
            if not preview:
                row = actions.edit(row, body=body, signer=signer, by=by, version=request.POST.get("version", ""))
                forget(request.user.pk or 0, about)
                if row.state == Report.State.MAKING:
                    messages.success(request, _("Saved. The text names new measures, so the figures are read anew."))
                else:
                    messages.success(request, _("Saved. The files are written when it is signed off."))
                return redirect("board:report", pk)
            row.signer = signer
        except OvertakenError:
            overtaken = True
        except UnknownNamesError as error:
            form.add_error("body", unreadable(error))
        except NotPossibleError:
            messages.error(request, _("Somebody else has just dealt with this report."))
            return redirect("board:report", pk)
    typed = form.cleaned_data.get("body", "") if form.is_bound and hasattr(form, "cleaned_data") else ""
    change = queries.last_change(row) if overtaken else None
    page = ReportEditPage(
        row=row,
        line=_line(row, {}),
        form=form,
        version=version,
        draft=f"text-{version}",
        change=change,
        writer=_who(change),
        now=initial["body"] if overtaken else "",
        paper=drawn(row, by, typed or _expanded(row)),
        words=compose.WORDS,
        blocks=compose.BLOCKS,
        measures=offered(),
    )
    part = "board/report_edit.html#sheet" if preview and request.headers.get("HX-Request") else ""
    status = 409 if overtaken and form.is_bound else 422 if form.errors and not preview else 200
    return render_page(request, page, part=part, status=status)


def _expanded(row: Report) -> str:
    """A draft's text with the drafted sentences in their place, so that they can be written otherwise."""
    with override("vi"):
        return compose.expanded(actions.material(row))


def unreadable(error: UnknownNamesError) -> str:
    return _("These names are unknown, or in the middle of a line: %(names)s") % {"names": ", ".join(error.names)}


@require_POST
def act(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign off, read the figures anew, drop; recall what was issued, or replace it."""
    by, do, reason = actor(request), request.POST.get("do", ""), text_in(request.POST, "reason")
    row = or_404(queries.report(by, pk))
    try:
        if do == "issue":
            actions.issue(row, by=by, version=request.POST.get("version", ""))
        elif do == "refresh":
            actions.refresh(row, by=by)
        elif do == "recall":
            recalls.recall(row, reason, by=by)
            messages.success(request, _("Recalled. It stays, marked so, with its number."))
        elif do == "replace":
            return redirect("board:report", actions.replace(row, reason, by=by).pk)
        elif do == "drop":
            actions.drop(row, by=by)
            undo = f"undo:{reverse('board:report-restore', args=[pk])}"
            messages.success(request, _("The draft has been deleted."), extra_tags=undo)
            return redirect("board:reports")
    except OvertakenError:
        who = _who(queries.last_change(row))
        messages.error(
            request,
            _("Not issued: %(who)s has changed it since you opened it. Read it as it is now, then issue it.")
            % {"who": who},
        )
    except MissingDataError:
        messages.error(request, _("Please say why: the reason stands on the papers."))
    except (NotAllowedError, NotPossibleError):
        messages.error(request, _("Somebody else has just dealt with this report, or your account may not do this."))
    return redirect("board:report", pk)


@require_POST
def restore(request: HttpRequest, pk: int) -> HttpResponse:
    """The undo of dropping."""
    row = or_404(queries.report_row(pk))
    try:
        actions.restore(row, by=actor(request))
        messages.success(request, _("The draft has been restored."))
    except (NotAllowedError, NotPossibleError):
        messages.error(request, _("Somebody else has just dealt with this report, or your account may not do this."))
    return redirect("board:reports")


def file(request: HttpRequest, pk: int, form: str) -> HttpResponse:
    """One of its papers: of an issued one the very bytes, or nothing; of a recalled one a marked copy, with the bytes
    as issued by `?as=issued`."""
    row = _get_report(request, pk)
    paper, recall = queries.papers(row).get(form), queries.recall(row)
    if paper is None:
        raise Http404
    try:
        marked = queries.marked(recall, form) if recall and request.GET.get("as") != "issued" else None
        content = marked or queries.content(paper)
    except (queries.AlteredError, FileNotFoundError):
        return render_page(request, AlteredFilePage(row=row, line=_line(row, {})), status=500)
    response = HttpResponse(content, content_type=TYPES[form])
    number = f"{row.number:02}-{row.series}-" if row.number else ""
    disposition, ending = "inline" if form == "pdf" else "attachment", "-thu-hoi" if recall else ""
    response["Content-Disposition"] = f'{disposition}; filename="1022-{number}{row.code}{ending}.{form}"'
    return response


def cases(request: HttpRequest, pk: int) -> HttpResponse:
    """The tickets that one of its figures counted, as they were counted."""
    row = _get_report(request, pk)
    by, key, part, of = (request.GET.get(name, "") for name in ("by", "key", "part", "of"))
    by, part, of = by if by in NARROW else "", part if part in FOUR else "", of if of in BASE else ""
    number = id_in(request, "page") or 1
    rows = list(queries.counted(row, by, key, part, of))
    page_rows = rows[(number - 1) * PAGE : number * PAGE]
    open_to = doors((case.code for case in page_rows if case.code), actor(request), "board:ticket")
    query = f"?by={by}&key={key}&part={part}&of={of}&page="
    page = CountedCasesPage(
        row=row,
        line=_line(row, {}),
        count=len(rows),
        what=" · ".join(
            filter(
                None,
                (
                    _(MEASURES[of].title) if of else "",
                    name_of(by, key) if by else "",
                    _(PART[part]) if part else "",
                ),
            )
        ),
        cases=[
            CountedCase(
                case=case,
                agency=name_of("agency", case.agency),
                category=name_of("category", case.category),
                area=name_of("area", case.area),
                part=case.part.replace("_", "-"),
                address=open_to.get(case.code, ""),
            )
            for case in page_rows
        ],
        previous=f"{query}{number - 1}" if number > 1 else "",
        next=f"{query}{number + 1}" if number * PAGE < len(rows) else "",
    )
    return render_page(request, page)
