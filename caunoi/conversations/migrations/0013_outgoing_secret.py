from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0012_outgoing_straight")]
    operations = [
        migrations.AddField("outgoing", "secret", models.CharField(blank=True, db_default="", max_length=40)),
    ]
