"""Which exchange reaches whose phone, and until when one is left alone for a drill."""

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [("calls", "0015_skills")]
    operations = [
        migrations.AddField(
            "link", "reached", models.JSONField(default=dict, db_default=Value({}, models.JSONField()))
        ),
        migrations.AddField("link", "drill_until", models.DateTimeField(blank=True, null=True)),
    ]
