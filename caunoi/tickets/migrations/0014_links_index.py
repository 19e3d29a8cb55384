"""Follow links are looked up by their digest; those that `vault.seal_older` has still to seal, by their rows. Apart from
the columns, and begun anew when run again: a build that was killed leaves an index that nothing keeps to."""

from django.db import migrations, models
from django.db.models import Q

DROP = "DROP INDEX CONCURRENTLY IF EXISTS one_ticket_a_link"
CREATE = """
CREATE UNIQUE INDEX CONCURRENTLY one_ticket_a_link ON tickets_ticket (follow_index) WHERE follow_index IS NOT NULL
"""
DROP_PLAIN = "DROP INDEX CONCURRENTLY IF EXISTS ticket_plain_link"
CREATE_PLAIN = "CREATE INDEX CONCURRENTLY ticket_plain_link ON tickets_ticket (id) WHERE follow IS NOT NULL"


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("tickets", "0013_sealed_links")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([DROP, CREATE], DROP)],
            [
                migrations.AddConstraint(
                    "ticket",
                    models.UniqueConstraint(
                        condition=Q(("follow_index__isnull", False)), fields=("follow_index",), name="one_ticket_a_link"
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([DROP_PLAIN, CREATE_PLAIN], DROP_PLAIN)],
            [
                migrations.AddIndex(
                    "ticket",
                    models.Index(fields=["id"], condition=Q(("follow_plain__isnull", False)), name="ticket_plain_link"),
                )
            ],
        ),
    ]
