"""Who is rung for whom: queues beside those of the hotline, for callers who speak a language or chose a field, and for
those whose operator of last time is there. Pure.

The exchange rings by queues and penalties alone. So each skill has a queue of those who have it, and each operator one
of their own; a caller waits there for a while and then among all, ahead of who came later. Whoever is rung last has a
penalty: the exchange rings them while nobody without one is free.
"""

from collections.abc import Collection, Mapping

SKILL, OWN = "skill-", "own-"
RUNG_LAST = 10
"""The penalty of who is rung when nobody else is free."""
ANY = ""
"""The skill that every caller needs."""
AHEAD = 5
"""The priority in the line of who has waited for a skill already; 10 is who was in a talk (files/dialplan.py)."""
EARLIER = 3
"""The priority of callers who are served earlier: it was said so of them, or they could not be served before."""


def skill_queue(code: str) -> str:
    """The queue of those who speak a language or know a field."""
    return f"{SKILL}{code}"


def own_queue(extension: str) -> str:
    """The queue that rings one operator's phone."""
    return f"{OWN}{extension}"


def is_written(queue: str) -> bool:
    """Whether a queue is one of these, which the exchange has once its files were written for it."""
    return queue.startswith((SKILL, OWN))


def places(queues: Collection[str], skills: Mapping[str, bool], extension: str) -> dict[str, int]:
    """The queues in which an operator serves, with the penalty there. `skills`: by code, whether they are rung first
    for it; of no skill everybody serves all callers, first."""
    result = {queue: _penalty(first=skills.get(ANY, True)) for queue in queues}
    result |= {skill_queue(code): _penalty(first=first) for code, first in skills.items() if code != ANY}
    return {**result, own_queue(extension): 0}


def _penalty(*, first: bool) -> int:
    return 0 if first else RUNG_LAST
