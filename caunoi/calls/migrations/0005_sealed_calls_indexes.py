"""Calls are looked up by indexes; what the tasks have still to seal, by its rows. Begun anew when run again: a build
that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import F, Q

PLAIN = ("facts", "caller", "dialled", "phone", "transferred_to", "recording")
NUMBERED, NUMBER = r"([0-9][^0-9]*){7}", r"^(member:)?\+?[0-9]{7,15}$"


def index(table, name, columns, condition, state):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f"CREATE INDEX CONCURRENTLY {name} ON calls_{table} ({columns}) WHERE {condition}"
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)], [migrations.AddIndex(table, state)]
    )


def unsealed():
    rows = Q()
    for name in PLAIN:
        rows |= Q((f"{name}_plain__isnull", False))
    return rows


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("calls", "0004_sealed_calls")]
    operations = [
        index(
            "call",
            "call_phone_index",
            "phone_index, began DESC",
            "phone_index IS NOT NULL",
            models.Index(
                F("phone_index"), F("began").desc(), condition=Q(("phone_index__isnull", False)), name="call_phone_index"
            ),
        ),
        index(
            "call",
            "call_phone_end",
            "phone_end",
            "phone_end IS NOT NULL",
            models.Index(fields=["phone_end"], condition=Q(("phone_end__isnull", False)), name="call_phone_end"),
        ),
        index(
            "call",
            "call_plain",
            "id",
            " OR ".join(f"{name} IS NOT NULL" for name in PLAIN),
            models.Index(fields=["id"], condition=unsealed(), name="call_plain"),
        ),
        index(
            "dial",
            "dial_plain",
            "id",
            "number IS NOT NULL",
            models.Index(fields=["id"], condition=Q(("number_plain__isnull", False)), name="dial_plain"),
        ),
        index(
            "callleg",
            "leg_numbered",
            "id",
            rf"operator::text ~ '{NUMBERED}' OR leg_id::text ~ '{NUMBER}'",
            models.Index(
                fields=["id"],
                condition=Q(("operator__regex", NUMBERED)) | Q(("leg_id__regex", NUMBER)),
                name="leg_numbered",
            ),
        ),
    ]
