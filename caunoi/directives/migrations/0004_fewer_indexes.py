"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("directives", "0003_person_who_orders")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS directives_directive_agency_id_e31c260c",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS directives_directive_agency_id_e31c260c ON directives_directive (agency_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="directive",
                    name="agency",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="directives",
                        to="directory.agency",
                    ),
                ),
            ],
        ),
    ]
