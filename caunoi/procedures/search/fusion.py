"""Merging two rankings of the same procedures, by rank alone: their scores cannot be compared."""

from collections.abc import Mapping, Sequence

K = 5
"""How slowly a rank loses its worth (reciprocal rank fusion)."""
WORTH = {"lexical": 1.0, "meaning": 0.2}
"""Words first; fitted on the first three quarters of the questions."""


def fused(rankings: Mapping[str, Sequence[int]]) -> list[int]:
    """The numbers of all rankings (best first in each), best first. A number that one ranking lacks is not punished."""
    worth: dict[int, float] = {}
    for name, ranking in rankings.items():
        for rank, number in enumerate(ranking):
            worth[number] = worth.get(number, 0.0) + WORTH[name] / (K + rank)
    return sorted(worth, key=lambda number: (-worth[number], number))
