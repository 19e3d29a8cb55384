from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """The column `first_due` always held the last due, and the release before this one writes it so: it keeps its name
    in the table. What was due first gets a column of its own, filled bit by bit by the sweep (sla/watch.py)."""

    atomic = False
    dependencies = [("sla", "0005_promise")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.RenameField(model_name="deadline", old_name="first_due", new_name="last_due"),
                migrations.AlterField(
                    model_name="deadline",
                    name="last_due",
                    field=models.DateTimeField(blank=True, db_column="first_due", null=True),
                ),
            ],
        ),
        migrations.AddField(
            model_name="deadline",
            name="first_due",
            field=models.DateTimeField(blank=True, db_column="due_first", null=True),
        ),
        AddIndexConcurrently(
            model_name="deadline",
            index=models.Index(
                condition=models.Q(("first_due", None), ("target__isnull", False)),
                fields=["id"],
                name="deadline_unfilled",
            ),
        ),
    ]
