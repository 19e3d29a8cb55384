"""Seals over the events, and erasing by the owner's functions alone.

`SET LOCAL caunoi.erase` opens the events to the owner of the table only, so not to the product's role. What the law wants
erased from other evidence (the public log's words, a rating's comment, the reason of an opening) goes by a function of
the owner, which writes down what it did in the same transaction.
"""

from django.db import migrations, models

COLUMNS = ("id", "at", "recorded", "kind", "subject", "subject_id", '"by"', "by_kind", "by_user", "behalf_user", "data")
TRIGGER = """
CREATE OR REPLACE FUNCTION events_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF current_setting('caunoi.erase', true) = 'yes' {owner} THEN RETURN OLD; END IF;
        RAISE EXCEPTION 'events are append-only';
    END IF;
    IF ({new}) IS DISTINCT FROM ({old}) THEN
        RAISE EXCEPTION 'events are append-only';
    END IF;
    RETURN NEW;
END $$;
"""
OWNER = "AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE')"
ERASE = """
CREATE FUNCTION {schema}.caunoi_erase(what text, ids bigint[], signature jsonb) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, {schema}, pg_temp AS $$
DECLARE n bigint;
BEGIN
    CASE what
        WHEN 'statement' THEN
            UPDATE publication_statement SET said = NULL, salt = '' WHERE id = ANY(ids) AND said IS NOT NULL;
        WHEN 'rating' THEN
            UPDATE ratings_rating SET comment = '' WHERE id = ANY(ids) AND comment <> '';
        WHEN 'review' THEN
            UPDATE publication_review SET words = '' WHERE id = ANY(ids) AND words <> '';
        WHEN 'opening' THEN
            UPDATE routing_opening SET reason = '' WHERE id = ANY(ids) AND reason <> '';
    END CASE;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n > 0 THEN
        INSERT INTO events_event (at, recorded, kind, subject, subject_id, "by", by_kind, by_user, behalf_user, data,
            pending)
        VALUES (now(), now(), 'evidence.erase', what, ids[1], signature ->> 'by', signature ->> 'by_kind',
            (signature ->> 'by_user')::bigint, (signature ->> 'behalf_user')::bigint,
            jsonb_build_object('ids', to_jsonb(ids), 'count', n), false);
    END IF;
    RETURN n;
END $$;
REVOKE ALL ON FUNCTION {schema}.caunoi_erase(text, bigint[], jsonb) FROM PUBLIC;
"""


def trigger(owner):
    rows = {key: ", ".join(f"{row}.{name}" for name in COLUMNS) for key, row in (("new", "NEW"), ("old", "OLD"))}
    return TRIGGER.format(owner=owner, **rows)


def make(apps, editor):
    with editor.connection.cursor() as cursor:
        cursor.execute("SELECT quote_ident(current_schema())")
        cursor.execute(ERASE.format(schema=cursor.fetchone()[0]))


class Migration(migrations.Migration):
    dependencies = [("events", "0005_who_acted")]
    operations = [
        migrations.CreateModel(
            name="Seal",
            fields=[
                ("number", models.BigIntegerField(primary_key=True, serialize=False)),
                ("after", models.BigIntegerField()),
                ("last", models.BigIntegerField()),
                ("count", models.PositiveIntegerField()),
                ("at", models.DateTimeField()),
                ("previous", models.CharField(blank=True, max_length=64)),
                ("digest", models.CharField(max_length=64)),
                ("prints", models.BinaryField()),
            ],
        ),
        migrations.RunSQL(trigger(OWNER), trigger("")),
        migrations.RunPython(
            make,
            lambda apps, editor: editor.execute("DROP FUNCTION caunoi_erase(text, bigint[], jsonb)"),
        ),
    ]
