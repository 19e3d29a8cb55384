"""Inboxes' secrets lie sealed. There are some dozens of inboxes; the old column stays, empty, for a release."""

import json

from django.db import migrations

import caunoi.vault.fields

ADD = "ALTER TABLE conversations_inbox ADD COLUMN secrets_sealed bytea"


def seal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, secrets::text FROM conversations_inbox WHERE secrets::text <> '{}'")
        plain = {pk: json.loads(text) for pk, text in cursor.fetchall()}
        for box in apps.get_model("conversations", "Inbox").objects.filter(pk__in=plain):
            box.secrets = plain[box.pk]
            box.save(update_fields=["secrets"])
        cursor.execute("UPDATE conversations_inbox SET secrets = '{}' WHERE secrets::text <> '{}'")


class Migration(migrations.Migration):
    dependencies = [("conversations", "0014_who_wrote"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, "ALTER TABLE conversations_inbox DROP COLUMN secrets_sealed")],
            [
                migrations.RemoveField("inbox", "secrets"),
                migrations.AddField(
                    "inbox",
                    "secrets",
                    caunoi.vault.fields.SealedJSON("secrets", bound="name", db_column="secrets_sealed"),
                ),
            ],
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
    ]
