"""Counters of tickets, kept by the database itself, so that histories written in bulk count as well."""

from django.db import migrations, models

CHANGED = "(OLD.state, OLD.restricted, OLD.area_id) IS DISTINCT FROM (NEW.state, NEW.restricted, NEW.area_id)"
TRIGGERS = f"""
CREATE FUNCTION tickets_tally_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_tally (state, restricted, area, count)
        SELECT state, restricted, area_id, count(*) FROM came GROUP BY state, restricted, area_id;
    RETURN NULL;
END $$;
CREATE FUNCTION tickets_tally_went() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_tally (state, restricted, area, count)
        SELECT state, restricted, area_id, -count(*) FROM went GROUP BY state, restricted, area_id;
    RETURN NULL;
END $$;
CREATE FUNCTION tickets_tally_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO tickets_tally (state, restricted, area, count) VALUES
        (OLD.state, OLD.restricted, OLD.area_id, -1), (NEW.state, NEW.restricted, NEW.area_id, 1);
    RETURN NULL;
END $$;
CREATE FUNCTION tickets_tally_emptied() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM tickets_tally;
    RETURN NULL;
END $$;
CREATE TRIGGER tally_came AFTER INSERT ON tickets_ticket REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_tally_came();
CREATE TRIGGER tally_went AFTER DELETE ON tickets_ticket REFERENCING OLD TABLE AS went
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_tally_went();
CREATE TRIGGER tally_moved AFTER UPDATE ON tickets_ticket
    FOR EACH ROW WHEN ({CHANGED}) EXECUTE FUNCTION tickets_tally_moved();
CREATE TRIGGER tally_emptied AFTER TRUNCATE ON tickets_ticket
    FOR EACH STATEMENT EXECUTE FUNCTION tickets_tally_emptied();
"""
BACK = "".join(
    f"DROP TRIGGER tally_{name} ON tickets_ticket; DROP FUNCTION tickets_tally_{name}();"
    for name in ("came", "went", "moved", "emptied")
)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0007_older_numbers")]
    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("state", models.CharField(max_length=12)),
                ("restricted", models.BooleanField()),
                ("area", models.BigIntegerField(null=True)),
                ("count", models.BigIntegerField()),
                ("folded", models.BooleanField(db_default=False, default=False)),
            ],
            options={"indexes": [models.Index(condition=models.Q(("folded", False)), fields=["id"], name="tally_fresh")]},
        ),
        migrations.RunSQL(TRIGGERS, BACK),
    ]
