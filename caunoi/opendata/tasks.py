from caunoi.jobs import queue
from caunoi.opendata import actions, queries


@queue.every("10 19 * * *")  # 02:10 in Vietnam
def nightly(timestamp: int) -> None:
    """The register as open data, every night."""
    actions.issue()


@queue.every("*/10 * * * *")
def renew(timestamp: int) -> None:
    """After a recall the last edition is no longer served: make the next one soon."""
    edition = queries.newest()
    if edition is None or not queries.fresh(edition):
        actions.issue()
