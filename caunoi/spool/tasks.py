from caunoi.jobs import queue
from caunoi.spool import actions


@queue.every("41 19 * * *")
def forget_notes(timestamp: int) -> None:
    """Every night, the notes of tickets that came out of the spool a week ago."""
    actions.forget_notes()
