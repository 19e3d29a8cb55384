"""Who is erased here may be erased where their report went: that it is to be said there, was, and was asked of us."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("transfers", "0001_initial")]
    operations = [
        migrations.AddField("arrival", "erasure_asked", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("transfer", "erased", models.DateTimeField(blank=True, null=True)),
        migrations.AddField("transfer", "erasure_noted", models.DateTimeField(blank=True, null=True)),
    ]
