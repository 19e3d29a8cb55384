from django.db import migrations

# What waited to be looked at before there was a list of it.
WAITING = """
INSERT INTO publication_review (publication_id, why, words, asked, since, "by", outcome)
SELECT id, 'text', '', '', now(), '', '' FROM publication_publication WHERE state = 'draft' ON CONFLICT DO NOTHING
"""


class Migration(migrations.Migration):
    dependencies = [("publication", "0004_review")]

    operations = [migrations.RunSQL(WAITING, migrations.RunSQL.noop)]
