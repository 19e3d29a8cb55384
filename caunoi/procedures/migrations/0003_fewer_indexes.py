"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("procedures", "0002_import_trail")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS procedures_version_procedure_id_5c0c268c",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS procedures_version_procedure_id_5c0c268c ON procedures_version (procedure_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="version",
                    name="procedure",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="procedures.procedure",
                    ),
                ),
            ],
        ),
    ]
