"""The tokens of followers lie sealed, and are looked up by a digest. A proof of an address is seven days old at most: it
is sealed at once."""

from django.db import migrations, models
from django.db.models import Q

import caunoi.vault.fields

ADD = """
ALTER TABLE followers_follower
    ALTER COLUMN token DROP NOT NULL, ALTER COLUMN proof SET DEFAULT '',
    ADD COLUMN token_sealed bytea, ADD COLUMN token_index bytea, ADD COLUMN proof_sealed bytea
"""
DROP = "ALTER TABLE followers_follower DROP COLUMN token_sealed, DROP COLUMN token_index, DROP COLUMN proof_sealed"


def seal(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT id, proof FROM followers_follower WHERE proof <> ''")
        proofs = dict(cursor.fetchall())
        for row in apps.get_model("followers", "Follower").objects.filter(pk__in=proofs):
            row.proof = proofs[row.pk]
            row.save(update_fields=["proof"])
        cursor.execute("UPDATE followers_follower SET proof = '' WHERE proof <> ''")


class Migration(migrations.Migration):
    dependencies = [("followers", "0001_initial"), ("vault", "0001_keys")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveField("follower", "token"),
                migrations.RemoveField("follower", "proof"),
                migrations.AddField(
                    "follower", "token_plain", models.CharField(db_column="token", editable=False, max_length=24, null=True, unique=True)
                ),
                migrations.AddField(
                    "follower",
                    "token",
                    caunoi.vault.fields.SealedText("links", before="token_plain", db_column="token_sealed"),
                ),
                migrations.AddField("follower", "token_index", caunoi.vault.fields.DigestOf("token")),
                migrations.AddField(
                    "follower", "proof", caunoi.vault.fields.SealedText("links", db_column="proof_sealed")
                ),
            ],
        ),
        migrations.RunPython(seal, migrations.RunPython.noop),
        migrations.AddConstraint(
            "follower",
            models.UniqueConstraint(
                condition=Q(("token_index__isnull", False)), fields=("token_index",), name="one_follower_a_token"
            ),
        ),
    ]
