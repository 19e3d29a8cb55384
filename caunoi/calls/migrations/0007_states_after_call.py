from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0006_fewer_indexes")]

    operations = [
        migrations.AddField("presence", "ends", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("presence", "why", models.CharField(blank=True, db_default="", default="", max_length=200)),
        migrations.AddField("presence", "unread", models.BooleanField(db_default=False, default=False)),
    ]
