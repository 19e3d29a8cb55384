"""Commands are found by whose call they are about, by who gave them, and while nothing came of them yet. Begun anew when
run again: a build that was killed leaves an index that nobody reads."""

from django.db import migrations, models
from django.db.models import Q

PENDING = models.Index(fields=["id"], condition=Q(("state__in", ["asked", "taken"])), name="command_pending")
OPERATOR = models.Index(fields=["operator", "asked"], name="command_operator")
USER = models.Index(fields=["user", "asked"], name="command_user")


def drop(name):
    return f"DROP INDEX CONCURRENTLY IF EXISTS {name}"


def create(name, rest):
    return f"CREATE INDEX CONCURRENTLY {name} ON calls_callcommand {rest}"


def made(index, rest):
    """The index, made while people work."""
    return migrations.SeparateDatabaseAndState(
        [migrations.RunSQL([drop(index.name), create(index.name, rest)], drop(index.name))],
        [migrations.AddIndex("callcommand", index)],
    )


class Migration(migrations.Migration):
    atomic = False  # the indexes are made while people work
    dependencies = [("calls", "0016_two_exchanges")]
    operations = [
        made(PENDING, "(id) WHERE state IN ('asked', 'taken')"),
        made(OPERATOR, "(operator_id, asked)"),
        made(USER, "(user_id, asked)"),
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    drop("command_asked"),
                    [drop("command_asked"), create("command_asked", "(id) WHERE state = 'asked'")],
                )
            ],
            [migrations.RemoveIndex("callcommand", "command_asked")],
        ),
    ]
