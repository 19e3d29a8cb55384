"""The demo province's agencies: departments, police, utilities and the committee of every commune."""

import csv
from pathlib import Path
from typing import Any

from caunoi.directory.actions import save_agencies
from caunoi.directory.models import Agency, Area, Calendar

TABLE = Path(__file__).parent / "data" / "agencies.csv"


def commune_code(area: Area) -> str:
    return f"ubnd-{area.code}"


def build() -> None:
    """Write the calendars and agencies that lack."""
    morning_and_afternoon = [["07:30", "11:30"], ["13:00", "17:00"]]
    sessions = {str(day): morning_and_afternoon for day in range(5)}
    office, _ = Calendar.objects.get_or_create(code="office", defaults={"name": "Giờ hành chính", "sessions": sessions})
    always, _ = Calendar.objects.get_or_create(code="always", defaults={"name": "Ngày và đêm, cả tuần"})
    calendars = {"office": office, "always": always}
    known = set(Agency.objects.values_list("code", flat=True))
    for number, row in enumerate(csv.DictReader(TABLE.read_text("utf-8").splitlines()), 1):
        if row["code"] not in known:
            parent = Agency.objects.filter(code=row["parent"]).first()
            more = {"parent": parent, "calendar": calendars[row["calendar"]], **_contact(number, row["code"])}
            save_agencies([{**row, **more}])
    communes = Area.objects.filter(valid_to=None, parent__isnull=False).defer("outline").order_by("code")
    served = set(Agency.objects.filter(kind="commune", valid_to=None).values_list("area_id", flat=True))
    for number, area in enumerate(communes, 101):
        if (code := commune_code(area)) not in known and area.pk not in served:
            short = f"UBND {area.kind[0]}. {area.name.removeprefix(area.kind).strip()}"
            common = _contact(number, code) | {"calendar": office, "area": area, "short": short, "kind": "commune"}
            name_en = f"People's Committee of {area.name.removeprefix(area.kind).strip()}"
            name = f"UBND {area.kind.lower()} {area.name.removeprefix(area.kind).strip()}"
            save_agencies([{"code": code, "name": name, "name_en": name_en, **common}])


def _contact(number: int, code: str) -> dict[str, Any]:
    """A telephone and mailbox that are plainly nobody's."""
    return {"phone": f"+842513000{number:03d}", "email": f"{code}@demo.example"}
