"""The language that somebody speaks, and what to know before one speaks with them. A default of the database: no row is
rewritten."""

import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import caunoi.vault.fields


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0028_served_earlier"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [
        migrations.AddField("contact", "language", models.CharField(blank=True, db_default="", default="", max_length=8)),
        migrations.CreateModel(
            name="ContactNote",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("text", caunoi.vault.fields.SealedText("identities")),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
                (
                    "by",
                    models.ForeignKey(
                        blank=True,
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "contact",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="notes", to="conversations.contact"
                    ),
                ),
            ],
            options={"ordering": ["id"]},
        ),
    ]
