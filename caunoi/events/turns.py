"""One after the other: whoever counts and then adds to the count must not do so beside somebody who does the same."""

from django.db import connection


def take_turn(*subjects: str) -> None:
    """Wait for everybody who has taken a turn for one of these, until their transaction ends; then it is ours, until
    ours does."""
    with connection.cursor() as cursor:
        for subject in sorted(set(subjects)):  # in one order, so that nobody waits for one who waits for them
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 1023))", [subject])
