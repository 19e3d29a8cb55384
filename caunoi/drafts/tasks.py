from caunoi.drafts import actions
from caunoi.jobs import queue


@queue.every("40 20 * * *")  # 03:40 in Vietnam
def forget_old(timestamp: int) -> None:
    """Drafts hold citizens' words, so they stay only as long as somebody may come back to them."""
    actions.forget_old()
