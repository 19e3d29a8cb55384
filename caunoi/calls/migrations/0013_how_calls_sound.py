"""Whose sound never came, and how a recording sounds. Columns with a default of the database: no row is rewritten."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("calls", "0012_sip_browser_phone")]
    operations = [
        migrations.AddField("call", "one_way", models.CharField(blank=True, db_default="", max_length=8)),
        migrations.AddField("call", "sound_trouble", models.CharField(blank=True, db_default="", max_length=8)),
    ]
