"""All procedures, for those who keep them current."""

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

from caunoi.answers import queries as answers
from caunoi.procedures import queries

PAGE = 40


def listing(request: HttpRequest) -> HttpResponse:
    text = request.GET.get("q", "").replace("\0", "").strip()[:300]
    field, after = request.GET.get("field", "")[:200].replace("\0", ""), request.GET.get("after", "")
    retired = "retired" in request.GET
    more = False
    if retired:
        rows = list(queries.retired()[:500])
    elif text:
        rows = [hit.procedure for hit in queries.search(text, field=field, limit=PAGE)]
    else:
        rows = queries.browse(field=field, after=int(after) if after.isdecimal() else None, size=PAGE)
        rows, more = rows[:PAGE], len(rows) > PAGE
    fields = queries.fields()
    outdated = answers.outdated().count()
    chips = [
        {"label": _("In force"), "url": "?", "active": not retired, "count": sum(count for _name, count in fields)},
        {"label": _("No longer in force"), "url": "?retired", "active": retired, "count": queries.retired().count()},
    ]
    query = urlencode({"field": field} if field else {})
    context: dict[str, Any] = {
        "q": text,
        "field": field,
        "fields": fields,
        "rows": rows,
        "chips": chips,
        "retired": retired,
        "outdated": outdated,
        "older": f"?{query}&after={rows[-1].pk}" if more else "",
        "newest": f"?{query}" if after else "",
    }
    return render(request, "procedures/home.html", context)
