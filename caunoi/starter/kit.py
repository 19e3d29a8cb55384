"""What a province can begin with: fields, targets, rules, a skeleton of agencies as organised in 2026, texts, answers,
alerts. Read from `data/`, filled in with the province's own names. Pure."""

import csv
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

DATA = Path(__file__).parent / "data"
COMMUNE = "commune"
"""In a rule: the committee of the ticket's own commune."""

Row = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Names:
    """How the texts call the hotline and its province. `kind`: "tỉnh" or "thành phố"."""

    hotline: str
    phone: str
    address: str
    kind: str

    def fill(self, text: str) -> str:
        """The text with its {hotline}, {phone}, {address}, {kind}, {short_kind}, {kind_en} filled in."""
        city = self.kind == "thành phố"
        return text.format(
            hotline=self.hotline,
            phone=self.phone,
            address=self.address,
            kind=self.kind,
            short_kind="TP" if city else "tỉnh",
            kind_en="City" if city else "Provincial",
        )


@cache
def _toml(name: str) -> dict[str, Any]:
    return tomllib.loads((DATA / f"{name}.toml").read_text("utf-8"))


def calendars() -> list[Row]:
    """The calendars as values of rows."""
    return [
        {
            "code": row["code"],
            "name": row["name"],
            "sessions": {str(day): row["sessions"] for day in range(row["days"])} if "sessions" in row else None,
        }
        for row in _toml("calendars")["calendar"]
    ]


def fields() -> list[Row]:
    """The fields as values of rows, in their order."""
    whole = _toml("fields")
    result: list[Row] = []
    for number, row in enumerate(whole["field"], 1):
        group = whole["groups"][row["group"]]
        result.append({**row, "group": group["name"], "group_en": group["name_en"], "order": number * 10})
    return result


def targets() -> list[Row]:
    """The targets; `field` is a code or None. A target of a group stands once for each of its fields."""
    result: list[Row] = []
    for row in _toml("targets")["target"]:
        rest = {key: value for key, value in row.items() if key != "group"}
        codes = (
            [f["code"] for f in _toml("fields")["field"] if f["group"] == row["group"]] if "group" in row else [None]
        )
        result += [{**rest, "field": code} for code in codes]
    return result


def rules() -> list[Row]:
    """Which agency (`to`: a code, or COMMUNE) acts on which field (a code), at any hour or between two local ones."""
    return list(_toml("rules")["rule"])


def alerts() -> list[Row]:
    """What each role is alerted to from the start."""
    return list(_toml("alerts")["alert"])


def agencies(names: Names) -> list[Row]:
    """The departments, police and utilities that every province has; a parent stands before its own."""
    with (DATA / "agencies.csv").open(encoding="utf-8", newline="") as file:
        return [{key: names.fill(value) for key, value in row.items()} for row in csv.DictReader(file)]


def templates(names: Names) -> list[Row]:
    """Answers to frequent questions."""
    return [{**row, "text": names.fill(row["text"]).strip()} for row in _toml("templates")["template"]]


def consent(names: Names) -> tuple[str, str]:
    """What a citizen agrees to, in plain words: in Vietnamese and in English."""
    vietnamese, english = ((DATA / f"consent.{language}.txt").read_text("utf-8") for language in ("vi", "en"))
    return names.fill(vietnamese).strip(), names.fill(english).strip()
