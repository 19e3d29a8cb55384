from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models

CREATE = """CREATE UNIQUE INDEX CONCURRENTLY IF NOT EXISTS one_rating_that_stands
    ON ratings_rating (ticket_id, round) WHERE NOT (verdict = 'refused')"""


class Migration(migrations.Migration):
    """One rating an answer, except those that were refused: the new index is there before the old one goes."""

    atomic = False
    dependencies = [("ratings", "0006_proof")]

    operations = [
        AddIndexConcurrently(
            model_name="rating",
            index=models.Index(
                condition=models.Q(("counted", False), ("verdict", "")), fields=["id"], name="rating_flagged"
            ),
        ),
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(CREATE, "DROP INDEX CONCURRENTLY IF EXISTS one_rating_that_stands")
            ],
            state_operations=[
                migrations.AddConstraint(
                    model_name="rating",
                    constraint=models.UniqueConstraint(
                        condition=models.Q(("verdict", "refused"), _negated=True),
                        fields=("ticket", "round"),
                        name="one_rating_that_stands",
                    ),
                )
            ],
        ),
        migrations.RemoveConstraint(model_name="rating", name="one_rating_an_answer"),
    ]
