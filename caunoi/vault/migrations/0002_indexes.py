"""A purpose for what people are looked up by, and since when a purpose's values are written sealed alone: at once where
nobody has written yet."""

from django.db import migrations, models

PURPOSES = ["secrets", "links", "identities", "confidential", "index"]


def settle(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('public.conversations_contact') IS NOT NULL")
        if cursor.fetchone()[0]:
            cursor.execute("SELECT EXISTS (SELECT FROM conversations_contact)")
            if cursor.fetchone()[0]:
                return
        cursor.execute("UPDATE vault_datakey SET settled = now() WHERE retired IS NULL")


class Migration(migrations.Migration):
    dependencies = [("vault", "0001_keys")]
    operations = [
        migrations.AlterField(
            "datakey",
            "purpose",
            models.CharField(choices=[(one, one.title()) for one in PURPOSES], max_length=20),
        ),
        migrations.AddField("datakey", "settled", models.DateTimeField(blank=True, null=True)),
        migrations.RunPython(settle, migrations.RunPython.noop),
    ]
