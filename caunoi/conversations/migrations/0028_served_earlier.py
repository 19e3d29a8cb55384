"""Whose calls are served earlier than others'. A default of the database: no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0027_fewer_indexes")]
    operations = [
        migrations.AddField("contact", "served_earlier", models.BooleanField(db_default=False, default=False)),
    ]
