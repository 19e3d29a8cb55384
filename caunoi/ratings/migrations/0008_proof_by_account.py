"""A rating may be proved by an account elsewhere. A longer varchar rewrites no row (PostgreSQL's ALTER TABLE)."""

from django.db import migrations, models

PROOFS = ("link", "code", "phone", "reply", "app", "account")


class Migration(migrations.Migration):
    dependencies = [("ratings", "0007_flagged")]
    operations = [
        migrations.AlterField(
            "rating",
            "proof",
            models.CharField(
                blank=True,
                choices=[(proof, proof.title()) for proof in PROOFS],
                db_default="",
                default="",
                max_length=7,
            ),
        )
    ]
