"""How a link fares, for /metrics."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0008_gaps")]
    operations = [
        migrations.AddField("link", "connects", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("link", "events", models.BigIntegerField(default=0, db_default=0)),
        migrations.AddField("link", "lag", models.FloatField(default=0, db_default=0)),
    ]
