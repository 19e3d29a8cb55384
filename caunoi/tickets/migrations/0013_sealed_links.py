"""Follow links lie sealed, and are looked up by a digest. The columns are added at once; `vault.seal_older` fills them,
in batches while everything runs, and empties the old one."""

from django.db import migrations, models
from django.db.models import Q

import caunoi.vault.fields

ADD = """
ALTER TABLE tickets_ticket
    ALTER COLUMN follow DROP NOT NULL, ADD COLUMN follow_sealed bytea, ADD COLUMN follow_index bytea
"""
DROP = "ALTER TABLE tickets_ticket DROP COLUMN follow_sealed, DROP COLUMN follow_index"
INDEX = """
CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_ticket_a_link ON tickets_ticket (follow_index)
WHERE follow_index IS NOT NULL
"""


class Migration(migrations.Migration):
    atomic = False  # the index is made while people work
    dependencies = [("tickets", "0012_sight"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveField("ticket", "follow"),
                migrations.AddField(
                    "ticket",
                    "follow_plain",
                    models.CharField(db_column="follow", editable=False, max_length=24, null=True, unique=True),
                ),
                migrations.AddField(
                    "ticket",
                    "follow",
                    caunoi.vault.fields.SealedText(
                        "links", before="follow_plain", bound="code", db_column="follow_sealed"
                    ),
                ),
                migrations.AddField("ticket", "follow_index", caunoi.vault.fields.DigestOf("follow")),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(INDEX, "DROP INDEX one_ticket_a_link")],
            [
                migrations.AddConstraint(
                    "ticket",
                    models.UniqueConstraint(
                        condition=Q(("follow_index__isnull", False)), fields=("follow_index",), name="one_ticket_a_link"
                    ),
                )
            ],
        ),
    ]
