"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("quality", "0005_whose_remark")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS quality_case_sample_id_c736f26c",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS quality_case_sample_id_c736f26c ON quality_case (sample_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS quality_score_case_id_7a85514d",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS quality_score_case_id_7a85514d ON quality_score (case_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="case",
                    name="sample",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="cases",
                        to="quality.sample",
                    ),
                ),
                migrations.AlterField(
                    model_name="score",
                    name="case",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="scores",
                        to="quality.case",
                    ),
                ),
            ],
        ),
    ]
