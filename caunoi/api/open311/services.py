"""What may be reported here, and where this interface is."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from caunoi.api.open311.reply import BadRequestError, reply, resource
from caunoi.directory.models import Category
from caunoi.directory.queries import categories, category, option
from caunoi.tickets.lifecycle import Kind

SPECIFICATION = "http://wiki.open311.org/GeoReport_v2"
CHANGESET = "2026-11-25T00:00:00+07:00"  # when this interface last changed


def spoken(vietnamese: str, english: str) -> str:
    """A row's words in the language of the request."""
    return (english if get_language() == "en" else "") or vietnamese


def attributes(row: Category) -> list[dict[str, Any]]:
    """What else may be told of a service; questions about procedures need none."""
    if row.kind == Kind.QUESTION:
        return []
    kinds = {Kind.REPORT: _("A report"), Kind.PETITION: _("A petition"), Kind.QUESTION: _("A question")}
    common = {"variable": True, "required": False}
    return [
        {
            **common,
            "code": "occurred",
            "datatype": "datetime",
            "order": 1,
            "datatype_description": _("Date and time with offset, such as 2026-11-25T08:30:00+07:00"),
            "description": _("When did it happen?"),
            "values": [],
        },
        {
            **common,
            "code": "kind",
            "datatype": "singlevaluelist",
            "order": 2,
            "datatype_description": None,
            "description": _("What do you send us?"),
            "values": [{"key": kind.value, "name": name} for kind, name in kinds.items()],
        },
    ]


@resource("GET", "HEAD")
def discovery(request: HttpRequest, form: str) -> HttpResponse:
    base = f"{settings.PUBLIC_URL}/open311/v2"
    endpoint = {
        "specification": SPECIFICATION,
        "url": base,
        "changeset": CHANGESET,
        "type": "test" if settings.DEMO else "production",
        "formats": ["text/xml", "application/json"],
    }
    contact = f"{option('hotline_name')} – {option('hotline_phone')}"
    how = _("Ask the hotline for a key: %s") % contact
    body = {"changeset": CHANGESET, "contact": contact, "key_service": how, "endpoints": [endpoint]}
    return reply(form, "discovery", body)


@resource("GET", "HEAD")
def index(request: HttpRequest, form: str) -> HttpResponse:
    rows = [
        {
            "service_code": row.code,
            "service_name": spoken(row.name, row.name_en),
            "description": spoken(row.description, row.description_en),
            "metadata": bool(attributes(row)),
            "type": "realtime",
            "keywords": ", ".join(sorted({row.name, row.name_en} - {""})),
            "group": spoken(row.group, row.group_en),
        }
        for row in categories()
    ]
    return reply(form, "services", rows)


@resource("GET", "HEAD")
def definition(request: HttpRequest, form: str, code: str) -> HttpResponse:
    row = category(code)
    if row is None:
        raise BadRequestError(404, _("There is no service “%s”; see the list of services.") % code)
    return reply(form, "service_definition", {"service_code": row.code, "attributes": attributes(row)})
