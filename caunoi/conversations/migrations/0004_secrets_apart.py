from django.db import migrations

SECRET = {"oa_secret", "app_secret", "verify_token"}


def apart(apps, schema_editor):
    for box in apps.get_model("conversations", "Inbox").objects.all():
        if moved := SECRET & set(box.config):
            box.secrets |= {name: box.config.pop(name) for name in moved}
            box.save(update_fields=["config", "secrets"])


class Migration(migrations.Migration):

    dependencies = [("conversations", "0003_channel_indexes")]

    operations = [migrations.RunPython(apart, migrations.RunPython.noop)]
