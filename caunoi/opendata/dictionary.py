"""The open data described: a Frictionless Data Package (files, checksums, fields, licence), in both languages."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext, gettext_noop

from caunoi.directory.queries import option
from caunoi.opendata.fields import AREA_FIELDS, FIELDS, Field

CSV, PARQUET = "text/csv; charset=utf-8", "application/vnd.apache.parquet"
ABOUT = {
    "tickets.csv": gettext_noop("All tickets as a table for spreadsheets"),
    "tickets.parquet": gettext_noop("All tickets for data tools; the smallest file"),
    "tickets.geojson": gettext_noop("All tickets for maps"),
    "georeport.csv": gettext_noop("All tickets in the international form GeoReport Bulk (Open311)"),
    "areas.csv": gettext_noop("Communes of today and the old ones they were made of"),
    "datapackage.json": gettext_noop("What every file and field means, for machines"),
    "LICENSE.txt": gettext_noop("How the data may be used"),
    "SHA256SUMS": gettext_noop("Checksums of all files"),
}
MEDIA = {
    "tickets.csv": CSV,
    "georeport.csv": CSV,
    "areas.csv": CSV,
    "tickets.parquet": PARQUET,
    "tickets.geojson": "application/geo+json",
    "datapackage.json": "application/json",
    "LICENSE.txt": "text/plain; charset=utf-8",
    "SHA256SUMS": "text/plain; charset=utf-8",
}
FILE_FIELDS = {"tickets.csv": FIELDS, "tickets.parquet": FIELDS, "tickets.geojson": FIELDS, "areas.csv": AREA_FIELDS}
LICENCE = """{title}
{place}

{vi}

{en}
"""


def both(text: str) -> dict[str, str]:
    result = {}
    for language in ("vi", "en"):
        with translation.override(language):
            result[language] = gettext(text)
    return result


def licence_address() -> str:
    return f"https://spdx.org/licenses/{option('open_data_licence')}.html"


def licence_text() -> str:
    """The text of LICENSE.txt in Vietnamese and English."""
    allowed = gettext_noop(
        "This data may be used by anybody under the licence %(name)s: %(address)s\nName the source: %(source)s, and "
        "the day of the data.\nPersonal data is masked. Do not try to find out who a person is."
    )
    values = {
        "name": option("open_data_licence"),
        "address": licence_address(),
        "source": f"{option('hotline_name')}, {option('place')} ({settings.PUBLIC_URL})",
    }
    texts = {language: text % values for language, text in both(allowed).items()}
    return LICENCE.format(title=option("hotline_name"), place=option("place"), **texts)


def _field(field: Field) -> dict[str, Any]:
    meaning = both(field.meaning)
    row = {"name": field.name, "type": field.type, "description": meaning["en"], "description_vi": meaning["vi"]}
    return {**row, "constraints": {"enum": list(field.values)}} if field.values else row


def fields(name: str) -> list[dict[str, Any]]:
    """What the fields of a file mean; none for forms that are described elsewhere."""
    return [_field(field) for field in FILE_FIELDS.get(name, ())]


def package(at: str, rows: int, files: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """datapackage.json of an edition; `files` as in Edition."""
    resources = []
    for file in files:
        about = both(ABOUT[file["name"]])
        resource: dict[str, Any] = {
            "name": file["name"].lower().replace(".", "-"),
            "path": file["name"],
            "bytes": file["bytes"],
            "hash": f"sha256:{file['sha256']}",
            "mediatype": MEDIA[file["name"]].split(";")[0],
            "description": about["en"],
            "description_vi": about["vi"],
        }
        if described := fields(file["name"]):
            resource["schema"] = {"fields": described, "missingValues": [""]}
        resources.append(resource)
    title = gettext_noop("Reports to the hotline 1022 and their answers")
    return {
        "name": "caunoi-1022",
        "title": both(title)["en"],
        "title_vi": both(title)["vi"],
        "homepage": settings.PUBLIC_URL + reverse("citizen:open-data"),
        "created": at,
        "rows": rows,
        "licenses": [{"name": option("open_data_licence"), "path": licence_address()}],
        "resources": resources,
    }
