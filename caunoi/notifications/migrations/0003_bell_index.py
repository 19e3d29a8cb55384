from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0002_bell")]

    operations = [
        AddIndexConcurrently(
            model_name="notification",
            index=models.Index(fields=["audience", "agency", "-id"], name="notification_for"),
        ),
        RemoveIndexConcurrently(model_name="notification", name="notification_agency"),
        RemoveIndexConcurrently(model_name="notification", name="notification_audience"),
        migrations.RemoveField(model_name="notification", name="seen"),
    ]
