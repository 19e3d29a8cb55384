"""A channel's key may have 20 letters: PostgreSQL notes the new limit and touches no row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0007_portal_open")]
    operations = [migrations.AlterField("outage", "channel", models.CharField(blank=True, max_length=20))]
