"""Proposals as programs read them (CONTRACT.md, `caunoi triage`)."""

from collections.abc import Iterator, Mapping
from typing import Any

from caunoi.triage.heads import FLAGS
from caunoi.triage.proposals import Certainty, Proposal

MATTERS = ("kind", "category", "urgency", "gate", "area_code", "agency", *FLAGS)


def as_json(matters: Mapping[str, Proposal]) -> dict[str, Any]:
    """Each matter as `{value, p, sure}`, and `why`: the words that weighed for each."""
    return {
        **{name: {"value": _value(name, one), "p": one.p, "sure": one.sure} for name, one in _in_order(matters)},
        "why": {name: list(one.why) for name, one in _in_order(matters) if one.why and _value(name, one)},
    }


def _value(name: str, one: Proposal) -> str | None:
    """What is likeliest, however little; of flags what is worth a look."""
    return one.value if one.value and (name not in FLAGS or one.certainty is not Certainty.SILENT) else None


def _in_order(matters: Mapping[str, Proposal]) -> Iterator[tuple[str, Proposal]]:
    return ((name, matters.get(name, Proposal())) for name in MATTERS)
