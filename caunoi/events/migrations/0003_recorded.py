"""When an event became known, beside when it happened: what was known on a past day can be asked again.

Old rows stay empty (they count as known when they happened), so nothing is rewritten.
"""

from django.db import migrations, models
from django.utils.timezone import now

COMPARED = """
CREATE OR REPLACE FUNCTION events_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('caunoi.erase', true) = 'yes' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'events are append-only';
    END IF;
    IF (NEW.id, NEW.at, {new} NEW.kind, NEW.subject, NEW.subject_id, NEW."by", NEW.by_user, NEW.data)
       IS DISTINCT FROM (OLD.id, OLD.at, {old} OLD.kind, OLD.subject, OLD.subject_id, OLD."by", OLD.by_user, OLD.data) THEN
        RAISE EXCEPTION 'events are append-only';
    END IF;
    RETURN NEW;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0002_append_only")]
    operations = [
        migrations.AddField("event", "recorded", models.DateTimeField(null=True)),
        migrations.AlterField("event", "recorded", models.DateTimeField(null=True, default=now)),
        migrations.RunSQL(COMPARED.format(new="NEW.recorded,", old="OLD.recorded,"), COMPARED.format(new="", old="")),
    ]
