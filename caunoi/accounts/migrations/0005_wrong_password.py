from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("accounts", "0004_deputy")]

    operations = [
        migrations.CreateModel(
            name="WrongPassword",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("source", models.CharField(max_length=64)),
                ("at", models.DateTimeField()),
            ],
            options={"indexes": [models.Index(fields=["source", "at"], name="wrong_password_source")]},
        ),
    ]
