"""The addresses and secrets of browsers that are pushed to lie sealed. There are thousands at most: they are sealed at
once, and the old columns stay, empty, for a release."""

from django.db import migrations, models

import caunoi.vault.fields
from caunoi.lib.crypto.envelope import digest

ADD = """
ALTER TABLE notifications_subscription
    ADD COLUMN endpoint_sealed bytea, ADD COLUMN endpoint_index bytea, ADD COLUMN auth_sealed bytea,
    ALTER COLUMN endpoint SET DEFAULT '', ALTER COLUMN auth SET DEFAULT '',
    DROP CONSTRAINT each_browser_once_a_ticket
"""


def seal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, endpoint, auth FROM notifications_subscription WHERE endpoint <> ''")
        plain = {pk: (endpoint, auth) for pk, endpoint, auth in cursor.fetchall()}
        for row in apps.get_model("notifications", "Subscription").objects.filter(pk__in=plain).iterator():
            row.endpoint, row.auth = plain[row.pk]
            row.endpoint_index = digest(row.endpoint)
            row.save(update_fields=["endpoint", "auth", "endpoint_index"])
        cursor.execute("UPDATE notifications_subscription SET endpoint = '', auth = ''")


class Migration(migrations.Migration):
    dependencies = [("notifications", "0004_push"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, migrations.RunSQL.noop)],
            [
                migrations.RemoveConstraint("subscription", "each_browser_once_a_ticket"),
                migrations.RemoveField("subscription", "endpoint"),
                migrations.RemoveField("subscription", "auth"),
                migrations.AddField(
                    "subscription",
                    "endpoint",
                    caunoi.vault.fields.SealedText("secrets", db_column="endpoint_sealed"),
                ),
                migrations.AddField("subscription", "endpoint_index", caunoi.vault.fields.DigestOf("endpoint")),
                migrations.AddField(
                    "subscription", "auth", caunoi.vault.fields.SealedText("secrets", db_column="auth_sealed")
                ),
            ],
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.AddConstraint(
            "subscription",
            models.UniqueConstraint(fields=["ticket", "endpoint_index"], name="one_browser_a_ticket"),
        ),
    ]
