"""/metrics for Prometheus: what was asked and how long it took, by route, counted by all processes into one folder; and
the figures of the running product. docs/operating.md names the series."""

import os
from ipaddress import ip_address

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.crypto import constant_time_compare
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    REGISTRY,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
    multiprocess,
)

from caunoi.checks.figures import Figures

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)
SECONDS = Histogram("caunoi_request_seconds", "How long requests took", ["route", "method"], buckets=BUCKETS)
REQUESTS = Counter("caunoi_requests", "Requests that were answered", ["route", "method", "status"])


def count(route: str, method: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    SECONDS.labels(route, method).observe(seconds)
    REQUESTS.labels(route, method, str(status)).inc()


def _registry() -> CollectorRegistry:
    registry = CollectorRegistry()
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    else:
        registry.register(REGISTRY)
    registry.register(Figures())
    return registry


def may_measure(request: HttpRequest) -> bool:
    """Whether the monitoring asks: by its token, or, where none is set, a program on this host and no proxy's
    client."""
    if settings.METRICS_TOKEN:
        return constant_time_compare(request.headers.get("Authorization", ""), f"Bearer {settings.METRICS_TOKEN}")
    if "X-Forwarded-For" in request.headers or "Forwarded" in request.headers:
        return False
    try:
        return ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


def show(request: HttpRequest) -> HttpResponse:
    """Prometheus text, for nobody but the monitoring."""
    if not may_measure(request):
        return HttpResponse(
            "Only for the monitoring: CAUNOI_METRICS_TOKEN as Bearer, or from this host.\n", "text/plain", 403
        )
    return HttpResponse(generate_latest(_registry()), content_type=CONTENT_TYPE_LATEST)
