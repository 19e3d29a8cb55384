import django.utils.timezone
from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False  # the index is made while the log is written

    dependencies = [("publication", "0009_witnesses")]

    operations = [
        migrations.CreateModel(
            name="Successor",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("before", models.CharField(max_length=64, unique=True)),
                ("key", models.CharField(max_length=64, unique=True)),
                ("number", models.BigIntegerField()),
                ("leaf", models.TextField()),
                ("received", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.AlterField(
            model_name="statement",
            name="kind",
            field=models.CharField(
                choices=[
                    ("publish", "Publish"),
                    ("correct", "Correct"),
                    ("withdraw", "Withdraw"),
                    ("seal", "Seal"),
                    ("key", "Key"),
                ],
                max_length=8,
            ),
        ),
        AddIndexConcurrently(
            model_name="statement",
            index=models.Index(condition=models.Q(("kind", "key")), fields=["number"], name="statement_key"),
        ),
    ]
