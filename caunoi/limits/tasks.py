from caunoi.jobs import queue
from caunoi.limits import actions


@queue.every("7 * * * *")
def sweep(timestamp: int) -> None:
    """Every hour, remove the counts that are over."""
    actions.sweep()
