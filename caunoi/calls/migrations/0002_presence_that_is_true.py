from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0001_initial")]

    operations = [
        migrations.AddField("presence", "seen", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("presence", "unreachable", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("call", "internal", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("link", "queues", models.TextField(blank=True, db_default="", default="")),
    ]
