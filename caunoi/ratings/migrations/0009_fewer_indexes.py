"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ratings", "0008_proof_by_account")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_batch_agency_id_eca2a77a",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_batch_agency_id_eca2a77a ON ratings_batch (agency_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_invitation_ticket_id_6963e87e",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_invitation_ticket_id_6963e87e ON ratings_invitation (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_invitation_agency_id_3e818c2d",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_invitation_agency_id_3e818c2d ON ratings_invitation (agency_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_rating_agency_id_1d01b002",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_rating_agency_id_1d01b002 ON ratings_rating (agency_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_refutation_ticket_id_b18decc6",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_refutation_ticket_id_b18decc6 ON ratings_refutation (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS ratings_refutation_agency_id_f175fb9a",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS ratings_refutation_agency_id_f175fb9a ON ratings_refutation (agency_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="batch",
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
                    model_name="invitation",
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
                    model_name="invitation",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invitations",
                        to="tickets.ticket",
                    ),
                ),
                migrations.AlterField(
                    model_name="rating",
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
                    model_name="refutation",
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
                    model_name="refutation",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="refutations",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
    ]
