"""What was sent to an address, and what has still to be sealed, is found without reading all that ever went out. Begun
anew when run again: a build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q

TO = "outgoing_straight_to"
TO_SQL = (
    f"CREATE INDEX CONCURRENTLY {TO} ON conversations_outgoing (address_index, id DESC)"
    " WHERE address_index IS NOT NULL AND conversation_id IS NULL"
)
PLAIN = "outgoing_plain_address"
PLAIN_SQL = f"CREATE INDEX CONCURRENTLY {PLAIN} ON conversations_outgoing (id) WHERE address IS NOT NULL"


def index(name, create, fields, condition):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    state = models.Index(fields=fields, condition=condition, name=name)
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)], [migrations.AddIndex("outgoing", state)]
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0021_sealed_addresses")]
    operations = [
        index(TO, TO_SQL, ["address_index", "-id"], Q(conversation=None, address_index__isnull=False)),
        index(PLAIN, PLAIN_SQL, ["id"], Q(address_plain__isnull=False)),
    ]
