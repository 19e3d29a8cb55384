"""The two calendars that every province has: office hours as the state keeps them, and day and night."""

from django.db import migrations

SESSIONS = {str(day): [["07:30", "11:30"], ["13:00", "17:00"]] for day in range(5)}


def make(apps, schema_editor):
    calendars = apps.get_model("directory", "Calendar").objects
    calendars.get_or_create(code="office", defaults={"name": "Giờ hành chính", "sessions": SESSIONS})
    calendars.get_or_create(code="always", defaults={"name": "Ngày và đêm, cả tuần"})


class Migration(migrations.Migration):

    dependencies = [("directory", "0004_outages")]

    operations = [migrations.RunPython(make, migrations.RunPython.noop, elidable=False)]
