"""What a message is proposed to be on this installation: with its fields, its communes and its newest model."""

from dataclasses import dataclass, replace

from caunoi.directory import queries as directory
from caunoi.directory.geography import geography
from caunoi.directory.models import Area, Category
from caunoi.lib.places import spoken
from caunoi.triage import proposals, starter
from caunoi.triage.model import NONE, Model
from caunoi.triage.proposals import Certainty, Proposal

COMMUNE = proposals.Limits(sure=0.9, perhaps=0.5)


@dataclass(frozen=True, kw_only=True)
class Understanding:
    """`matters`: kind, category, urgency, gate, area_code, danger, person and unnamed; `category` and `area` are the
    rows of those that are proposed at all."""

    matters: dict[str, Proposal]
    category: Category | None = None
    area: Area | None = None

    def value(self, name: str) -> str:
        """What is proposed, "" where it is better to be silent."""
        proposal = self.matters[name]
        return "" if proposal.certainty is Certainty.SILENT else proposal.value

    @property
    def gate(self) -> str:
        return self.matters["gate"].value

    @property
    def is_gated(self) -> bool:
        return self.gate != NONE


def model() -> Model:
    return starter.model()


def understand(text: str) -> Understanding:
    """What a message is proposed to be. Empty text is nothing."""
    categories = {category.code: category for category in directory.categories()}
    matters = proposals.propose(text, model(), fields=categories)
    commune = spoken.commune(text, home=directory.province_code(), geography=geography()) if text else None
    matters["area_code"] = Proposal()
    if commune:
        certainty = COMMUNE.certainty(commune.p)
        matters["area_code"] = Proposal(value=commune.code, p=commune.p, certainty=certainty)
    understanding = Understanding(matters=matters)
    return replace(
        understanding,
        category=categories.get(understanding.value("category")),
        area=directory.area(understanding.value("area_code")) if understanding.value("area_code") else None,
    )
