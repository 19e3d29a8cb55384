from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("statistics", "0003_tally_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="span",
            name="place",
            field=models.CharField(max_length=40, db_default=""),
        ),
    ]
