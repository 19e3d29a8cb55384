from caunoi.files import actions
from caunoi.jobs import queue


@queue.every("30 20 * * *")  # 03:30 in Vietnam
def forget_orphans(timestamp: int) -> None:
    """Every night, remove the pictures that were sent and never used."""
    actions.forget_orphans()
