from caunoi.directives import actions
from caunoi.jobs import queue


@queue.every("* * * * *")
def late_orders(timestamp: int) -> None:
    """Every minute, say which orders have become overdue."""
    actions.sweep()
