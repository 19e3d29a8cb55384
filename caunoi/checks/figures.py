"""The figures of the running product for Prometheus, asked of database and machine when somebody looks, so that the
answer is the same whichever process gives it. docs/operating.md names the series."""

import os
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from django.db import Error, connection
from django.db.models import Count, Min, OuterRef, Q, Subquery
from django.utils.timezone import now
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from caunoi import __version__
from caunoi.calls import queries as calls
from caunoi.calls.operator_states import OperatorState
from caunoi.checks import every
from caunoi.conversations import queries as conversations
from caunoi.conversations.models import Inbox, Outgoing, Receipt
from caunoi.events import queries as events
from caunoi.events.models import Event
from caunoi.jobs import clock, replica
from caunoi.sla.models import Deadline

STATES = {"ok": 0.0, "warn": 1.0, "broken": 2.0}
HEALTH_TEXT = "0 ok, 1 degraded, 2 down"
HEALTH = {"ok": 0.0, "degraded": 1.0, "down": 2.0}
TICKS = os.sysconf("SC_CLK_TCK")


def _gauge(name: str, text: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(f"caunoi_{name}", text, value=value)


def _by(name: str, text: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(f"caunoi_{name}", text, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family


class Figures(Collector):
    """What the database and the machine say when somebody looks."""

    def collect(self) -> Iterator[Metric]:
        yield from _processes()
        yield from _health()
        yield from _replicas()
        if not every.answers():
            return
        try:
            yield from [*_backlog(), *_jobs(), *_channels(), *_database()]
        except Error:  # it went away meanwhile
            return


def _health() -> Iterator[Metric]:
    info = GaugeMetricFamily("caunoi_info", "The release that runs", labels=["version"])
    info.add_metric([__version__], 1)
    yield info
    state, _ = every.health()
    yield _gauge("health", HEALTH_TEXT, HEALTH[state])
    worst: dict[str, float] = {}
    for one in every.cached():
        worst[one.check] = max(worst.get(one.check, 0.0), STATES[one.state.value])
    yield _by("check", "What caunoi doctor finds: 0 ok, 1 warn, 2 broken", "check", worst)


def _replicas() -> Iterator[Metric]:
    lags = replica.lags()
    yield _by("replica_up", "1 while the standby answers", "server", {one.server: float(not one.error) for one in lags})
    behind = {one.server: float(one.bytes) for one in lags if one.bytes is not None}
    yield _by("replica_bytes", "How far the standby is behind, in bytes of the log", "server", behind)
    seconds = {one.server: one.seconds for one in lags if one.seconds is not None}
    yield _by("replica_seconds", "How far it is behind, in seconds", "server", seconds)


def _age(since: datetime | None) -> float:
    return (now() - since).total_seconds() if since else 0.0


def _backlog() -> Iterator[Metric]:
    waiting, (again, given_up) = conversations.backlog(), events.failing()
    yield _gauge("reactions_retrying", "Reactions to events that failed and are tried again", again)
    yield _gauge("reactions_failed", "Failed reactions that wait for a person", given_up)
    yield _gauge("events_pending", "Events waiting for their reactions", events.backlog())
    oldest = Event.objects.filter(pending=True).order_by("id").values_list("recorded", flat=True).first()
    yield _gauge("events_oldest_seconds", "How long the oldest of them has waited", _age(oldest))
    yield _gauge("receipts_waiting", "Receipts waiting to be read", waiting["waiting"])
    yield _gauge("receipts_unreadable", "Receipts nobody could read", waiting["unreadable"])
    read = Receipt.objects.filter(state="waiting").aggregate(at=Min("at"))["at"]
    yield _gauge("receipts_oldest_seconds", "How long the oldest unread receipt has waited", _age(read))
    yield _gauge("outgoing_queued", "Messages waiting to be sent", waiting["queued"])
    yield _gauge("outgoing_dead", "Messages that were not delivered", waiting["dead"])
    sent = Outgoing.objects.filter(state="queued").aggregate(at=Min("at"))["at"]
    yield _gauge("outgoing_oldest_seconds", "How long the oldest unsent message has waited", _age(sent))
    running = Deadline.objects.filter(state="running").aggregate(all=Count("pk"), late=Count("pk", Q(due__lt=now())))
    yield _gauge("deadlines_running", "Deadlines that run", running["all"])
    yield _gauge("deadlines_unmarked", "Running deadlines that are over and not marked so yet", running["late"])


def _jobs() -> Iterator[Metric]:
    standings = clock.standings()
    success = {one.task: one.last_success.timestamp() for one in standings if one.last_success}
    yield _by("job_last_success_seconds", "When a task by the clock last succeeded (Unix time)", "task", success)
    took = {one.task: one.took for one in standings if one.took is not None}
    yield _by("job_took_seconds", "How long it took then", "task", took)
    running = {one.task: _age(one.running_since) for one in standings if one.running_since}
    yield _by("job_running_seconds", "Since when it runs", "task", running)
    yield _by("job_failures", "Failures since it last succeeded", "task", {one.task: one.failures for one in standings})
    overdue = {one.task: float(one.overdue) for one in standings}
    yield _by("job_overdue", "1 when it should have succeeded and has not", "task", overdue)


def _channels() -> Iterator[Metric]:
    forged = CounterMetricFamily("caunoi_hooks_forged", "Webhook calls that were not the provider's", labels=["inbox"])
    for name, total in conversations.forgeries():
        forged.add_metric([name], total)
    yield forged
    boxes = list(Inbox.objects.filter(active=True).order_by("id"))
    yield _by(
        "inbox_trouble", "1 when the inbox does not work", "inbox", {b.name: float(b.trouble != "") for b in boxes}
    )
    newest = Receipt.objects.filter(inbox=OuterRef("pk")).order_by("-id").values("at")[:1]
    last = Inbox.objects.filter(active=True).annotate(at=Subquery(newest)).exclude(at=None).values_list("name", "at")
    quiet = {name: _age(at) for name, at in last}
    yield _by("inbox_quiet_seconds", "Since the inbox last received something", "inbox", quiet)
    yield from _telephone()


def _telephone() -> Iterator[Metric]:
    links = {link.inbox.name: link for link in calls.links()}
    up = {name: float(calls.holds(link)) for name, link in links.items()}
    yield _by("bridge_up", "1 while the link to the exchange holds", "inbox", up)
    seen = {name: _age(link.seen) for name, link in links.items()}
    yield _by("bridge_seen_seconds", "Since the bridge last gave a sign of life", "inbox", seen)
    for name, text, column in (
        ("bridge_connects", "How often the exchange was linked", "connects"),
        ("bridge_events", "Events of calls and members that the exchange told", "events"),
    ):
        counter = CounterMetricFamily(f"caunoi_{name}", text, labels=["inbox"])
        for inbox, link in links.items():
            counter.add_metric([inbox], getattr(link, column))
        yield counter
    lag = {name: link.lag for name, link in links.items()}
    yield _by("bridge_lag_seconds", "From the latest event to its arrival here", "inbox", lag)
    floor = calls.floor()
    yield _gauge("calls_waiting", "Callers whom nobody has answered yet", len(floor.waiting))
    yield _gauge("calls_waiting_longest_seconds", "How long the first of them has waited", floor.longest)
    people = {
        state.value: float(floor.count(state)) for state in OperatorState if state is not OperatorState.SIGNED_OUT
    }
    yield _by("operators", "Operators on duty by what they do now", "state", people)


def _database() -> Iterator[Metric]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(state, 'none'), count(*) FROM pg_stat_activity"
            " WHERE datname = current_database() AND backend_type = 'client backend' GROUP BY 1"
        )
        states = {state: float(number) for state, number in cursor.fetchall()}
        cursor.execute("SELECT current_setting('max_connections')::int, pg_database_size(current_database())")
        most, size = cursor.fetchone()
        cursor.execute("SELECT extract(epoch FROM now() - max(last_heartbeat))::float8 FROM procrastinate_workers")
        (beat,) = cursor.fetchone()
    yield _by("database_connections", "Connections to the database", "state", states)
    yield _gauge("database_connections_max", "How many there may be", most)
    yield _gauge("database_bytes", "Size of the database", size)
    yield _gauge("worker_up", "1 while a worker beats", float(beat is not None and beat < 30))
    if beat is not None:
        yield _gauge("worker_beat_seconds", "Since the last beat of a worker", beat)


def _processes() -> Iterator[Metric]:
    """Every process of this installation on this machine: the one that answers and its brothers under `up`."""
    labels = ["process", "pid"]
    cpu = CounterMetricFamily("caunoi_process_cpu_seconds", "Processor time used", labels=labels)
    memory = GaugeMetricFamily("caunoi_process_resident_bytes", "Memory in use", labels=labels)
    files = GaugeMetricFamily("caunoi_process_open_files", "Open files", labels=labels)
    for pid in _brothers():
        try:
            words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
            name = words[words.index(b"caunoi.cli") + 1].decode() if b"caunoi.cli" in words else "other"
            stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
            rss = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
            fds = len(os.listdir(f"/proc/{pid}/fd"))
        except (OSError, ValueError, IndexError):
            continue  # gone, or not ours to look at
        cpu.add_metric([name, str(pid)], (int(stat[11]) + int(stat[12])) / TICKS)
        memory.add_metric([name, str(pid)], rss * os.sysconf("SC_PAGESIZE"))
        files.add_metric([name, str(pid)], fds)
    yield from (cpu, memory, files)


def _brothers() -> list[int]:
    parent = os.getppid()
    try:
        if b"caunoi.cli" in Path(f"/proc/{parent}/cmdline").read_bytes():
            children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
            return [parent, *map(int, children)]
    except OSError:
        pass
    return [os.getpid()]
