from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # concurrently: there are many ratings

    dependencies = [("ratings", "0003_batches")]

    operations = [
        AddIndexConcurrently(
            model_name="rating",
            index=models.Index(condition=models.Q(("batch", None)), fields=["agency", "id"], name="rating_unbatched"),
        ),
    ]
