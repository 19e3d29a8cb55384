"""Inboxes' secrets lie sealed, and what goes out too, as it holds citizens' links. `vault.seal_older` seals the rows of
before, in batches, once a worker of this release runs: until then processes of the one before read the old columns."""

from django.db import migrations, models

import caunoi.vault.fields

ADD = """
ALTER TABLE conversations_inbox
    ALTER COLUMN secrets DROP NOT NULL, ALTER COLUMN secrets DROP DEFAULT, ADD COLUMN secrets_sealed bytea
"""
OUT = """
ALTER TABLE conversations_outgoing
    ALTER COLUMN text DROP NOT NULL, ALTER COLUMN "values" DROP NOT NULL,
    ADD COLUMN text_sealed bytea, ADD COLUMN values_sealed bytea
"""
BACK = "ALTER TABLE conversations_outgoing DROP COLUMN text_sealed, DROP COLUMN values_sealed"


def sealed(kind, name):
    return kind("links", before=f"{name}_plain", bound="once", db_column=f"{name}_sealed")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0014_who_wrote"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, "ALTER TABLE conversations_inbox DROP COLUMN secrets_sealed")],
            [
                migrations.RemoveField("inbox", "secrets"),
                migrations.AddField(
                    "inbox", "secrets_plain", models.JSONField(db_column="secrets", editable=False, null=True)
                ),
                migrations.AddField(
                    "inbox",
                    "secrets",
                    caunoi.vault.fields.SealedJSON(
                        "secrets", before="secrets_plain", bound="name", db_column="secrets_sealed"
                    ),
                ),
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(OUT, BACK)],
            [
                migrations.RemoveField("outgoing", "text"),
                migrations.RemoveField("outgoing", "values"),
                migrations.AddField(
                    "outgoing", "text_plain", models.TextField(db_column="text", editable=False, null=True)
                ),
                migrations.AddField(
                    "outgoing", "values_plain", models.JSONField(db_column="values", editable=False, null=True)
                ),
                migrations.AddField("outgoing", "text", sealed(caunoi.vault.fields.SealedText, "text")),
                migrations.AddField("outgoing", "values", sealed(caunoi.vault.fields.SealedJSON, "values")),
            ],
        ),
    ]
