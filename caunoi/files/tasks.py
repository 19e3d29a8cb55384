from caunoi.files import actions
from caunoi.jobs import queue


@queue.every("30 20 * * *")  # 03:30 in Vietnam
def forget_orphans(timestamp: int) -> None:
    """Every night, remove the pictures that were sent and never used, and files that no picture names."""
    actions.forget_orphans()
    actions.forget_strays()


@queue.every("25 * * * *")
def trim_orphans(timestamp: int) -> None:
    """Every hour, keep what strangers have sent and never used within its bound."""
    actions.trim_orphans()
