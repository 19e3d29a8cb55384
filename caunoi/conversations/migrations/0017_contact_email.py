"""People are also looked for by the mail address that an account elsewhere has verified. Begun anew when run again: a
build that was killed leaves an index that nothing uses."""

from django.db import migrations, models
from django.db.models.functions import Lower

DROP = "DROP INDEX CONCURRENTLY IF EXISTS contact_email"
CREATE = "CREATE INDEX CONCURRENTLY contact_email ON conversations_contact (LOWER(email)) WHERE NOT (email = '')"


class Migration(migrations.Migration):
    atomic = False  # the index is made while people work
    dependencies = [("conversations", "0016_still_plain")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL([DROP, CREATE], DROP)],
            [
                migrations.AddIndex(
                    "contact",
                    models.Index(Lower("email"), condition=models.Q(("email", ""), _negated=True), name="contact_email"),
                )
            ],
        )
    ]
