import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0005_measures_watched")]

    operations = [
        migrations.AddField(
            "report",
            "replaces",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="replacements",
                to="reports.report",
            ),
        ),
        migrations.AddField("report", "why", models.CharField(blank=True, db_default="", max_length=300)),
        migrations.AddConstraint(
            "report",
            models.UniqueConstraint(
                condition=models.Q(("replaces__isnull", False), models.Q(("state", "dropped"), _negated=True)),
                fields=("replaces",),
                name="replaced_once",
            ),
        ),
        migrations.CreateModel(
            name="Recall",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                ("reason", models.CharField(max_length=300)),
                ("by", models.CharField(max_length=150)),
                ("at", models.DateTimeField()),
                ("papers", models.JSONField(default=dict)),
                (
                    "report",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="recall", to="reports.report"
                    ),
                ),
            ],
        ),
    ]
