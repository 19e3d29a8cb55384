"""Of two indexes, one of which begins with the other, the longer serves for both: dropped while people work."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("notifications", "0005_sealed_subscriptions")]
    operations = [
        migrations.SeparateDatabaseAndState(
            [
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS notifications_notification_event_id_28551f97",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_notification_event_id_28551f97 ON notifications_notification (event_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS notifications_push_subscription_id_d5e16668",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_push_subscription_id_d5e16668 ON notifications_push (subscription_id)",
                ),
                migrations.RunSQL(
                    "DROP INDEX CONCURRENTLY IF EXISTS notifications_subscription_ticket_id_b5cc75b4",
                    "CREATE INDEX CONCURRENTLY IF NOT EXISTS notifications_subscription_ticket_id_b5cc75b4 ON notifications_subscription (ticket_id)",
                ),
            ],
            [
                migrations.AlterField(
                    model_name="notification",
                    name="event",
                    field=models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        to="events.event",
                    ),
                ),
                migrations.AlterField(
                    model_name="push",
                    name="subscription",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="pushes",
                        to="notifications.subscription",
                    ),
                ),
                migrations.AlterField(
                    model_name="subscription",
                    name="ticket",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="subscriptions",
                        to="tickets.ticket",
                    ),
                ),
            ],
        ),
    ]
