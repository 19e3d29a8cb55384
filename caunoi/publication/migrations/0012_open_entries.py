"""What may be joined, by commune and by place: made while people work."""

from django.contrib.postgres.indexes import GistIndex
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models
from django.db.models import Q

from caunoi.directory.models import Point


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("publication", "0011_fewer_indexes")]
    operations = [
        AddIndexConcurrently(
            model_name="entry",
            index=models.Index(fields=["area", "-publication"], condition=Q(shown=True, done=False), name="entry_open_area"),
        ),
        AddIndexConcurrently(
            model_name="entry",
            index=GistIndex(
                Point(), condition=Q(shown=True, done=False, latitude__isnull=False), name="entry_open_point"
            ),
        ),
    ]
