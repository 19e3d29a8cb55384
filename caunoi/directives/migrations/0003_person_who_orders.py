from django.db import migrations, models



# The person of a name that was written down: "lan", or "lan" of "lan for thu".
FILL = """
UPDATE directives_directive SET by_user = accounts_user.id FROM accounts_user
WHERE accounts_user.username = split_part(directives_directive.by, ' for ', 1) AND by_user IS NULL
"""


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
        ('directives', '0002_explain'),
    ]

    operations = [
        migrations.AddField(
            model_name='directive',
            name='by_user',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
