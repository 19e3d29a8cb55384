"""What one process does at a time for the length of a transaction, whoever comes first, on whatever host."""

from django.db import connection

PATIENCE = 10.0  # seconds
TRY = "SELECT pg_try_advisory_xact_lock(%s)"
BOUND = ", set_config('idle_in_transaction_session_timeout', %s, true)"


def alone(number: int, *, patience: float = PATIENCE) -> bool:
    """Whether nobody else has this number (lib/locks.py); then nobody has until this transaction is over. The server
    ends it where we say nothing for `patience` seconds, so that a process that stands still holds nobody up; unless it
    is within somebody else's transaction, which is not ours to end."""
    with connection.cursor() as cursor:
        if connection.savepoint_ids:
            cursor.execute(TRY, [number])
        else:
            cursor.execute(TRY + BOUND, [number, f"{patience * 1000:.0f}ms"])
        return bool(cursor.fetchone()[0])
