"""Whose quality a remark is about, as a person. There are as many as supervisors wrote: filled at once."""

from django.db import migrations, models

FILL = """
UPDATE quality_remark SET operator_user = accounts_user.id FROM accounts_user
WHERE accounts_user.username = split_part(operator, ' for ', 1) AND operator_user IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("quality", "0004_channel_key")]
    operations = [
        migrations.AddField("remark", "operator_user", models.BigIntegerField(blank=True, null=True)),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
