from caunoi.jobs import queue
from caunoi.starter import rehearsal


@queue.every("*/10 * * * *")
def sweep_rehearsals(timestamp: int) -> None:
    """Take away what a rehearsal that was killed left."""
    rehearsal.sweep()
