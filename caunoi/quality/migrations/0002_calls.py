import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """Cases are few (people score each), so their table is checked and indexed at once."""

    dependencies = [("calls", "0001_initial"), ("quality", "0001_initial"), ("tickets", "0007_older_numbers")]

    operations = [
        migrations.AddField("sample", "calls", models.BooleanField(db_default=False, default=False)),
        migrations.AlterField(
            "case",
            "ticket",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quality_cases",
                to="tickets.ticket",
            ),
        ),
        migrations.AddField(
            "case",
            "call",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="quality_cases",
                to="calls.call",
            ),
        ),
        migrations.AddConstraint(
            "case", models.UniqueConstraint(fields=("sample", "call"), name="each_call_once_a_sample")
        ),
        migrations.AddConstraint(
            "case",
            models.CheckConstraint(
                condition=models.Q(("ticket", None)) ^ models.Q(("call", None)), name="case_of_ticket_or_call"
            ),
        ),
    ]
