"""All procedures, for those who keep them current."""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from caunoi.answers import queries as answers
from caunoi.procedures import queries
from caunoi.procedures.models import Procedure
from caunoi.web.inputs import text_in
from caunoi.web.page import Page, Tab, render_page
from caunoi.web.paging import id_in

PAGE = 40


@dataclass(frozen=True, kw_only=True)
class ProceduresHomePage(Page):
    """`fields` are the categories, with how many procedures each has; `outdated` citations wait to be looked at."""

    template = "procedures/home.html"

    q: str
    field: str
    fields: list[tuple[str, int]]
    rows: Sequence[Procedure]
    chips: list[Tab]
    retired: bool
    outdated: int
    older: str
    newest: str


def listing(request: HttpRequest) -> HttpResponse:
    text = text_in(request.GET, "q", 300)
    field, after = text_in(request.GET, "field", 200), id_in(request, "after")
    retired = "retired" in request.GET
    more = False
    if retired:
        rows = list(queries.retired()[:500])
    elif text:
        rows = [hit.procedure for hit in queries.search(text, field=field, limit=PAGE)]
    else:
        rows = queries.browse(field=field, after=after, size=PAGE)
        rows, more = rows[:PAGE], len(rows) > PAGE
    fields = queries.fields()
    query = urlencode({"field": field} if field else {})
    page = ProceduresHomePage(
        q=text,
        field=field,
        fields=fields,
        rows=rows,
        chips=[
            Tab(_("In force"), "?", active=not retired, count=sum(count for _name, count in fields)),
            Tab(_("No longer in force"), "?retired", active=retired, count=queries.retired().count()),
        ],
        retired=retired,
        outdated=answers.outdated().count(),
        older=f"?{query}&after={rows[-1].pk}" if more else "",
        newest=f"?{query}" if after else "",
    )
    return render_page(request, page)
