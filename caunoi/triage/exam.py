"""Whether a new model is better than the one there is. Pure."""

from dataclasses import asdict, dataclass
from typing import Any

SLACK = 0.01
"""The share of our own alarms that a new model may notice less: chance, not deafness."""


@dataclass(frozen=True, kw_only=True)
class Exam:
    """What the exam said: decisions agreed with of `of`, by the model there was and by the new one, and the shares of
    our own alarms that they notice."""

    taught: int
    of: int
    before: int
    after: int
    alarms_before: float
    alarms_after: float

    @property
    def outcome(self) -> str:
        """taken, worse or deaf (models.Edition.Outcome)."""
        if self.alarms_after < self.alarms_before - SLACK:
            return "deaf"
        return "taken" if self.after >= self.before else "worse"

    def row(self) -> dict[str, Any]:
        return asdict(self)
