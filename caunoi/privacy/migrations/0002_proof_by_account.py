"""Who asks about their data may have proved it by an account elsewhere; the choices are Django's alone."""

from django.db import migrations, models

PROOFS = ("link", "code", "account", "staff", "provider")


class Migration(migrations.Migration):
    dependencies = [("privacy", "0001_initial")]
    operations = [
        migrations.AlterField(
            "datarequest",
            "proof",
            models.CharField(
                blank=True, choices=[*((proof, proof.title()) for proof in PROOFS), ("", "None")], max_length=10
            ),
        )
    ]
