"""The edition: a number that grows with every change of what the public reads. Caches of the register are valid for one
edition, so a correction or a withdrawal shows at once, in every process."""

from django.db import connection

NUMBER = """
SELECT (SELECT count(*) FROM publication_change) + coalesce((SELECT sum(swept) FROM publication_edition), 0)
"""


def edition() -> int:
    """The number now. A change counts when its transaction is seen, neither before nor after."""
    with connection.cursor() as cursor:
        cursor.execute(NUMBER)
        return int(cursor.fetchone()[0])
