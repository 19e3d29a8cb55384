"""Sequences for the years before the product: an old hotline's tickets are brought in under the year they came in."""

from django.db import migrations

YEARS = range(20)


class Migration(migrations.Migration):
    dependencies = [("tickets", "0006_area_then")]
    operations = [
        migrations.RunSQL(
            [f"CREATE SEQUENCE ticket_number_{year:02d} CACHE 1" for year in YEARS],
            [f"DROP SEQUENCE ticket_number_{year:02d}" for year in YEARS],
        )
    ]
