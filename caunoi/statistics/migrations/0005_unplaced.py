from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("statistics", "0004_places"),
    ]

    operations = [
        AddIndexConcurrently(
            model_name="span",
            index=models.Index(fields=["ticket"], condition=models.Q(place=""), name="span_unplaced"),
        ),
    ]
