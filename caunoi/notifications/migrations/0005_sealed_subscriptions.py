"""The addresses and secrets of browsers that are pushed to lie sealed, and are looked up by a digest. `vault.seal_older`
seals the rows of before. The digest is not unique: while the hotline is upgraded, a process of the release before may
write a browser that it no longer recognises once more."""

from django.db import migrations, models

import caunoi.vault.fields

ADD = """
ALTER TABLE notifications_subscription
    ADD COLUMN endpoint_sealed bytea, ADD COLUMN endpoint_index bytea, ADD COLUMN auth_sealed bytea,
    ALTER COLUMN endpoint DROP NOT NULL, ALTER COLUMN auth DROP NOT NULL
"""
DROP = """
ALTER TABLE notifications_subscription
    DROP COLUMN endpoint_sealed, DROP COLUMN endpoint_index, DROP COLUMN auth_sealed
"""


def sealed(name):
    return caunoi.vault.fields.SealedText("secrets", before=f"{name}_plain", db_column=f"{name}_sealed")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_push"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveConstraint("subscription", "each_browser_once_a_ticket"),
                migrations.RemoveField("subscription", "endpoint"),
                migrations.RemoveField("subscription", "auth"),
                migrations.AddField(
                    "subscription",
                    "endpoint_plain",
                    models.TextField(db_column="endpoint", editable=False, null=True),
                ),
                migrations.AddField(
                    "subscription",
                    "auth_plain",
                    models.CharField(db_column="auth", editable=False, max_length=30, null=True),
                ),
                migrations.AddConstraint(
                    "subscription",
                    models.UniqueConstraint(fields=["ticket", "endpoint_plain"], name="each_browser_once_a_ticket"),
                ),
                migrations.AddField("subscription", "endpoint", sealed("endpoint")),
                migrations.AddField("subscription", "endpoint_index", caunoi.vault.fields.DigestOf("endpoint")),
                migrations.AddField("subscription", "auth", sealed("auth")),
            ],
        ),
        migrations.AddIndex(
            "subscription", models.Index(fields=["ticket", "endpoint_index"], name="browser_of_ticket")
        ),
    ]
