"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("reports", "0006_recalled")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS reports_digest_user_id_c8230489",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS reports_digest_user_id_c8230489 ON reports_digest (user_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS reports_paper_report_id_075e9ce9",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS reports_paper_report_id_075e9ce9 ON reports_paper (report_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="digest",
                    name="user",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="digests",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                migrations.AlterField(
                    model_name="paper",
                    name="report",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="papers",
                        to="reports.report",
                    ),
                ),
            ],
        ),
    ]
