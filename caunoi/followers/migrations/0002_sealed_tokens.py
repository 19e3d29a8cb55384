"""The tokens and proofs of followers lie sealed, and tokens are looked up by a digest. `vault.seal_older` seals the rows
of before."""

from django.db import migrations, models
from django.db.models import Q

import caunoi.vault.fields

ADD = """
ALTER TABLE followers_follower
    ALTER COLUMN token DROP NOT NULL, ALTER COLUMN proof DROP NOT NULL,
    ADD COLUMN token_sealed bytea, ADD COLUMN token_index bytea, ADD COLUMN proof_sealed bytea
"""
DROP = "ALTER TABLE followers_follower DROP COLUMN token_sealed, DROP COLUMN token_index, DROP COLUMN proof_sealed"


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
                    "follower",
                    "proof_plain",
                    models.CharField(db_column="proof", editable=False, max_length=24, null=True),
                ),
                migrations.AddField(
                    "follower",
                    "proof",
                    caunoi.vault.fields.SealedText("links", before="proof_plain", db_column="proof_sealed"),
                ),
            ],
        ),
        migrations.AddConstraint(
            "follower",
            models.UniqueConstraint(
                condition=Q(("token_index__isnull", False)), fields=("token_index",), name="one_follower_a_token"
            ),
        ),
    ]
