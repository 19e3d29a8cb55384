"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("conversations", "0026_thread_indexes")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS conversations_conversation_inbox_id_c97f6da0",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS conversations_conversation_inbox_id_c97f6da0 ON conversations_conversation (inbox_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS conversations_forgery_inbox_id_9319718f",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS conversations_forgery_inbox_id_9319718f ON conversations_forgery (inbox_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS conversations_outgoing_inbox_id_030066af",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS conversations_outgoing_inbox_id_030066af ON conversations_outgoing (inbox_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="conversation",
                    name="inbox",
                    field=models.ForeignKey(
                        db_index=False, on_delete=django.db.models.deletion.PROTECT, to="conversations.inbox"
                    ),
                ),
                migrations.AlterField(
                    model_name="forgery",
                    name="inbox",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="forgeries",
                        to="conversations.inbox",
                    ),
                ),
                migrations.AlterField(
                    model_name="outgoing",
                    name="inbox",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="outgoing",
                        to="conversations.inbox",
                    ),
                ),
            ],
        ),
    ]
