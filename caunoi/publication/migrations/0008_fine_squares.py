"""What is published is counted in squares twice as fine, so that a near map of a city need not look at each place."""

from django.db import migrations

KEYS = "x, y, category, area, agency, done"
SUMS = "sum(count), sum(east), sum(north)"
# As caunoi/lib/squares.py cuts the map. One statement sees one moment: what is counted already is taken off.
COUNT = f"""
INSERT INTO publication_square (level, block, {KEYS}, count, east, north, folded)
SELECT 18, (x >> 4)::bigint << 32 | (y >> 4), {KEYS}, {SUMS}, true
FROM (
    SELECT floor((longitude + 180) / 360 * 2 ^ 18)::int AS x,
        floor((1 - asinh(tan(radians(latitude))) / pi()) / 2 * 2 ^ 18)::int AS y,
        category_id AS category, area_id AS area, agency_id AS agency, done, 1 AS count, longitude AS east,
        latitude AS north
    FROM publication_entry WHERE shown AND latitude BETWEEN -85 AND 85 AND longitude > -180 AND longitude < 180
    UNION ALL
    SELECT {KEYS}, -count, -east, -north FROM publication_square WHERE level = 18
) AS placed
GROUP BY {KEYS} HAVING sum(count) <> 0
"""  # noqa: S608


class Migration(migrations.Migration):
    atomic = False

    dependencies = [("publication", "0007_entries_filled")]

    operations = [migrations.RunSQL(COUNT, "DELETE FROM publication_square WHERE level = 18")]
