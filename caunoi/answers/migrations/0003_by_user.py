"""Who wrote an answer, as a key: a name is shown, and rules compare people.

Older rows are filled where their name is that of exactly one account, which there was already at that time ("lan", or
"lan" of "lan for thu"); by stretches of keys that commit by themselves, so that no lock is held for long."""

from typing import Any

from django.db import migrations, models

AT_ONCE = 5_000
FILL = """
UPDATE answers_answer SET by_user = accounts_user.id FROM accounts_user
WHERE answers_answer.id >= %(first)s AND answers_answer.id < %(first)s + %(many)s AND by_user IS NULL
  AND accounts_user.username = split_part(answers_answer.by, ' for ', 1)
  AND accounts_user.date_joined <= answers_answer.at
"""


def fill(apps: Any, schema_editor: Any) -> None:
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(min(id), 1), coalesce(max(id), 0) FROM answers_answer")
        first, last = cursor.fetchone()
        while first <= last:
            cursor.execute(FILL, {"first": first, "many": AT_ONCE})
            first += AT_ONCE


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("answers", "0002_citations"), ("accounts", "0001_initial")]
    operations = [
        migrations.AddField("answer", "by_user", models.BigIntegerField(null=True, blank=True)),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
