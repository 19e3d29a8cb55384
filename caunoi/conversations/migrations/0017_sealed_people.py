"""Who wrote lies sealed, and is found by indexes that say nothing. Columns only: older processes go on with the ones that
are there, and `vault.seal_older` empties those once none of them is at work."""

from django.db import migrations, models

import caunoi.vault.fields

SIZES = {"name": 120, "phone": 16, "email": 254, "address": 300}
ADD = f"""
ALTER TABLE conversations_contact
    {"".join(f"ALTER COLUMN {name} DROP NOT NULL, ADD COLUMN {name}_sealed bytea, " for name in SIZES)}
    ADD COLUMN phone_index bytea, ADD COLUMN email_index bytea, ADD COLUMN words bytea[]
"""
DROP = f"""
ALTER TABLE conversations_contact
    {"".join(f"DROP COLUMN {name}_sealed, " for name in SIZES)}
    DROP COLUMN phone_index, DROP COLUMN email_index, DROP COLUMN words
"""


def plain(name, size):
    return [
        migrations.RemoveField("contact", name),
        migrations.AddField(
            "contact", f"{name}_plain", caunoi.vault.fields.PlainOf(name, max_length=size, db_column=name)
        ),
        migrations.AddField(
            "contact",
            name,
            caunoi.vault.fields.SealedText("identities", before=f"{name}_plain", db_column=f"{name}_sealed"),
        ),
    ]


class Migration(migrations.Migration):
    dependencies = [("conversations", "0016_still_plain"), ("vault", "0002_indexes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveIndex("contact", "contact_phone"),
                *(operation for name, size in SIZES.items() for operation in plain(name, size)),
                migrations.AddField("contact", "phone_index", caunoi.vault.fields.BlindOf("phone")),
                migrations.AddField("contact", "email_index", caunoi.vault.fields.BlindOf("email", caseless=True)),
                migrations.AddField("contact", "words", caunoi.vault.fields.BlindWordsOf("name", "email")),
                migrations.AddIndex(
                    "contact",
                    models.Index(
                        condition=models.Q(("phone_plain", ""), _negated=True),
                        fields=["phone_plain"],
                        name="contact_phone",
                    ),
                ),
            ],
        ),
    ]
