"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("cells", "0001_cells")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS cells_planeedition_plane_id_74757b2b",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS cells_planeedition_plane_id_74757b2b ON cells_planeedition (plane_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="planeedition",
                    name="plane",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="editions",
                        to="cells.plane",
                    ),
                ),
            ],
        ),
    ]
