"""One-time passwords run out, codes for those who forgot theirs, and marks on what everybody knows from the demo."""

from hashlib import sha256

import django.db.models.deletion
from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.db import migrations, models
from django.utils.timezone import now

USERS = ("lan", "tam", "minh", "hoa", "thu", "phong", "quan")
PASSWORD = "demo1022!"  # noqa: S105
SECRETS = ("demo-open311", "demo-cti", *(f"demo-api-{name}" for name in USERS))


def fill(apps, schema_editor):
    user, key = apps.get_model("accounts", "User"), apps.get_model("accounts", "Key")
    user.objects.filter(one_time=True).update(handed=now())
    key.objects.filter(digest__in=[sha256(secret.encode()).hexdigest() for secret in SECRETS]).update(demo=True)
    for row in user.objects.filter(username__in=USERS):
        if check_password(PASSWORD, row.password):  # the demo gives one hash to all of its people
            user.objects.filter(password=row.password).update(demo=True)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0005_wrong_password")]
    operations = [
        migrations.AddField("user", "handed", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("user", "demo", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("key", "demo", models.BooleanField(db_default=False, default=False)),
        migrations.CreateModel(
            name="Recovery",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("browser", models.CharField(db_index=True, max_length=64)),
                ("nonce", models.CharField(max_length=32)),
                ("password", models.CharField(max_length=16)),
                ("way", models.CharField(max_length=10)),
                ("at", models.DateTimeField()),
                ("tries", models.PositiveSmallIntegerField(default=0)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="recoveries",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
