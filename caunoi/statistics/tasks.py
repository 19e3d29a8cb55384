from caunoi.jobs import queue
from caunoi.statistics import rollup


@queue.every("40 19 * * *")  # 02:40 in Vietnam
def heal(timestamp: int) -> None:
    """Every night, put right what is kept of tickets that are no more, or is not kept of those that are."""
    rollup.heal()
