"""A channel's key may have 20 letters: PostgreSQL notes the new limit and touches no row."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("quality", "0003_people_who_score")]
    operations = [migrations.AlterField("case", "channel", models.CharField(max_length=20))]
