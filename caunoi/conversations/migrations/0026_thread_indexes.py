"""There is one thread with an address on an inbox, and it is found by the address or by whose it is. Begun anew when run
again: a build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q

ONE, SENDER, PLAIN = "one_conversation_of_address", "conversation_sender_index", "conversation_plain"


def concurrently(name, columns, condition, state, *, unique=""):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f"CREATE {unique} INDEX CONCURRENTLY {name} ON conversations_conversation ({columns}) WHERE {condition}"
    return migrations.SeparateDatabaseAndState([migrations.RunSQL([drop, create], drop)], [state])


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0025_sealed_threads")]
    operations = [
        concurrently(
            ONE,
            "inbox_id, address_index",
            "address_index IS NOT NULL",
            migrations.AddConstraint(
                "conversation",
                models.UniqueConstraint(
                    fields=["inbox", "address_index"], condition=Q(address_index__isnull=False), name=ONE
                ),
            ),
            unique="UNIQUE",
        ),
        concurrently(
            SENDER,
            "sender_index",
            "sender_index IS NOT NULL",
            migrations.AddIndex(
                "conversation",
                models.Index(fields=["sender_index"], condition=Q(sender_index__isnull=False), name=SENDER),
            ),
        ),
        concurrently(
            PLAIN,
            "id",
            "address IS NOT NULL",
            migrations.AddIndex(
                "conversation", models.Index(fields=["id"], condition=Q(address_plain__isnull=False), name=PLAIN)
            ),
        ),
    ]
