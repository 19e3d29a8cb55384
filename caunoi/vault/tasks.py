from caunoi.jobs import queue
from caunoi.vault import actions, queries


@queue.every("*/10 * * * *")
def seal_older(timestamp: int) -> None:
    actions.seal_older()


@queue.every("35 19 * * *")  # 02:35 in Vietnam
def tidy(timestamp: int) -> None:
    """What a broken-off rotation left is sealed anew, and keys that seal nothing more are forgotten."""
    for purpose in queries.Purpose.values:
        actions.reseal(purpose)
        actions.drop_retired(purpose)
