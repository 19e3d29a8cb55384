"""What `vault.seal_older` has still to seal is found without reading all that ever went out. Begun anew when run again: a
build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q


def index(name, plain, column):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f'CREATE INDEX CONCURRENTLY {name} ON conversations_outgoing (id) WHERE "{column}" IS NOT NULL'
    state = models.Index(fields=["id"], condition=Q((f"{plain}__isnull", False)), name=name)
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)], [migrations.AddIndex("outgoing", state)]
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0015_sealed_secrets")]
    operations = [
        index("outgoing_plain_text", "text_plain", "text"),
        index("outgoing_plain_values", "values_plain", "values"),
    ]
