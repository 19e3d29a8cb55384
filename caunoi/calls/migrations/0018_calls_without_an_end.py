"""Of which calls in a gap no end was read yet."""

from django.db import migrations, models
from django.db.models import Value


class Migration(migrations.Migration):
    dependencies = [("calls", "0017_commands_found")]
    operations = [
        migrations.AddField("gap", "endless", models.JSONField(default=list, db_default=Value([], models.JSONField()))),
    ]
