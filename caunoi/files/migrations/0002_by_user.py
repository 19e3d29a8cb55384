"""Who uploaded a picture, as a key: only they put it to a ticket by the API. That is asked within a day, so old rows
stay empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("files", "0001_initial")]
    operations = [migrations.AddField("attachment", "by_user", models.BigIntegerField(null=True, blank=True))]
