"""Whose a thread is lies sealed, and is found by indexes that say nothing. Columns only, as for who wrote (0017); older
processes do not know them, so until none is at work it is written for them too, where there are threads."""

from django.db import migrations, models

import caunoi.vault.fields

ADD = """
ALTER TABLE conversations_conversation
    ALTER COLUMN address DROP NOT NULL, ADD COLUMN address_sealed bytea,
    ADD COLUMN address_index bytea, ADD COLUMN sender_index bytea
"""
DROP = """
ALTER TABLE conversations_conversation
    DROP COLUMN address_sealed, DROP COLUMN address_index, DROP COLUMN sender_index
"""
WAIT = """
UPDATE vault_datakey SET settled = NULL
WHERE purpose = 'identities' AND retired IS NULL AND EXISTS (SELECT FROM conversations_conversation)
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0024_callback_indexes"), ("vault", "0002_indexes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveConstraint("conversation", "one_conversation_per_address"),
                migrations.RemoveField("conversation", "address"),
                migrations.AddField(
                    "conversation",
                    "address_plain",
                    caunoi.vault.fields.PlainOf("address", max_length=320, db_column="address"),
                ),
                migrations.AddField(
                    "conversation",
                    "address",
                    caunoi.vault.fields.SealedText("identities", before="address_plain", db_column="address_sealed"),
                ),
                migrations.AddField("conversation", "address_index", caunoi.vault.fields.BlindOf("address", exact=True)),
                migrations.AddField(
                    "conversation", "sender_index", caunoi.vault.fields.BlindStartOf("address", end="thread", exact=True)
                ),
                migrations.AddConstraint(
                    "conversation",
                    models.UniqueConstraint(fields=["inbox", "address_plain"], name="one_conversation_per_address"),
                ),
            ],
        ),
        migrations.RunSQL(WAIT, migrations.RunSQL.noop),
    ]
