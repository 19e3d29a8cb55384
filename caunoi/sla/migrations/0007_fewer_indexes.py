"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sla", "0006_first_due")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS sla_deadline_ticket_id_84c22b96",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS sla_deadline_ticket_id_84c22b96 ON sla_deadline (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS sla_escalation_deadline_id_4d86fd5a",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS sla_escalation_deadline_id_4d86fd5a ON sla_escalation (deadline_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS sla_escalation_ticket_id_3b97ddce",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS sla_escalation_ticket_id_3b97ddce ON sla_escalation (ticket_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="deadline",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="deadlines",
                        to="tickets.ticket",
                    ),
                ),
                migrations.AlterField(
                    model_name="escalation",
                    name="deadline",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="sla.deadline",
                    ),
                ),
                migrations.AlterField(
                    model_name="escalation",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="escalations",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
    ]
