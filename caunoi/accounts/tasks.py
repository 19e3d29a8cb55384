from django.contrib.sessions.backends.db import SessionStore

from caunoi.accounts import disuse, sessions
from caunoi.jobs import queue


@queue.every("50 19 * * *")  # 02:50 in Vietnam
def tidy_accounts(timestamp: int) -> None:
    """Every night, end and delete old sessions, and close accounts that nobody uses."""
    sessions.forget_past()
    SessionStore.clear_expired()
    disuse.close_unused()
