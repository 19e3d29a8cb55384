"""What acted, and for whom, beside the person: rules ask these columns, names are for showing.

Old rows stay as they are (`Event.actor_kind` reads them by their name), so nothing is rewritten.
"""

from django.db import migrations, models

BEFORE = ("id", "at", "recorded", "kind", "subject", "subject_id", '"by"', "by_user", "data")
ADDED = ("by_kind", "behalf_user")
COMPARED = """
CREATE OR REPLACE FUNCTION events_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('caunoi.erase', true) = 'yes' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'events are append-only';
    END IF;
    IF ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'events are append-only';
    END IF;
    RETURN NEW;
END $$;
"""


def compared(*columns: str) -> str:
    rows = (", ".join(f"{row}.{name}" for name in columns) for row in ("NEW", "OLD"))
    return COMPARED.format(**dict(zip(("new", "old"), rows, strict=True)))


class Migration(migrations.Migration):
    dependencies = [("events", "0004_failures")]
    operations = [
        migrations.AddField(
            "event", "by_kind", models.CharField(max_length=10, blank=True, default="", db_default="")
        ),
        migrations.AddField("event", "behalf_user", models.BigIntegerField(null=True)),
        migrations.RunSQL(compared(*BEFORE, *ADDED), compared(*BEFORE)),
    ]
