from django.db import migrations, models



# The person of a name that was written down: "lan", or "lan" of "lan for thu".
CASES = """
UPDATE quality_case SET operator_user = accounts_user.id FROM accounts_user
WHERE accounts_user.username = split_part(operator, ' for ', 1) AND operator_user IS NULL
"""
# One person may have scored a case twice, under two names: the first is theirs.
SCORES = """
UPDATE quality_score SET by_user = first.person FROM (
    SELECT DISTINCT ON (score.case_id, accounts_user.id) score.id, accounts_user.id AS person
    FROM quality_score AS score JOIN accounts_user ON accounts_user.username = split_part(score.by, ' for ', 1)
    ORDER BY score.case_id, accounts_user.id, score.id
) AS first WHERE first.id = quality_score.id
"""


class Migration(migrations.Migration):

    dependencies = [
        ("accounts", "0001_initial"),
        ('quality', '0002_calls'),
    ]

    operations = [
        migrations.AddField(
            model_name='case',
            name='operator_user',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='score',
            name='by_user',
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.RunSQL(CASES, migrations.RunSQL.noop),
        migrations.RunSQL(SCORES, migrations.RunSQL.noop),
        migrations.AddConstraint(
            model_name='score',
            constraint=models.UniqueConstraint(fields=('case', 'by_user'), name='score_once_by_a_person'),
        ),
    ]
