from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("statistics", "0002_pairs"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="tally",
            index=models.Index(fields=["by", "key", "day"], name="tally_key"),
        ),
    ]
