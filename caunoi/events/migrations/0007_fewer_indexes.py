"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("events", "0006_seals")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS events_failure_event_id_f06dfe6e",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS events_failure_event_id_f06dfe6e ON events_failure (event_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="failure",
                    name="event",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="failures",
                        to="events.event",
                    ),
                ),
            ],
        ),
    ]
