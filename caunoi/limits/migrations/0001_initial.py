from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            name="Tally",
            fields=[
                ("key", models.BinaryField(max_length=16, primary_key=True, serialize=False)),
                ("name", models.CharField(max_length=40)),
                ("hits", models.PositiveIntegerField()),
                ("until", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["until"], name="tally_until")]},
        ),
        migrations.RunSQL("ALTER TABLE limits_tally SET UNLOGGED", "ALTER TABLE limits_tally SET LOGGED"),
    ]
