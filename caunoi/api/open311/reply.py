"""Answers in GeoReport v2's two forms: JSON, and XML by the same structure (the Spark convention)."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import wraps
from typing import Any
from xml.sax.saxutils import escape

from django.conf import settings
from django.core.exceptions import BadRequest, SuspiciousOperation
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.multipartparser import MultiPartParserError
from django.utils import translation
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

CONTENT_TYPES = {"json": "application/json; charset=utf-8", "xml": "text/xml; charset=utf-8"}
ITEMS = {"service_requests": "request"}  # what one of many is called, where it is not the plural without its s
NOT_XML = dict.fromkeys([*(c for c in range(32) if c not in (9, 10, 13)), 0xFFFE, 0xFFFF])

type View = Callable[..., HttpResponse]


class BadRequestError(Exception):
    """The request cannot be met; `status` and `description` tell the app's developer what to do."""

    def __init__(self, status: int, description: str) -> None:
        self.status, self.description = status, description
        super().__init__(description)


def moment(value: datetime | None) -> str | None:
    """A time in the spec's w3 form, with the province's offset."""
    return localtime(value).isoformat(timespec="seconds") if value else None


def _element(name: str, value: Any, out: list[str]) -> None:
    if value is None or value == "":
        out.append(f"<{name}/>")
        return
    out.append(f"<{name}>")
    if isinstance(value, Mapping):
        for key, inner in value.items():
            _element(key, inner, out)
    elif isinstance(value, list | tuple):
        for inner in value:
            _element(ITEMS.get(name, name.removesuffix("s")), inner, out)
    elif isinstance(value, bool):
        out.append("true" if value else "false")
    else:
        out.append(escape(str(value).translate(NOT_XML)))
    out.append(f"</{name}>")


def xml(root: str, value: Any) -> str:
    """A structure as XML; a list `things` becomes `<things><thing>…`, None an empty element."""
    out = ['<?xml version="1.0" encoding="utf-8"?>\n']
    _element(root, value, out)
    return "".join(out)


def reply(form: str, root: str, value: Mapping[str, Any] | Sequence[Any], status: int = 200) -> HttpResponse:
    """`value` in the form requested; `root` names the XML document, JSON has no root."""
    body = json.dumps(value, ensure_ascii=False) if form == "json" else xml(root, value)
    # Anybody's page may read what is public; keys are never in cookies.
    headers = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(body, status=status, content_type=CONTENT_TYPES[form], headers=headers)


def errors(form: str, status: int, description: str) -> HttpResponse:
    return reply(form, "errors", [{"code": status, "description": description}], status)


def resource(*methods: str) -> Callable[[View], View]:
    """Make a view of a resource: its methods, the language asked for, and errors in the spec's form."""

    def wrap(view: View) -> View:
        @csrf_exempt
        @wraps(view)
        def run(request: HttpRequest, form: str, **kwargs: str) -> HttpResponse:
            lang = request.GET.get("lang", "")
            language = lang if lang in dict(settings.LANGUAGES) else translation.get_language()
            with translation.override(language):
                if request.method not in methods:
                    answer = errors(form, 405, _("Use one of these methods: %s") % ", ".join(methods))
                    answer["Allow"] = ", ".join(methods)
                    return answer
                try:
                    return view(request, form, **kwargs)
                except BadRequestError as wrong:
                    return errors(form, wrong.status, wrong.description)
                except (BadRequest, SuspiciousOperation, MultiPartParserError, UnreadablePostError):
                    return errors(form, 400, _("We could not read this. Send a form in UTF-8 of at most 8 MB."))

        return run

    return wrap


@csrf_exempt
def nothing(request: HttpRequest, rest: str) -> HttpResponse:
    """An address that is none of ours, still answered in the form of the spec."""
    return errors("xml" if rest.endswith(".xml") else "json", 404, _("There is no such resource; see discovery."))
