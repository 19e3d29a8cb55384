"""To whom we sent lies sealed, and is found by an index that says nothing. Columns only, as for who wrote (0017)."""

from django.db import migrations, models
from django.db.models import Q

import caunoi.vault.fields

ADD = """
ALTER TABLE conversations_outgoing
    ALTER COLUMN address DROP NOT NULL, ADD COLUMN address_sealed bytea, ADD COLUMN address_index bytea
"""
DROP = "ALTER TABLE conversations_outgoing DROP COLUMN address_sealed, DROP COLUMN address_index"


class Migration(migrations.Migration):
    dependencies = [("conversations", "0020_plain_receipts")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveIndex("outgoing", "outgoing_straight"),
                migrations.RemoveField("outgoing", "address"),
                migrations.AddField(
                    "outgoing",
                    "address_plain",
                    caunoi.vault.fields.PlainOf("address", max_length=320, db_column="address"),
                ),
                migrations.AddField(
                    "outgoing",
                    "address",
                    caunoi.vault.fields.SealedText(
                        "identities", before="address_plain", bound="once", db_column="address_sealed"
                    ),
                ),
                migrations.AddField("outgoing", "address_index", caunoi.vault.fields.BlindOf("address", caseless=True)),
                migrations.AddIndex(
                    "outgoing",
                    models.Index(
                        fields=["address_plain", "-id"], condition=Q(("conversation", None)), name="outgoing_straight"
                    ),
                ),
            ],
        ),
    ]
