from caunoi.jobs import queue
from caunoi.statistics import rollup


@queue.every("40 19 * * *")  # 02:40 in Vietnam
def heal(timestamp: int) -> None:
    """Every night, correct the counts of tickets that no longer exist or were not counted."""
    rollup.heal()
