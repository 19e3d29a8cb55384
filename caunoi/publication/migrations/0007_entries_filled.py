"""What was published before the register had an index of its own: filled in, some thousands at a time, each in a
transaction of its own, so that nobody waits for it and it may be stopped and begun again."""

from django.db import migrations

BATCH = 5000
FILL = """
UPDATE publication_entry e SET shown = true, done = t.state IN ('answered', 'closed'), category_id = t.category_id,
    area_id = t.area_id, agency_id = t.agency_id, latitude = p.latitude, longitude = p.longitude
FROM publication_publication p JOIN tickets_ticket t ON t.id = p.ticket_id
WHERE p.id = e.publication_id AND p.state = 'published' AND NOT e.shown AND e.publication_id > %s AND e.publication_id <= %s
"""
WHOLE = "INSERT INTO publication_square (level, block, x, y, category, area, agency, done, count, east, north, folded) "
# As caunoi/lib/squares.py cuts the map; level 0 holds the placeless too.
COUNT = WHOLE + """
SELECT 0, 0, 0, 0, category_id, area_id, agency_id, done, count(*), 0, 0, true FROM publication_entry WHERE shown
GROUP BY category_id, area_id, agency_id, done
"""
SQUARES = WHOLE + """
SELECT level, (x >> 4)::bigint << 32 | (y >> 4), x, y, category_id, area_id, agency_id, done, count(*), sum(longitude),
    sum(latitude), true
FROM (
    SELECT e.*, level, floor((longitude + 180) / 360 * 2 ^ level)::int AS x,
        floor((1 - asinh(tan(radians(latitude))) / pi()) / 2 * 2 ^ level)::int AS y
    FROM publication_entry e CROSS JOIN unnest(ARRAY[8, 10, 12, 14, 16]) AS level
    WHERE shown AND latitude BETWEEN -85 AND 85 AND longitude > -180 AND longitude < 180
) AS placed
GROUP BY level, x, y, category_id, area_id, agency_id, done
"""


def fill(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(publication_id), 0) FROM publication_entry")
        last = cursor.fetchone()[0]
        for begin in range(0, last + 1, BATCH):
            cursor.execute(FILL, [begin, begin + BATCH])
        cursor.execute("DELETE FROM publication_square")
        cursor.execute(COUNT)
        cursor.execute(SQUARES)


class Migration(migrations.Migration):
    atomic = False

    dependencies = [('publication', '0006_entries')]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
