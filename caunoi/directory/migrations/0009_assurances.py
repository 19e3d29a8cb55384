"""What the organisation states of the checklist of level 3: a new table, nothing else is touched."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("directory", "0008_channel_key")]
    operations = [
        migrations.CreateModel(
            name="Assurance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("requirement", models.SlugField(max_length=40)),
                ("since", models.DateField()),
                ("who", models.CharField(max_length=200)),
                ("document", models.CharField(max_length=300)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("by", models.CharField(max_length=150)),
                ("withdrawn", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("withdrawn", None)),
                        fields=("requirement",),
                        name="one_assurance_a_requirement",
                    )
                ]
            },
        )
    ]
