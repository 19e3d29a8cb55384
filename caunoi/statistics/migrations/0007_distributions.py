import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("statistics", "0006_channel_key")]

    operations = [
        migrations.CreateModel(
            name="Distribution",
            fields=[
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "what", "by", "since", "key", blank=True, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("what", models.CharField(max_length=10)),
                ("by", models.CharField(max_length=10)),
                ("since", models.DateField()),
                ("key", models.CharField(max_length=40)),
                ("counts", django.contrib.postgres.fields.ArrayField(base_field=models.IntegerField(null=True))),
            ],
        ),
        migrations.RunSQL(  # a row changes in its place
            "ALTER TABLE statistics_distribution SET (fillfactor = 70)",
            "ALTER TABLE statistics_distribution RESET (fillfactor)",
        ),
        migrations.AlterField("pair", "key", models.CharField(max_length=61)),  # PostgreSQL touches no row
    ]
