"""An installation that is at work already has its portal open; a new one opens it when it is ready."""

from django.db import migrations


def keep_open(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
        if "accounts_user" not in there:
            return
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)")
        if cursor.fetchone()[0]:
            apps.get_model("directory", "Option").objects.get_or_create(name="portal_open", defaults={"value": True})


class Migration(migrations.Migration):

    dependencies = [("directory", "0006_former_names")]

    operations = [migrations.RunPython(keep_open, migrations.RunPython.noop, elidable=False)]
