"""What is to be said of people who were erased is found by an index, built beside the traffic."""

from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("transfers", "0002_erasure_passed_on")]
    operations = [
        AddIndexConcurrently(
            "transfer",
            models.Index(
                fields=["due"], condition=Q(erased__isnull=False, erasure_noted=None), name="transfer_erasure_due"
            ),
        ),
    ]
