"""Texts of the reviewers' pages about procedures. English sources."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_noop as _

from caunoi.procedures.oddities import FLAWS, ODDITIES

FIELDS = {
    "name": _("What it is called"),
    "decision": _("Decision"),
    "level": _("Level"),
    "kind": _("Kind of procedure"),
    "issuer": _("Issued by"),
    "field": _("Category"),
    "audience": _("Who may apply"),
    "authority": _("Who decides"),
    "agency": _("Who handles it"),
    "coordinating": _("Who helps"),
    "address": _("Where it is received"),
    "steps": _("Step by step"),
    "ways": _("Fee and time"),
    "cases": _("What to bring"),
    "legal": _("Legal basis"),
    "conditions": _("Conditions"),
    "results": _("What you get"),
    "keywords": _("Keywords"),
    "url": _("National portal"),
    "retired": _("No longer in force"),
}
KIND = {"list": _("List of the portal"), "full": _("Full records")}
EVENTS = {
    "procedure.version": (_("New version"), "file-text"),
    "procedure.retire": (_("Retired"), "archive"),
    "procedure.restore": (_("In force again"), "rotate-ccw"),
}


@dataclass(frozen=True)
class FieldDifference:
    """What differs in a field: `pieces` are (same | gone | new | left_out, words), in reading order."""

    label: str
    pieces: Sequence[Sequence[str]]


def field_names(codes: Iterable[str]) -> str:
    """Fields in words, with commas."""
    return ", ".join(gettext(FIELDS.get(code, code)) for code in codes)


def changes(rows: Iterable[Any]) -> list[FieldDifference]:
    """Changes, as compare.Change or as a preview's JSON, with their field's name."""
    pairs = [(row["field"], row["pieces"]) if isinstance(row, dict) else (row.field, row.pieces) for row in rows]
    return [FieldDifference(field_names([field]), pieces) for field, pieces in pairs]


def problem(code: str) -> str:
    return gettext((FLAWS | ODDITIES).get(code, code))
