"""A file of everything goes to a way of those who were added to a request, and somebody else grants it."""

from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("privacy", "0002_proof_by_account")]
    operations = [
        migrations.AddField(
            "datarequest",
            "key",
            models.CharField(blank=True, db_default="", db_index=True, default="", max_length=32),
        ),
        migrations.AddField(
            "datarequest", "holders", ArrayField(models.BigIntegerField(), db_default=[], default=list, size=None)
        ),
        migrations.AddField("datarequest", "widened_by", models.BigIntegerField(blank=True, null=True)),
    ]
