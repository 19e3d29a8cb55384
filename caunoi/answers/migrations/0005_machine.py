"""Answers that hold words of a machine, and the marks of what machines drafted. The column has a default of the
database: no row is rewritten."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("answers", "0004_fewer_indexes"), ("tickets", "0016_fewer_indexes")]
    operations = [
        migrations.AddField("answer", "by_machine", models.BooleanField(db_default=False, default=False)),
        migrations.CreateModel(
            name="MachineDraft",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "kind",
                    models.CharField(
                        choices=[("answer_draft", "Answer Draft"), ("summary", "Summary")], max_length=12
                    ),
                ),
                ("at", models.DateTimeField()),
                ("by_user", models.BigIntegerField(blank=True, null=True)),
                ("refused", models.CharField(blank=True, max_length=20)),
                ("dropped", models.PositiveSmallIntegerField(default=0)),
                ("marks", models.JSONField(default=list)),
                (
                    "fate",
                    models.CharField(
                        choices=[("left", "Left"), ("changed", "Changed"), ("taken", "Taken")],
                        default="left",
                        max_length=7,
                    ),
                ),
                (
                    "ticket",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="machine_drafts", to="tickets.ticket"
                    ),
                ),
            ],
            options={"indexes": [models.Index(fields=["at"], name="machine_draft_at")]},
        ),
    ]
