"""Two rankings of the same procedures made into one, by rank alone: their scores are not of one kind."""

from collections.abc import Mapping, Sequence

K = 5
"""How slowly a rank loses its worth (reciprocal rank fusion)."""
WORTH = {"lexical": 1.0, "meaning": 0.2}
"""Words first; found on the first three quarters of the questions."""


def fused(rankings: Mapping[str, Sequence[int]], *, k: int = K) -> list[int]:
    """The numbers of all rankings (best first in each), best first. What only one ranking has loses nothing else."""
    worth: dict[int, float] = {}
    for name, ranking in rankings.items():
        for rank, number in enumerate(ranking):
            worth[number] = worth.get(number, 0.0) + WORTH[name] / (k + rank)
    return sorted(worth, key=lambda number: (-worth[number], number))
