"""The telephone in the browser, and how its calls were heard."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

STATES = [("asked", "Asked"), ("valid", "Valid"), ("failed", "Failed")]


class Migration(migrations.Migration):
    dependencies = [
        ("calls", "0011_voice"),
        ("conversations", "0027_fewer_indexes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.CreateModel(
            name="BrowserPhone",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("extension", models.CharField(max_length=40)),
                ("page", models.CharField(blank=True, max_length=40)),
                ("digest", models.CharField(blank=True, max_length=32)),
                ("state", models.CharField(choices=STATES, default="asked", max_length=6)),
                ("trouble", models.CharField(blank=True, max_length=200)),
                ("seen", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "inbox",
                    models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.CASCADE, to="conversations.inbox"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="browser_phones",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "constraints": [
                    models.UniqueConstraint(fields=("inbox", "extension"), name="one_browser_phone_each"),
                ],
            },
        ),
        migrations.CreateModel(
            name="CallQuality",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("mark", models.CharField(max_length=40, unique=True)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                ("seconds", models.FloatField()),
                ("received", models.PositiveBigIntegerField()),
                ("lost", models.FloatField()),
                ("jitter", models.FloatField(null=True)),
                ("round_trip", models.FloatField(null=True)),
                ("incoming", models.FloatField(null=True)),
                ("outgoing", models.FloatField(null=True)),
                (
                    "call",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="qualities", to="calls.call"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
    ]
