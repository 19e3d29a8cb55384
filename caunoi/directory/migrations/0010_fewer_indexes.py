"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("directory", "0009_assurances")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS directory_agencysuccession_old_id_f0cad556",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_agencysuccession_old_id_f0cad556 ON directory_agencysuccession (old_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS directory_areasuccession_old_id_33bfc762",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_areasuccession_old_id_33bfc762 ON directory_areasuccession (old_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS directory_day_calendar_id_93b351e7",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_day_calendar_id_93b351e7 ON directory_day (calendar_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS directory_formername_agency_id_a97788a3",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS directory_formername_agency_id_a97788a3 ON directory_formername (agency_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="agencysuccession",
                    name="old",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followed_by",
                        to="directory.agency",
                    ),
                ),
                migrations.AlterField(
                    model_name="areasuccession",
                    name="old",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="followed_by",
                        to="directory.area",
                    ),
                ),
                migrations.AlterField(
                    model_name="day",
                    name="calendar",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="days",
                        to="directory.calendar",
                    ),
                ),
                migrations.AlterField(
                    model_name="formername",
                    name="agency",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_names",
                        to="directory.agency",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="text",
            name="key",
            field=models.SlugField(db_index=False, max_length=40),
        ),
    ]
