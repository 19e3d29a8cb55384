"""What came in raw lies sealed. Columns only: older processes go on with the ones that are there, and `vault.seal_older`
empties those once none of them is at work. Until it has seen that, identities are written unsealed once more, wherever a
release has served before: what older processes find empty they take for nothing."""

from django.db import migrations

import caunoi.vault.fields

ADD = """
ALTER TABLE conversations_receipt
    ALTER COLUMN raw DROP NOT NULL, ADD COLUMN raw_sealed bytea, ADD COLUMN blob_key bytea
"""
DROP = "ALTER TABLE conversations_receipt DROP COLUMN raw_sealed, DROP COLUMN blob_key"
WAIT = """
UPDATE vault_datakey SET settled = NULL
WHERE purpose = 'identities' AND retired IS NULL
    AND (EXISTS (SELECT FROM jobs_release) OR EXISTS (SELECT FROM conversations_receipt))
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0018_people_indexes"), ("vault", "0002_indexes"), ("jobs", "0002_releases")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveField("receipt", "raw"),
                migrations.AddField("receipt", "raw_plain", caunoi.vault.fields.PlainJSONOf("raw", db_column="raw")),
                migrations.AddField(
                    "receipt",
                    "raw",
                    caunoi.vault.fields.SealedJSON(
                        "identities", before="raw_plain", bound="external_id", db_column="raw_sealed"
                    ),
                ),
                migrations.AddField(
                    "receipt", "blob_key", caunoi.vault.fields.SealedBytes("identities", bound="external_id")
                ),
            ],
        ),
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
    ]
