"""The event log is append-only, kept by the database itself: only the outbox's own columns may change.

A deletion that the law asks for is made by a session that says so: SET LOCAL caunoi.erase = 'yes'.
"""

from django.db import migrations

TRIGGER = """
CREATE FUNCTION events_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('caunoi.erase', true) = 'yes' THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'events are append-only';
    END IF;
    IF (NEW.id, NEW.at, NEW.kind, NEW.subject, NEW.subject_id, NEW."by", NEW.by_user, NEW.data)
       IS DISTINCT FROM (OLD.id, OLD.at, OLD.kind, OLD.subject, OLD.subject_id, OLD."by", OLD.by_user, OLD.data) THEN
        RAISE EXCEPTION 'events are append-only';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON events_event
    FOR EACH ROW EXECUTE FUNCTION events_event_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("events", "0001_initial")]
    operations = [
        migrations.RunSQL(TRIGGER, "DROP TRIGGER append_only ON events_event; DROP FUNCTION events_event_append_only()")
    ]
