"""Lists as files, CSV or XLSX: written row by row, and what a spreadsheet would take for a formula is text."""

import csv
import io
import secrets
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, Any

from django import forms
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop
from xlsxwriter import Workbook

from caunoi.conversations.queries.channels import channel_name
from caunoi.events.actions import record_download
from caunoi.events.actor import Actor
from caunoi.lib.vietnamese.writing import nfc
from caunoi.tickets.models import Ticket
from caunoi.web.labels import KIND, STATE, URGENCY, word
from caunoi.web.lines import lines
from caunoi.web.page import Page, render_page
from caunoi.web.reads import reading

BOM = "\ufeff"  # so that Excel reads Vietnamese
MOST = 200_000  # rows of one table
MARK = {
    "on-time": gettext_noop("On time"),
    "due-soon": gettext_noop("Due soon"),
    "overdue": gettext_noop("Overdue"),
    "done-late": gettext_noop("Done late"),
    "refused": gettext_noop("Refused"),
    "paused": gettext_noop("Clock stopped"),
}
FORMS = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}

type Cells = Sequence[Any]


class ReasonForm(forms.Form):
    """What a list is for, before it leaves the product."""

    reason = forms.CharField(
        label=gettext_lazy("Reason"),
        help_text=gettext_lazy("At least ten characters, for example: monthly report to the province"),
        min_length=10,
        max_length=300,
        error_messages={"required": gettext_lazy("Please say in a few words what the list is for.")},
    )

    def clean_reason(self) -> str:
        return " ".join(nfc(self.cleaned_data["reason"]).split())


@dataclass(frozen=True, kw_only=True)
class Export:
    """A list is asked for as a file: `form` csv or xlsx, the reason (empty: not said yet), the filters of the page."""

    request: HttpRequest
    form: str
    reason_form: ReasonForm
    reason: str
    filters: dict[str, str]


@dataclass(frozen=True, kw_only=True)
class ExportPage(Page):
    """Asks what a list is for; `kind` CSV or XLSX."""

    template = "web/export.html"

    form: ReasonForm
    kind: str
    back: str


def export(request: HttpRequest, form: str) -> Export:
    """The file that this request asks for; the reason is in its body, so that no log of addresses has it."""
    reason_form = ReasonForm(request.POST if request.method == "POST" else None)
    reason = reason_form.cleaned_data["reason"] if reason_form.is_valid() else ""
    filters = {name: str(value)[:100] for name, value in request.GET.items() if name != "format" and value}
    return Export(request=request, form=form, reason_form=reason_form, reason=reason, filters=filters)


def export_format(request: HttpRequest) -> Export | None:
    """The file that is asked for; None: the page itself."""
    form = request.GET.get("format", "")
    return export(request, form) if form in FORMS else None


def ask_reason(export_request: Export) -> HttpResponse:
    """The page that asks what the list is for."""
    request = export_request.request
    query = request.GET.copy()
    query.pop("format", None)
    back = f"{request.path}?{query.urlencode()}" if query else request.path
    page = ExportPage(form=export_request.reason_form, kind=export_request.form.upper(), back=back)
    answer = render_page(request, page, status=422 if export_request.reason_form.is_bound else 200)
    answer["Cache-Control"] = "no-store"
    return answer


def new_mark() -> str:
    """What a file is marked with: eight characters that lead to the record of who downloaded it."""
    return secrets.token_hex(4)


def links(request: HttpRequest) -> list[dict[str, str]]:
    """The addresses of this list as a file, with the filters of this page: {label, url}."""
    query = request.GET.copy()
    for name in ("before", "after", "format"):
        query.pop(name, None)
    filters = query.urlencode()
    return [{"label": form.upper(), "url": f"?{filters}{'&' if filters else ''}format={form}"} for form in FORMS]


def safe(value: Any) -> Any:
    """A cell of CSV: times in local time; text that no spreadsheet takes for a formula."""
    if isinstance(value, datetime):
        return localtime(value).strftime("%Y-%m-%d %H:%M:%S")
    if isinstance(value, str) and value[:1] in ("=", "+", "-", "@", "\t", "\r"):
        return f"'{value}"
    return value


