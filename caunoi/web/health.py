from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from caunoi.conversations import queries as conversations
from caunoi.events.queries import backlog


def live(request: HttpRequest) -> HttpResponse:
    """The process answers."""
    return JsonResponse({"live": True})


def ready(request: HttpRequest) -> HttpResponse:
    """The database answers and is migrated: send people here."""
    try:
        executor = MigrationExecutor(connection)
        missing = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except Error as error:
        return JsonResponse({"ready": False, "database": type(error).__name__}, status=503)
    return JsonResponse({"ready": not missing, "migrations_missing": missing}, status=503 if missing else 200)


class Backlog:
    """What waits, and what was refused, asked when somebody looks: the same whichever process answers."""

    def describe(self) -> list[GaugeMetricFamily]:
        return []

    def collect(self) -> list[GaugeMetricFamily | CounterMetricFamily]:
        forged = CounterMetricFamily(
            "caunoi_hooks_forged", "Webhook calls that were not the provider's", labels=["inbox"]
        )
        for name, count in conversations.forgeries():
            forged.add_metric([name], count)
        waiting = conversations.backlog()
        return [
            GaugeMetricFamily("caunoi_events_pending", "Events waiting for their reactions", value=backlog()),
            GaugeMetricFamily("caunoi_receipts_waiting", "Receipts waiting to be read", value=waiting["waiting"]),
            GaugeMetricFamily("caunoi_receipts_unreadable", "Receipts nobody could read", value=waiting["unreadable"]),
            GaugeMetricFamily("caunoi_outgoing_queued", "Messages waiting to be sent", value=waiting["queued"]),
            GaugeMetricFamily("caunoi_outgoing_dead", "Messages that were not delivered", value=waiting["dead"]),
            forged,
        ]


REGISTRY.register(Backlog())


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text; give it to nobody but the monitoring (the proxy keeps it inside)."""
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
