"""Calls that were heard badly are found by an index. Begun anew when run again: a build that was killed leaves one that
nobody reads."""

from django.db import migrations, models
from django.db.models import F, Q

NAME = "call_heard_badly"
DROP = f"DROP INDEX CONCURRENTLY IF EXISTS {NAME}"
CREATE = f"CREATE INDEX CONCURRENTLY {NAME} ON calls_call (began DESC) WHERE NOT (one_way = '' AND sound_trouble = '')"


class Migration(migrations.Migration):
    atomic = False  # the index is made while people work
    dependencies = [("calls", "0013_how_calls_sound")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([DROP, CREATE], DROP)],
            [
                migrations.AddIndex(
                    "call",
                    models.Index(F("began").desc(), condition=~Q(("one_way", ""), ("sound_trouble", "")), name=NAME),
                )
            ],
        )
    ]
