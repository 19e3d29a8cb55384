"""What an account elsewhere proved. A column with a constant default rewrites no row; the choices are Django's alone."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("tickets", "0014_links_index")]
    operations = [
        migrations.AddField(
            "onetimecode", "claim", models.CharField(max_length=64, default="", db_default="", blank=True)
        ),
        migrations.AlterField(
            "onetimecode",
            "way",
            models.CharField(
                choices=[("message", "Message"), ("call", "Call"), ("account", "Account")], max_length=8
            ),
        ),
    ]
