"""What has still to be sealed is found without reading all that ever came in. Begun anew when run again: a build that
was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q


def index(name, where, condition):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f"CREATE INDEX CONCURRENTLY {name} ON conversations_receipt (id) WHERE {where}"
    state = models.Index(fields=["id"], condition=condition, name=name)
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)], [migrations.AddIndex("receipt", state)]
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0019_sealed_receipts")]
    operations = [
        index("receipt_plain", "raw IS NOT NULL", Q(raw_plain__isnull=False)),
        index("receipt_plain_file", "NOT (blob = '') AND blob_key IS NULL", ~Q(blob="") & Q(blob_key__isnull=True)),
    ]
