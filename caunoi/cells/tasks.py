from caunoi.cells import actions
from caunoi.jobs import queue


@queue.every("17 * * * *")
def fetch(timestamp: int) -> None:
    """Look every hour what the control plane shows, where one is named."""
    actions.fetch()


@queue.task()
def fetch_now() -> None:
    """The same, when an administrator asks."""
    actions.fetch()
