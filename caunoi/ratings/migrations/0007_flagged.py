"""One rating an answer, except those that were refused: the new index is there before the old one goes. Whatever it does
can be done again: a build that was killed leaves an index that nothing keeps to."""

from django.db import migrations, models

FLAGGED = "DROP INDEX CONCURRENTLY IF EXISTS rating_flagged"
FLAG = """
CREATE INDEX CONCURRENTLY rating_flagged ON ratings_rating (id) WHERE NOT counted AND verdict = ''
"""
STANDING = "DROP INDEX CONCURRENTLY IF EXISTS one_rating_that_stands"
STAND = """
CREATE UNIQUE INDEX CONCURRENTLY one_rating_that_stands ON ratings_rating (ticket_id, round)
WHERE NOT (verdict = 'refused')
"""
OLD = "ALTER TABLE ratings_rating DROP CONSTRAINT IF EXISTS one_rating_an_answer"
BACK = "ALTER TABLE ratings_rating ADD CONSTRAINT one_rating_an_answer UNIQUE (ticket_id, round)"


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("ratings", "0006_proof")]

    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([FLAGGED, FLAG], FLAGGED)],
            [
                migrations.AddIndex(
                    model_name="rating",
                    index=models.Index(
                        condition=models.Q(("counted", False), ("verdict", "")), fields=["id"], name="rating_flagged"
                    ),
                )
            ],
        ),
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([STANDING, STAND], STANDING)],
            [
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
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(OLD, BACK)],
            [migrations.RemoveConstraint(model_name="rating", name="one_rating_an_answer")],
        ),
    ]
