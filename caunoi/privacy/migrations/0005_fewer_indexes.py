"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("privacy", "0004_erasure_passed_on")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS privacy_affected_breach_id_4c1c86f9",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS privacy_affected_breach_id_4c1c86f9 ON privacy_affected (breach_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="affected",
                    name="breach",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="people",
                        to="privacy.breach",
                    ),
                ),
            ],
        ),
    ]
