"""Who is to be called lies sealed, and is found by indexes that say nothing. Columns only, as for who wrote (0017)."""

from django.db import migrations, models
from django.db.models import Q

import caunoi.vault.fields

ADD = """
ALTER TABLE conversations_callback
    ALTER COLUMN phone DROP NOT NULL, ADD COLUMN phone_sealed bytea,
    ADD COLUMN phone_index bytea, ADD COLUMN phone_end bytea
"""
DROP = """
ALTER TABLE conversations_callback DROP COLUMN phone_sealed, DROP COLUMN phone_index, DROP COLUMN phone_end
"""


class Migration(migrations.Migration):
    dependencies = [("conversations", "0022_address_indexes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveConstraint("callback", "one_open_callback"),
                migrations.RemoveField("callback", "phone"),
                migrations.AddField(
                    "callback", "phone_plain", caunoi.vault.fields.PlainOf("phone", max_length=16, db_column="phone")
                ),
                migrations.AddField(
                    "callback",
                    "phone",
                    caunoi.vault.fields.SealedText("identities", before="phone_plain", db_column="phone_sealed"),
                ),
                migrations.AddField("callback", "phone_index", caunoi.vault.fields.BlindOf("phone")),
                migrations.AddField("callback", "phone_end", caunoi.vault.fields.BlindEndOf("phone")),
                migrations.AddConstraint(
                    "callback",
                    models.UniqueConstraint(
                        fields=["phone_plain", "reason"],
                        condition=Q(state__in=["open", "claimed"]),
                        name="one_open_callback",
                    ),
                ),
            ],
        ),
    ]
