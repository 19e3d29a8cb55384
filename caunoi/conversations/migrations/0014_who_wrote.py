"""Which of the staff wrote a message: only they take it back. That is asked within seconds, so old rows stay empty."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0013_outgoing_secret")]
    operations = [migrations.AddField("message", "by_user", models.BigIntegerField(blank=True, null=True))]
