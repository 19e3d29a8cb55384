from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

SIZE = 5


def gather(apps: Apps, schema: BaseDatabaseSchemaEditor) -> None:
    """Put what was rated before there were batches into whole ones, agency by agency, oldest first."""
    rating, batch = apps.get_model("ratings", "Rating"), apps.get_model("ratings", "Batch")
    for agency_id in rating.objects.order_by().values_list("agency_id", flat=True).distinct():
        free = list(rating.objects.filter(agency=agency_id, batch=None).order_by("at", "id").only("id", "at", "grade"))
        for start in range(0, len(free) - SIZE + 1, SIZE):
            group = free[start : start + SIZE]
            counts = {g: sum(r.grade == g for r in group) for g in ("satisfied", "acceptable", "dissatisfied")}
            row = batch.objects.create(agency_id=agency_id, at=group[-1].at, **counts)
            rating.objects.filter(pk__in=[r.pk for r in group]).update(batch=row)


class Migration(migrations.Migration):
    dependencies = [("ratings", "0002_asking")]

    operations = [migrations.RunPython(gather, migrations.RunPython.noop)]
