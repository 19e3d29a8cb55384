"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("tickets", "0015_account_proofs")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_photo_ticket_id_b22e9353",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_photo_ticket_id_b22e9353 ON tickets_photo (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_suggestion_ticket_id_e4362a10",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_suggestion_ticket_id_e4362a10 ON tickets_suggestion (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_ticket_category_id_710dbfd0",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_ticket_category_id_710dbfd0 ON tickets_ticket (category_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_ticket_area_id_9fdd5afd",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_ticket_area_id_9fdd5afd ON tickets_ticket (area_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS tickets_ticket_agency_id_5bf5f415",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS tickets_ticket_agency_id_5bf5f415 ON tickets_ticket (agency_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="photo",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="photos",
                        to="tickets.ticket",
                    ),
                ),
                migrations.AlterField(
                    model_name="suggestion",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="suggestions",
                        to="tickets.ticket",
                    ),
                ),
                migrations.AlterField(
                    model_name="ticket",
                    name="agency",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="directory.agency",
                    ),
                ),
                migrations.AlterField(
                    model_name="ticket",
                    name="area",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="directory.area",
                    ),
                ),
                migrations.AlterField(
                    model_name="ticket",
                    name="category",
                    field=models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        to="directory.category",
                    ),
                ),
            ],
        ),
    ]
