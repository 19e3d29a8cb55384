"""Sessions as rows; service accounts, to which keys belong. A key that acted as a person goes on as a service account
of its own, with that person's view, and is marked to be replaced."""

import django.db.models.deletion
from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import migrations, models
from django.db.models import F, Q

SCOPES = ["directives", "measures", "moves", "procedures", "receipts", "reporters.read", "tickets.read", "tickets.write"]
DOORS = {"open311": "reports.post", "cti": "calls.report"}


def inherit(apps, schema_editor):
    account_of, key = apps.get_model("accounts", "ServiceAccount"), apps.get_model("accounts", "Key")
    user = apps.get_model("accounts", "User")
    key.objects.filter(approved=None).update(approved=F("created"))
    administrator = user.objects.filter(role="admin", removed=None).order_by("-is_active", "pk").first()
    for row in key.objects.filter(demo=False, account=None, revoked=None).select_related("user").order_by("pk"):
        owner = row.user or administrator
        if owner is None or (row.use == "api" and (row.user is None or not row.user.is_active)):
            continue  # it opens nothing
        name = row.label[:90]
        if account_of.objects.filter(name=name).exists():
            name = f"{name} ({row.pk})"
        row.account = account_of.objects.create(
            name=name,
            owner=owner,
            role=row.user.role if row.use == "api" else "operator",
            agency=row.user.agency if row.use == "api" else None,
            area=row.user.area if row.use == "api" else None,
            scopes=SCOPES if row.use == "api" else [DOORS[row.use]],
            inherited=True,
        )
        row.save(update_fields=["account"])  # `user` stays: processes of the release before serve meanwhile, and ask it


def _key_to(model):
    return models.ForeignKey(
        blank=True,
        null=True,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="service_accounts",
        to=model,
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_factors"), ("directory", "0008_channel_key")]
    operations = [
        migrations.AddField("user", "disuse", models.BooleanField(db_default=False, default=False)),
        migrations.AddField("user", "opened", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("key", "approved", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("key", "approver", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("key", "expires", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("key", "issuer", models.BigIntegerField(blank=True, null=True)),
        migrations.AddField("key", "reason", models.CharField(blank=True, db_default="", default="", max_length=300)),
        migrations.AddField("key", "used", models.DateTimeField(blank=True, null=True)),
        migrations.CreateModel(
            name="ServiceAccount",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("name", models.CharField(max_length=100, unique=True)),
                ("role", models.CharField(max_length=12)),
                ("scopes", ArrayField(base_field=models.CharField(max_length=20))),
                ("addresses", ArrayField(base_field=models.CharField(max_length=43), default=list)),
                ("created", models.DateTimeField(auto_now_add=True)),
                ("inherited", models.BooleanField(default=False)),
                ("agency", _key_to("directory.agency")),
                ("area", _key_to("directory.area")),
                (
                    "owner",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="service_accounts",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddField(
            "key",
            "account",
            models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="keys",
                to="accounts.serviceaccount",
            ),
        ),
        migrations.CreateModel(
            name="Session",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("begun", models.DateTimeField()),
                ("seen", models.DateTimeField()),
                ("locked", models.DateTimeField(blank=True, null=True)),
                ("ended", models.DateTimeField(blank=True, null=True)),
                ("ending", models.CharField(blank=True, default="", max_length=10)),
                ("device", models.CharField(blank=True, default="", max_length=80)),
                ("address", models.CharField(blank=True, default="", max_length=45)),
                ("method", models.CharField(default="password", max_length=12)),
                ("new", models.BooleanField(default=False)),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(condition=Q(ended=None), fields=["user"], name="session_of_user"),
                    models.Index(fields=["ended"], name="session_ended"),
                ],
            },
        ),
        migrations.RunPython(inherit, migrations.RunPython.noop),
    ]
