"""The tickets that were there before their counters: whatever changes meanwhile is counted by the triggers, and one
statement sees one moment, so that nobody has to wait."""

from django.db import migrations

COUNT = """
INSERT INTO tickets_tally (state, restricted, area, count, folded)
SELECT state, restricted, area, sum(n), false FROM (
    SELECT state, restricted, area_id AS area, count(*) AS n FROM tickets_ticket GROUP BY 1, 2, 3
    UNION ALL SELECT state, restricted, area, -count FROM tickets_tally
) AS sides GROUP BY 1, 2, 3 HAVING sum(n) <> 0
"""


class Migration(migrations.Migration):
    dependencies = [("tickets", "0008_tally")]
    operations = [migrations.RunSQL(COUNT, migrations.RunSQL.noop)]
