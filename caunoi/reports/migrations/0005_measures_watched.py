from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_alert_firing")]

    operations = [
        migrations.AlterField("alert", "each", models.CharField(blank=True, max_length=12)),
        migrations.AddField("alert", "only", models.JSONField(blank=True, db_default={}, default=dict)),
        migrations.AddField(
            "alert",
            "how",
            models.CharField(
                choices=[("value", "Value"), ("change", "Change"), ("limits", "Limits")],
                db_default="value",
                default="value",
                max_length=8,
            ),
        ),
    ]
