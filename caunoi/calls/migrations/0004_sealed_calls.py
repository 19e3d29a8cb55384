"""Who called whom lies sealed, and is found by indexes that say nothing. Columns only: older processes go on with the
ones that are there, and `vault.seal_older` empties those once none of them is at work. As such processes do not know
these columns, what people are called is written for them too until then, where a release has served before."""

import django.contrib.postgres.indexes
import django.db.models.functions.text
from django.db import migrations, models
from django.db.models import F, Q

import caunoi.vault.fields

SIZES = {"caller": 80, "dialled": 80, "phone": 16, "transferred_to": 80, "recording": None}
COLUMNS = ("facts", *SIZES)
ADD = f"""
ALTER TABLE calls_call
    {"".join(f"ALTER COLUMN {name} DROP NOT NULL, ADD COLUMN {name}_sealed bytea, " for name in COLUMNS)}
    ADD COLUMN phone_index bytea, ADD COLUMN phone_end bytea;
ALTER TABLE calls_callleg ADD COLUMN outside bytea;
ALTER TABLE calls_dial
    ALTER COLUMN number DROP NOT NULL, ADD COLUMN number_sealed bytea, ADD COLUMN number_index bytea
"""
DROP = f"""
ALTER TABLE calls_call
    {"".join(f"DROP COLUMN {name}_sealed, " for name in COLUMNS)} DROP COLUMN phone_index, DROP COLUMN phone_end;
ALTER TABLE calls_callleg DROP COLUMN outside;
ALTER TABLE calls_dial DROP COLUMN number_sealed, DROP COLUMN number_index
"""
UNSETTLE = """
UPDATE vault_datakey SET settled = NULL
WHERE purpose = 'identities' AND retired IS NULL
    AND (EXISTS (SELECT FROM jobs_release) OR EXISTS (SELECT FROM calls_call))
"""


def sealed(model, name, size):
    options = {"before": f"{name}_plain", "db_column": f"{name}_sealed"}
    plain, kind = caunoi.vault.fields.PlainOf(name, max_length=size, db_column=name), caunoi.vault.fields.SealedText
    if name == "facts":
        plain, kind = caunoi.vault.fields.PlainJSONOf(name, db_column=name), caunoi.vault.fields.SealedJSON
    return [
        migrations.RemoveField(model, name),
        migrations.AddField(model, f"{name}_plain", plain),
        migrations.AddField(model, name, kind("identities", **options)),
    ]


class Migration(migrations.Migration):
    dependencies = [("calls", "0003_confidential"), ("vault", "0002_indexes"), ("jobs", "0002_releases")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [migrations.RunSQL(ADD, DROP)],
            [
                migrations.RemoveIndex("call", "call_phone"),
                migrations.RemoveIndex("call", "call_phone_ending"),
                *sealed("call", "facts", None),
                *(operation for name, size in SIZES.items() for operation in sealed("call", name, size)),
                *sealed("dial", "number", 16),
                migrations.AddField("call", "phone_index", caunoi.vault.fields.BlindOf("phone")),
                migrations.AddField("call", "phone_end", caunoi.vault.fields.BlindEndOf("phone")),
                migrations.AddField("dial", "number_index", caunoi.vault.fields.BlindOf("number")),
                migrations.AddField("callleg", "outside", caunoi.vault.fields.SealedJSON("identities")),
                migrations.AlterField("callleg", "operator", models.CharField(blank=True, max_length=150)),
                migrations.AddIndex(
                    "call",
                    models.Index(
                        F("phone_plain"), F("began").desc(), condition=~Q(("phone_plain", "")), name="call_phone"
                    ),
                ),
                migrations.AddIndex(
                    "call",
                    models.Index(
                        django.contrib.postgres.indexes.OpClass(
                            django.db.models.functions.text.Reverse("phone_plain"), "text_pattern_ops"
                        ),
                        name="call_phone_ending",
                    ),
                ),
            ],
        ),
        migrations.RunSQL(UNSETTLE, migrations.RunSQL.noop),
    ]
