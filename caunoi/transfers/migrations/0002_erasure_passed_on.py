"""Who is erased here is erased where their report went, too, if they decide so there: what was said of it."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("transfers", "0001_initial")]
    operations = [
        migrations.AddField("arrival", "erasure_asked", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("transfer", "erased", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("transfer", "erasure_noted", models.DateTimeField(blank=True, null=True)),
        AddIndexConcurrently(
            "transfer",
            models.Index(
                fields=["due"], condition=Q(erased__isnull=False, erasure_noted=None), name="transfer_erasure_due"
            ),
        ),
    ]
