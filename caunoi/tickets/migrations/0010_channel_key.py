"""A channel's key may have 20 letters: PostgreSQL notes the new limit and touches no row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0009_tally_counted")]
    operations = [migrations.AlterField("ticket", "channel", models.CharField(max_length=20))]
