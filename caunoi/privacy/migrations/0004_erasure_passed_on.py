"""Another province may pass a request on."""

from django.db import migrations, models

VIA = {"link": "Link", "page": "Page", "staff": "Staff", "provider": "Provider", "cell": "Cell"}
PROOF = {
    "link": "Link",
    "code": "Code",
    "account": "Account",
    "staff": "Staff",
    "provider": "Provider",
    "cell": "Cell",
    "": "None",
}


class Migration(migrations.Migration):
    dependencies = [("privacy", "0003_holders")]
    operations = [
        migrations.AlterField("datarequest", "via", models.CharField(choices=list(VIA.items()), max_length=10)),
        migrations.AlterField(
            "datarequest", "proof", models.CharField(blank=True, choices=list(PROOF.items()), max_length=10)
        ),
    ]
