from ipaddress import ip_address

from django.conf import settings
from django.db import Error, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import CONTENT_TYPE_LATEST, REGISTRY, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily

from caunoi import __version__
from caunoi.conversations import queries as conversations
from caunoi.events.queries import backlog, failing
from caunoi.jobs import clock


def live(request: HttpRequest) -> HttpResponse:
    """The process answers, and which release it is."""
    return JsonResponse({"live": True, "version": __version__})


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
        waiting, (again, given_up) = conversations.backlog(), failing()
        return [
            *_jobs(),
            GaugeMetricFamily(
                "caunoi_reactions_retrying", "Reactions to events that failed and are tried again", value=again
            ),
            GaugeMetricFamily("caunoi_reactions_failed", "Failed reactions that wait for a person", value=given_up),
            GaugeMetricFamily("caunoi_events_pending", "Events waiting for their reactions", value=backlog()),
            GaugeMetricFamily("caunoi_receipts_waiting", "Receipts waiting to be read", value=waiting["waiting"]),
            GaugeMetricFamily("caunoi_receipts_unreadable", "Receipts nobody could read", value=waiting["unreadable"]),
            GaugeMetricFamily("caunoi_outgoing_queued", "Messages waiting to be sent", value=waiting["queued"]),
            GaugeMetricFamily("caunoi_outgoing_dead", "Messages that were not delivered", value=waiting["dead"]),
            forged,
        ]


def _jobs() -> list[GaugeMetricFamily]:
    """How the tasks that run by the clock fare."""
    labels = ["task"]
    success = GaugeMetricFamily("caunoi_job_last_success_seconds", "When it last succeeded (Unix time)", labels=labels)
    failures = GaugeMetricFamily("caunoi_job_failures", "Failures since it last succeeded", labels=labels)
    overdue = GaugeMetricFamily("caunoi_job_overdue", "1 when it should have succeeded and has not", labels=labels)
    for one in clock.standings():
        if one.last_success:
            success.add_metric([one.task], one.last_success.timestamp())
        failures.add_metric([one.task], one.failures)
        overdue.add_metric([one.task], float(one.overdue))
    return [success, failures, overdue]


REGISTRY.register(Backlog())


def _may_measure(request: HttpRequest) -> bool:
    """Whether the monitoring asks: by its token, or, where none is set, a program on this host and no proxy's client."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def metrics(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for nobody but the monitoring."""
    if not _may_measure(request):
        return HttpResponse(
            "Only for the monitoring: CAUNOI_METRICS_TOKEN as Bearer, or from this host.\n", "text/plain", 403
        )
    return HttpResponse(generate_latest(), content_type=CONTENT_TYPE_LATEST)
