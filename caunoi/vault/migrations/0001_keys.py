"""The data keys, one of each purpose; with them, once, the master key of this installation."""

import django.utils.timezone
from django.db import migrations, models

from caunoi.vault.actions import make_keys

PURPOSES = ["secrets", "links", "identities", "confidential"]


def make(apps, schema_editor):
    make_keys(apps.get_model("vault", "DataKey"))


class Migration(migrations.Migration):
    initial = True
    dependencies = []
    operations = [
        migrations.CreateModel(
            "DataKey",
            [
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("purpose", models.CharField(choices=[(one, one.title()) for one in PURPOSES], max_length=20)),
                ("wrapped", models.BinaryField()),
                ("master", models.CharField(max_length=12)),
                ("created", models.DateTimeField(default=django.utils.timezone.now)),
                ("retired", models.DateTimeField(blank=True, null=True)),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("retired", None)), fields=("purpose",), name="one_key_a_purpose"
                    )
                ]
            },
        ),
        migrations.RunPython(make, migrations.RunPython.noop),
    ]
