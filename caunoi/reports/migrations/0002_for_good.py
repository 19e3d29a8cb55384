"""What was issued never changes, kept by the database itself: neither the report nor its papers."""

from django.db import migrations

TRIGGERS = """
CREATE FUNCTION reports_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'an issued report does not change';
END $$;
CREATE TRIGGER for_good BEFORE UPDATE OR DELETE ON reports_report
    FOR EACH ROW WHEN (OLD.state = 'issued') EXECUTE FUNCTION reports_for_good();
CREATE FUNCTION reports_paper_for_good() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT 1 FROM reports_report WHERE id = OLD.report_id AND state = 'issued') THEN
        RAISE EXCEPTION 'the papers of an issued report do not change';
    END IF;
    IF TG_OP = 'DELETE' THEN RETURN OLD; END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER for_good BEFORE UPDATE OR DELETE ON reports_paper
    FOR EACH ROW EXECUTE FUNCTION reports_paper_for_good();
"""
BACK = """
DROP TRIGGER for_good ON reports_report; DROP TRIGGER for_good ON reports_paper;
DROP FUNCTION reports_for_good(); DROP FUNCTION reports_paper_for_good();
"""


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_initial")]
    operations = [migrations.RunSQL(TRIGGERS, BACK)]
