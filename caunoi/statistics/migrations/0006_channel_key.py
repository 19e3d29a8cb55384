"""A channel's key may have 20 letters: PostgreSQL notes the new limit and touches no row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statistics", "0005_unplaced")]
    operations = [migrations.AlterField("span", "channel", models.CharField(max_length=20))]
