"""Keeping the tickets' counters short, and right."""

from django.db import connection, transaction

from caunoi.jobs import turns
from caunoi.lib import locks

KEYS = "state, restricted, area"

FOLD = f"""
WITH stale AS (SELECT DISTINCT {KEYS} FROM tickets_tally WHERE NOT folded), gone AS (
    DELETE FROM tickets_tally t USING stale s
    WHERE (t.state, t.restricted) = (s.state, s.restricted) AND t.area IS NOT DISTINCT FROM s.area RETURNING t.*
)
INSERT INTO tickets_tally ({KEYS}, count, folded)
SELECT {KEYS}, sum(count), true FROM gone GROUP BY {KEYS} HAVING sum(count) <> 0
"""  # noqa: S608

# One statement sees one moment: what is counted and what is there are compared as they were then.
RECOUNT = f"""
INSERT INTO tickets_tally ({KEYS}, count, folded)
SELECT {KEYS}, sum(n), false FROM (
    SELECT state, restricted, area_id AS area, count(*) AS n FROM tickets_ticket GROUP BY 1, 2, 3
    UNION ALL SELECT {KEYS}, -count FROM tickets_tally
) AS sides GROUP BY {KEYS} HAVING sum(n) <> 0
"""  # noqa: S608


@transaction.atomic
def fold() -> None:
    """Make one row of the rows of the same tickets. The sums stay what they are at every moment."""
    if turns.alone(locks.FOLDS_TICKETS):
        with connection.cursor() as cursor:
            cursor.execute(FOLD)


def recount() -> int:
    """Recount all tickets and correct the counters; the number of those that were wrong. Blocks nobody."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT)
        return int(cursor.rowcount)
