"""Lists as files, CSV or XLSX: written row by row, and what a spreadsheet would take for a formula is text."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain
from typing import IO, Any

from django.http import FileResponse, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext_noop, override
from django.utils.translation import gettext as _
from xlsxwriter import Workbook

from caunoi.conversations.queries.channels import channel_name
from caunoi.events.actions import record_download
from caunoi.events.actor import Actor
from caunoi.tickets.models import Ticket
from caunoi.web.labels import KIND, STATE, URGENCY, word
from caunoi.web.lines import lines

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


def export_format(request: HttpRequest) -> str:
    """csv, xlsx, or empty: the page itself."""
    form = request.GET.get("format", "")
    return form if form in FORMS else ""


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


def _spoken(rows: Iterable[Cells]) -> Iterator[Cells]:
    """The rows in the reader's language, though they are made after the view has returned."""
    language, source = get_language(), iter(rows)

    def following() -> Iterator[Cells]:
        while True:
            with override(language):
                row = next(source, None)
            if row is None:
                return
            yield row

    return following()


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


def sheet(form: str, name: str, head: Sequence[str], rows: Iterable[Cells], *, by: Actor) -> HttpResponseBase:
    """A list as a file `name.form`; the download is recorded."""
    record_download(name, form, by=by)
    answer: HttpResponseBase
    if form == "csv":
        answer = StreamingHttpResponse(csv_text(chain([head], _spoken(rows))), content_type=FORMS[form])
    else:
        file = tempfile.TemporaryFile()  # noqa: SIM115  the answer closes it
        _xlsx(head, rows, file)
        file.seek(0)
        answer = FileResponse(file, content_type=FORMS[form])
    answer["Content-Disposition"] = f'attachment; filename="{name}.{form}"'
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
