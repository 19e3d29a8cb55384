"""Follow links lie sealed, and are looked up by a digest. The columns are added at once; `vault.seal_older` fills them,
in batches while everything runs, and empties the old one."""

from django.db import migrations, models

import caunoi.vault.fields

ADD = """
ALTER TABLE tickets_ticket
    ALTER COLUMN follow DROP NOT NULL, ADD COLUMN follow_sealed bytea, ADD COLUMN follow_index bytea
"""
DROP = "ALTER TABLE tickets_ticket DROP COLUMN follow_sealed, DROP COLUMN follow_index"


class Migration(migrations.Migration):
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
    ]
