"""The demo province as rows: its communes, and who and what belongs to it."""

import os
from pathlib import Path

from django.conf import settings
from django.db import transaction

from caunoi.demo import agencies, categories, people, procedures
from caunoi.directory import outlines
from caunoi.directory.actions import set_option
from caunoi.directory.queries import forget, province_code
from caunoi.events.actor import SYSTEM
from caunoi.starter import actions as starter

SHARED = settings.BASE_DIR.parent / "shared" / "data" / "areas" / "dong_nai_wards_simplified.geojson"


def outline_file() -> Path | None:
    """The GeoJSON with the communes' outlines: CAUNOI_AREAS, else the one beside the checkout, else None: then a
    commune is a point."""
    path = os.environ.get("CAUNOI_AREAS", "").strip()
    if path:
        return Path(path)
    return SHARED if SHARED.exists() else None


@transaction.atomic
def build(drawings: Path | None) -> None:
    """Create what is missing; another call changes nothing. BadOutlinesError for an unusable file."""
    drawn = outlines.read(drawings, province_code()) if drawings else []
    starter.areas(province_code(), drawn)
    agencies.build()
    categories.build()
    people.build()
    set_option("portal_open", True, by=SYSTEM)
    forget()
    procedures.build()
