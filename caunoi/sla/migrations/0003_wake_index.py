from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("sla", "0002_ladder")]

    operations = [
        AddIndexConcurrently(
            model_name="deadline",
            index=models.Index(fields=["wake"], condition=models.Q(("wake__isnull", False)), name="deadline_wake"),
        ),
    ]
