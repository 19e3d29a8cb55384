"""An account that is taken back keeps its row, and so its user name."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("accounts", "0006_getting_in")]
    operations = [migrations.AddField("user", "removed", models.DateTimeField(blank=True, null=True))]
