"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("routing", "0003_goes_on")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS routing_handover_agency_id_9bd18f0f",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS routing_handover_agency_id_9bd18f0f ON routing_handover (agency_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS routing_opening_ticket_id_5e5ee606",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS routing_opening_ticket_id_5e5ee606 ON routing_opening (ticket_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="handover",
                    name="agency",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="handovers",
                        to="directory.agency",
                    ),
                ),
                migrations.AlterField(
                    model_name="opening",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="openings",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
    ]
