"""One call-back of a number and reason is open at a time, and is found by the number or its end. Begun anew when run
again: a build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q

OPEN = Q(state__in=["open", "claimed"])
ONE = "one_open_callback_of"


def concurrently(name, columns, condition, state, *, unique=""):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f"CREATE {unique} INDEX CONCURRENTLY {name} ON conversations_callback ({columns}) WHERE {condition}"
    return migrations.SeparateDatabaseAndState([migrations.RunSQL([drop, create], drop)], [state])


def index(name, column, field, lying):
    state = models.Index(fields=[field], condition=Q((f"{lying}__isnull", False)), name=name)
    found = "phone" if lying == "phone_plain" else lying
    return concurrently(name, column, f"{found} IS NOT NULL", migrations.AddIndex("callback", state))


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0023_sealed_callbacks")]
    operations = [
        concurrently(
            ONE,
            "phone_index, reason",
            "state IN ('open', 'claimed')",
            migrations.AddConstraint(
                "callback", models.UniqueConstraint(fields=["phone_index", "reason"], condition=OPEN, name=ONE)
            ),
            unique="UNIQUE",
        ),
        index("callback_number", "phone_index", "phone_index", "phone_index"),
        index("callback_number_end", "phone_end", "phone_end", "phone_end"),
        index("callback_plain", "id", "id", "phone_plain"),
    ]
