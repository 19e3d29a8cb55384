from django.db import migrations, models



# The person of a name that was written down: "lan", or "lan" of "lan for thu".
FILL = """
UPDATE conversations_callback SET operator_user = accounts_user.id FROM accounts_user
WHERE accounts_user.username = split_part(operator, ' for ', 1) AND operator_user IS NULL AND operator <> ''
"""


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
        ('conversations', '0010_drafts_belong_to_a_browser'),
    ]

    operations = [
        migrations.AddField(
            model_name='callback',
            name='operator_user',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
    ]
