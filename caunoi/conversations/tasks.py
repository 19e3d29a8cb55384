from caunoi.conversations import actions
from caunoi.jobs import queue


@queue.every("17 3 * * *")
def forget_drafts(timestamp: int) -> None:
    """Every night, delete the reports that nobody finished."""
    actions.forget_drafts()
