"""What an open ticket is made of: each field named once, with its type and its meaning. The files, the API, the
dictionary and its page are drawn from this table."""

from dataclasses import dataclass

from django.db.models import BooleanField, Case, F, Q, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_noop as _

from caunoi.sla.lateness import late
from caunoi.tickets.lifecycle import OPEN

STATES = sorted(OPEN)
MARKS = "|"  # between several codes or names in one field

STATUS = Case(When(ticket__state__in=STATES, then=Value("open")), default=Value("closed"))
DISPUTE = Case(
    When(Q(ticket__reopened__gt=0, ticket__state__in=STATES), then=Value(True)),
    default=Value(False),
    output_field=BooleanField(),
)
PROMISE = Case(When(handle__again=None, then=F("handle__due")), default=F("handle__promise"))
LATE = Case(When(late("handle"), then=Value(True)), default=Value(False), output_field=BooleanField())


@dataclass(frozen=True, kw_only=True)
class Field:
    """`type` in the words of Frictionless Table Schema; `source` is a path or an expression over a publication (with
    its handling deadline as `handle`), None for what is made of the others."""

    name: str
    type: str = "string"
    source: str | Combinable | None = None
    meaning: str
    values: tuple[str, ...] = ()


FIELDS = (
    Field(name="code", source="ticket__code", meaning=_("Code of the ticket, as the citizen knows it")),
    Field(name="url", type="string", meaning=_("Address of its page")),
    Field(
        name="kind",
        source="ticket__kind",
        values=("report", "petition", "question"),
        meaning=_("Report, petition or question"),
    ),
    Field(name="status", source=STATUS, values=("open", "closed"), meaning=_("Still to be answered, or over")),
    Field(name="state", source="ticket__state", meaning=_("Where it stands, in detail")),
    Field(
        name="urgency", source="ticket__urgency", values=("urgent", "normal", "complex"), meaning=_("How urgent it is")
    ),
    Field(name="channel", source="ticket__channel", meaning=_("How it came in")),
    Field(name="title", source="title", meaning=_("First words of the public text")),
    Field(name="text", source="text", meaning=_("Public text: what is personal is masked")),
    Field(name="answer", source="answer", meaning=_("Public answer")),
    Field(name="place", source="place", meaning=_("Place in words, without house numbers of third parties")),
    Field(
        name="latitude",
        type="number",
        source="latitude",
        meaning=_("Degrees north (WGS 84): as reported for things in public space, else rounded to about 100 m"),
    ),
    Field(
        name="longitude",
        type="number",
        source="longitude",
        meaning=_("Degrees east (WGS 84): as reported for things in public space, else rounded to about 100 m"),
    ),
    Field(name="category_code", source="ticket__category__code", meaning=_("Category code")),
    Field(name="category", source="ticket__category__name", meaning=_("Category in Vietnamese")),
    Field(name="category_en", source="ticket__category__name_en", meaning=_("Category in English")),
    Field(name="group", source="ticket__category__group", meaning=_("Category group")),
    Field(name="area_code", source="ticket__area__code", meaning=_("State's code of the commune, as it is today")),
    Field(name="area", source="ticket__area__name", meaning=_("Name of the commune, as it is today")),
    Field(name="old_area_codes", meaning=_("Codes of the communes it was made of before 1 July 2025")),
    Field(name="old_district_codes", meaning=_("Codes of the districts in which it lay before 1 July 2025")),
    Field(name="old_districts", meaning=_("Names of the districts in which it lay before 1 July 2025")),
    Field(name="agency_code", source="ticket__agency__code", meaning=_("Code of the agency that leads")),
    Field(name="agency", source="ticket__agency__name", meaning=_("Agency that leads, in Vietnamese")),
    Field(name="agency_en", source="ticket__agency__name_en", meaning=_("Agency that leads, in English")),
    Field(name="received", type="datetime", source="ticket__received", meaning=_("When it came in")),
    Field(name="published", type="datetime", source="published", meaning=_("When it was published")),
    Field(name="updated", type="datetime", source="ticket__touched", meaning=_("When it last changed")),
    Field(name="answered", type="datetime", source="ticket__answered", meaning=_("When it was first answered")),
    Field(name="closed", type="datetime", source="ticket__closed", meaning=_("When it was closed")),
    Field(
        name="due",
        type="datetime",
        source="handle__due",
        meaning=_("When the answer is or was due; none while the clock stands"),
    ),
    Field(
        name="promised",
        type="datetime",
        source=PROMISE,
        meaning=_("The answer deadline given to the citizen: recalculated when the ticket is reopened"),
    ),
    Field(
        name="disputed",
        type="boolean",
        source=DISPUTE,
        meaning=_("Reopened and not answered since: the answer is the earlier one"),
    ),
    Field(name="late", type="boolean", source=LATE, meaning=_("Answered after it was due, or still open past it")),
    Field(
        name="reopened",
        type="integer",
        source=Coalesce(F("ticket__reopened"), 0),
        meaning=_("How often it was reopened"),
    ),
)
STORED_FIELDS = tuple(field for field in FIELDS if field.source is not None)

# Which units a commune of today was made of; one row for each pair.
AREA_FIELDS = (
    Field(name="area_code", meaning=_("State's code of the commune, as it is today")),
    Field(name="area", meaning=_("Name of the commune, as it is today")),
    Field(name="since", type="date", meaning=_("In force under this name since")),
    Field(name="old_area_code", meaning=_("Code of a commune it was made of, or of a part of it")),
    Field(name="old_area", meaning=_("Name of the old commune")),
    Field(name="old_district_code", meaning=_("Code of its district")),
    Field(name="old_district", meaning=_("Name of its district")),
    Field(name="old_province_code", meaning=_("Code of its province")),
    Field(name="old_province", meaning=_("Name of its province")),
)
