"""Open published reports that seem to be about the same as one that is being written, so that its writer can join."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.timezone import now

from caunoi.directory import queries as directory
from caunoi.directory.models import Area
from caunoi.followers import queries as followers
from caunoi.publication import queries as publication
from caunoi.triage.alike import Report
from caunoi.web.citizen.near import NearLine, lines
from caunoi.web.citizen.proposals import Proposals, commune_of
from caunoi.web.page import Page


@dataclass(frozen=True, kw_only=True)
class SimilarLine(NearLine):
    """With how many people have joined it."""

    joined: int


@dataclass(frozen=True, kw_only=True)
class SimilarPage(Page):
    """`elsewhere`: the address lies in another province."""

    template = "citizen/_similar_typed.html"

    similar: list[SimilarLine]
    token: str
    elsewhere: bool


def area_of(data: Mapping[str, Any]) -> Area | None:
    """The pin decides, else the commune that was chosen."""
    if data.get("lat") is not None:
        return directory.area_at(data["lat"], data["long"])
    return directory.area(data["area"]) if data.get("area") else None


def similar_lines(data: Mapping[str, Any]) -> list[SimilarLine]:
    """Of the place that was pointed at, the commune that was chosen, or that the address or the words name."""
    if data.get("kind") == "question" or not data.get("text"):
        return []
    area = area_of(data) or commune_of(data)
    proposals = Proposals.of(data)
    report = Report(
        text=data["text"],
        at=datetime.fromisoformat(data["occurred"]) if data.get("occurred") else now(),
        lat=data.get("lat"),
        long=data.get("long"),
        category=data.get("category") or (proposals.fields[0] if proposals.fields and proposals.sure else ""),
        area=area.code if area else "",
    )
    matches = publication.alike(report, data.get("address", ""))
    joined = followers.joined_of([one.publication.pk for one in matches])
    return [
        SimilarLine(**vars(row), joined=joined.get(one.publication.pk, 0)) for row, one in zip(lines(matches), matches)
    ]