def csv_text(rows: Iterable[Cells]) -> Iterator[str]:
    """Rows as CSV, piece by piece."""
    out = io.StringIO()
    table = csv.writer(out)
    out.write(BOM)
    for row in rows:
        table.writerow(safe(value) for value in row)
        if out.tell() > 32_768:
            yield out.getvalue()
            out.seek(0)
            out.truncate()
    yield out.getvalue()


def csv_file(name: str, rows: Iterable[Cells]) -> HttpResponse:
    """A few rows as a file `name.csv`; the download is not recorded."""
    disposition = f'attachment; filename="{name}.csv"'
    return HttpResponse("".join(csv_text(rows)), FORMS["csv"], headers={"Content-Disposition": disposition})


def _xlsx(head: Sequence[str], rows: Iterable[Cells], file: IO[bytes]) -> None:
    """With constant memory; strings stay strings whatever they begin with."""
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "remove_timezone": True}
    with Workbook(file, options) as book:
        sheet = book.add_worksheet()
        bold, moment = book.add_format({"bold": True}), book.add_format({"num_format": "dd/mm/yyyy hh:mm"})
        sheet.freeze_panes(1, 0)
        sheet.set_column(0, len(head) - 1, 18)
        sheet.write_row(0, 0, head, bold)
        for number, row in enumerate(rows, 1):
            for column, value in enumerate(row):
                if isinstance(value, datetime):
                    sheet.write_datetime(number, column, localtime(value).replace(tzinfo=None), moment)
                elif isinstance(value, str):
                    sheet.write_string(number, column, value[:32_767])
                elif value is not None:
                    sheet.write(number, column, value)


def _csv(head: Sequence[str], rows: Iterable[Cells], file: IO[bytes]) -> None:
    for piece in csv_text(chain([head], rows)):
        file.write(piece.encode())


def sheet(
    export_request: Export, name: str, head: Sequence[str], rows: Iterable[Cells], *, by: Actor
) -> HttpResponseBase:
    """A list as a file `name.form`, once it is said what it is for. The last column of every row says who downloaded it
    and when, with a mark; the download is recorded with reason, filters, count and that mark."""
    if not export_request.reason:
        return ask_reason(export_request)
    mark, count = new_mark(), 0
    water = f"{by.name} {localtime():%d/%m/%Y %H:%M} {mark}"

    def marked() -> Iterator[Cells]:
        nonlocal count
        for row in rows:
            count += 1
            yield [*row, water]

    file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
    with reading(export_request.request):
        (_csv if export_request.form == "csv" else _xlsx)([*head, _("Downloaded by")], marked(), file)
    record_download(
        name,
        export_request.form,
        by=by,
        reason=export_request.reason,
        filters=export_request.filters,
        count=count,
        mark=mark,
    )
    file.seek(0)
    answer = FileResponse(file, content_type=FORMS[export_request.form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{export_request.form}"'
    answer["Cache-Control"] = "no-store"
    return answer


def paged[T](fetch: Callable[[int | None], Sequence[T]], size: int) -> Iterator[Sequence[T]]:
    """All pages of a list: `fetch` takes the id to begin below and gives one row more than `size` when more follow."""
    before, count = None, 0
    while count < MOST:
        batch = fetch(before)
        yield batch[:size]
        if len(batch) <= size:
            return
        count += size
        before = batch[size - 1].pk  # type: ignore[attr-defined]


def ticket_head() -> list[str]:
    return [
        _("Code"),
        _("Kind"),
        _("State"),
        _("Urgency"),
        _("Channel"),
        _("Category"),
        _("Commune"),
        _("Agency"),
        _("Place"),
        _("Received"),
        _("Answered"),
        _("Closed"),
        _("Due"),
        _("On time"),
        _("Summary"),
    ]


def ticket_rows(pages: Iterable[Sequence[Ticket]], by: Actor) -> Iterator[Cells]:
    """Tickets as this reader may read them, in the words of the page."""
    for page in pages:
        for ticket, line in zip(page, lines(page, by), strict=True):
            yield (
                ticket.code,
                word(KIND, ticket.kind),
                word(STATE, ticket.state),
                word(URGENCY, ticket.urgency),
                channel_name(ticket.channel),
                line.category,
                line.area,
                line.agency,
                line.place,
                ticket.received,
                ticket.answered,
                ticket.closed,
                line.due,
                word(MARK, line.mark),
                line.title,
            )
