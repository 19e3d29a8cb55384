from caunoi.drafts import actions
from caunoi.jobs import queue


@queue.every("40 20 * * *")  # 03:40 in Vietnam
def forget_old(timestamp: int) -> None:
    """Drafts hold words of citizens: they are not kept longer than somebody may come back to them."""
    actions.forget_old()
