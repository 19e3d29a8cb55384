from caunoi.jobs import queue
from caunoi.vault import actions


@queue.every("*/10 * * * *")
def seal_older(timestamp: int) -> None:
    actions.seal_older()


@queue.every("35 19 * * *")  # 02:35 in Vietnam
def tidy(timestamp: int) -> None:
    actions.tidy()
