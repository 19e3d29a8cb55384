"""People are looked up by indexes; those that `vault.seal_older` has still to seal, by their rows. Begun anew when run
again: a build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q

PLAIN = ("name", "phone", "email", "address")


def index(name, columns, condition, fields, state):
    drop = f"DROP INDEX CONCURRENTLY IF EXISTS {name}"
    create = f"CREATE INDEX CONCURRENTLY {name} ON conversations_contact ({columns}) WHERE {condition}"
    added = models.Index(fields=fields, condition=state, name=name)
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop, create], drop)], [migrations.AddIndex("contact", added)]
    )


def unsealed():
    rows = Q()
    for name in PLAIN:
        rows |= Q((f"{name}_plain__isnull", False))
    return rows


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("conversations", "0017_sealed_people")]
    operations = [
        *(
            index(
                f"contact_{name}_index",
                f"{name}_index",
                f"{name}_index IS NOT NULL",
                [f"{name}_index"],
                Q((f"{name}_index__isnull", False)),
            )
            for name in ("phone", "email")
        ),
        index("contact_plain_email", "email", "NOT (email = '')", ["email_plain"], ~Q(("email_plain", ""))),
        index("contact_plain", "id", " OR ".join(f"{name} IS NOT NULL" for name in PLAIN), ["id"], unsealed()),
    ]
