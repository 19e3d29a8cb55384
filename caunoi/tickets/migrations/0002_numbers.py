"""One sequence of ticket numbers a year, made ahead, so that no request ever makes one."""

from django.db import migrations

YEARS = range(20, 100)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0001_initial")]
    operations = [
        migrations.RunSQL(
            [f"CREATE SEQUENCE ticket_number_{year:02d} CACHE 1" for year in YEARS],
            [f"DROP SEQUENCE ticket_number_{year:02d}" for year in YEARS],
        )
    ]
