"""A plan as JSON, for the page that asks for confirmation, and the outline of it that must still hold when it is
applied. Pure."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from caunoi.procedures.compare import changed_fields, excerpts
from caunoi.procedures.plan import Plan

SHOWN_WHOLE = 300
"""Changed procedures whose changes are shown in words; of the rest only the fields are named."""


def as_json(plan: Plan, names: Mapping[str, str], *, retires: bool) -> dict[str, Any]:
    """{fresh [{code, name}], changed [{code, name, returns, fields, changes}], gone [{code, name}], same}; `names` are
    those of the gone."""
    changed = [
        {
            "code": step.record.code,
            "name": step.record.name,
            "returns": step.returns,
            "fields": changed_fields(step.before, step.record),
            "changes": excerpts(step.before, step.record) if step.before and number < SHOWN_WHOLE else [],
        }
        for number, step in enumerate(plan.changed)
    ]
    return {
        "fresh": [{"code": step.record.code, "name": step.record.name} for step in plan.fresh],
        "changed": changed,
        "gone": [{"code": code, "name": names[code]} for code in plan.withdrawn] if retires else [],
        "same": plan.same,
    }


def oddities(plan: Plan) -> list[dict[str, str]]:
    return [asdict(odd) for odd in plan.oddities]


def outline(preview: Mapping[str, Any]) -> tuple[list[Any], ...]:
    """The codes, and the fields that change."""
    changed = [(one["code"], one["fields"]) for one in preview["changed"]]
    return [one["code"] for one in preview["fresh"]], changed, [one["code"] for one in preview["gone"]]
