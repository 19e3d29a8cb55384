"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("answers", "0003_by_user")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS answers_answer_ticket_id_29f0b691",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS answers_answer_ticket_id_29f0b691 ON answers_answer (ticket_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS answers_citation_answer_id_4f97d8ba",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS answers_citation_answer_id_4f97d8ba ON answers_citation (answer_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="answer",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="answers",
                        to="tickets.ticket",
                    ),
                ),
                migrations.AlterField(
                    model_name="citation",
                    name="answer",
                    field=models.ForeignKey(
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="citations",
                        to="answers.answer",
                    ),
                ),
            ],
        ),
    ]
