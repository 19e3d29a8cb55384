"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("publication", "0010_log_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS publication_blur_publication_id_7bb2113f",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS publication_blur_publication_id_7bb2113f ON publication_blur (publication_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS publication_testimony_witness_id_b97d846e",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS publication_testimony_witness_id_b97d846e ON publication_testimony (witness_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="blur",
                    name="publication",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="blurs",
                        to="publication.publication",
                    ),
                ),
                migrations.AlterField(
                    model_name="testimony",
                    name="witness",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="testimonies",
                        to="publication.witness",
                    ),
                ),
            ],
        ),
    ]
