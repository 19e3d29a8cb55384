"""The kit as rows: whatever lacks is written, nothing that is there is touched."""

from collections.abc import Callable

from django.db import transaction

from caunoi.answers.actions import write_template
from caunoi.answers.models import Template
from caunoi.directory.actions import save_agencies, save_areas, save_province, write_text
from caunoi.directory.geography import commune_rows
from caunoi.directory.models import Agency, Area, Calendar, Category
from caunoi.directory.outlines import Outline
from caunoi.directory.queries import forget, text
from caunoi.events.actor import Actor
from caunoi.reports.alerts import add_alert
from caunoi.reports.models import Alert
from caunoi.routing.models import Rule
from caunoi.sla.models import Target
from caunoi.starter import kit
from caunoi.starter.kit import Names, Row

WATCHERS = {"roles": ["supervisor", "leader"], "quiet_since": 22, "quiet_until": 6}

type Contact = Callable[[int, str], dict[str, str]]
"""The telephone and mailbox of an agency by its number in the list and its code."""


@transaction.atomic
def install(names: Names, *, by: Actor) -> None:
    """The whole kit. The province's areas are there."""
    agencies(kit.agencies(names))
    committees()
    fields()
    rules()
    targets()
    if text("consent") is None:
        vietnamese, english = kit.consent(names)
        write_text("consent", vietnamese, body_en=english, by=by)
    if not Template.objects.exists():
        for row in kit.templates(names):
            write_template(row["name"], row["text"], by=by)
    if not Alert.objects.exists():
        for row in kit.alerts():
            add_alert(by=by, **row, **WATCHERS)
    forget()


def areas(province: str, outlines: list[Outline] | None = None) -> None:
    """A province by its code and its communes of today. KeyError for a code that no province has."""
    save_areas(commune_rows(save_province(province), outlines or []))
    forget()


def _calendars() -> dict[str, Calendar]:
    """The calendars by code, those that lack written first."""
    for row in kit.calendars():
        Calendar.objects.get_or_create(code=row["code"], defaults=dict(row))
    return {calendar.code: calendar for calendar in Calendar.objects.all()}


def _nobodys(number: int, code: str) -> dict[str, str]:
    return {}


def agencies(rows: list[Row], contact: Contact = _nobodys) -> None:
    """These agencies, by code; a parent stands before its own."""
    calendars = _calendars()
    existing = set(Agency.objects.values_list("code", flat=True))
    for number, row in enumerate(rows, 1):
        if row["code"] not in existing:
            parent = Agency.objects.filter(code=row["parent"]).first()
            own = {"parent": parent, "calendar": calendars[row["calendar"]], **contact(number, row["code"])}
            save_agencies([{**row, **own}])


def committee_code(area: Area) -> str:
    return f"ubnd-{area.code}"


def committees(contact: Contact = _nobodys) -> None:
    """The People's Committee of every commune that none serves yet."""
    office = _calendars()["office"]
    existing = set(Agency.objects.values_list("code", flat=True))
    served = set(Agency.objects.filter(kind=kit.COMMUNE, valid_to=None).values_list("area_id", flat=True))
    communes = Area.objects.filter(valid_to=None, parent__isnull=False).defer("outline").order_by("code")
    rows = []
    for number, area in enumerate(communes, 101):
        if (code := committee_code(area)) in existing or area.pk in served:
            continue
        name = area.name.removeprefix(area.kind).strip()
        rows.append(
            {
                "code": code,
                "kind": kit.COMMUNE,
                "area": area,
                "calendar": office,
                "name": f"UBND {area.kind.lower()} {name}",
                "short": f"UBND {area.kind[0]}. {name}",
                "name_en": f"People's Committee of {name}",
                **contact(number, code),
            }
        )
    save_agencies(rows)


def fields() -> None:
    """Write the starter set's categories."""
    for row in kit.fields():
        Category.objects.get_or_create(code=row["code"], defaults=dict(row))
    forget()


def rules() -> None:
    """Who acts on what, where no rule stands and the agency does."""
    if Rule.objects.exists():
        return
    categories = {row.code: row for row in Category.objects.all()}
    by_code = {row.code: row for row in Agency.objects.filter(area=None)}
    Rule.objects.bulk_create(
        Rule(
            category=categories[row["field"]],
            agency=by_code.get(row["to"]),
            order=number * 10,
            of_area=row["to"] if row["to"] == kit.COMMUNE else "",
            since_hour=row.get("since_hour"),
            until_hour=row.get("until_hour"),
        )
        for number, row in enumerate(kit.rules(), 1)
        if row["to"] == kit.COMMUNE or row["to"] in by_code
    )


def targets() -> None:
    """How long each step may take, where no target stands."""
    if Target.objects.exists():
        return
    categories = {row.code: row for row in Category.objects.all()}
    Target.objects.bulk_create(
        Target(category=categories.get(row["field"]), **{key: value for key, value in row.items() if key != "field"})
        for row in kit.targets()
    )
