from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # concurrently: there are many ratings

    dependencies = [("ratings", "0004_unbatched")]

    operations = [
        migrations.AddField(model_name="rating", name="read_at", field=models.DateTimeField(null=True)),
        migrations.AddField(
            model_name="rating",
            name="read_by",
            field=models.CharField(blank=True, db_default="", default="", max_length=150),
        ),
        AddIndexConcurrently(
            model_name="rating",
            index=models.Index(
                condition=models.Q(("read_at", None), models.Q(("grade", "satisfied"), _negated=True)),
                fields=["id"],
                name="rating_unread",
            ),
        ),
    ]
