"""What Prometheus reads: requests, payments, commits, what waits to be sealed or sent, jobs.

No label says who: surfaces, methods, statuses and names of jobs are closed lists.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.exposition import generate_latest
from prometheus_client.registry import Collector

from counterfoil.bootstrap import Site
from counterfoil.ledger.timing import BOUNDS_US
from counterfoil.server.jobs import State

CONTENT_TYPE: Final = "text/plain; version=0.0.4; charset=utf-8"
_BUCKETS_S: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)

Metric = CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily
Count = Callable[[], int]


@dataclass(frozen=True, slots=True)
class Counts:
    """What the surfaces can count, by what it is: payments that were made, messages that wait."""

    payments: Mapping[str, Count] = field(default_factory=dict)
    backlog: Mapping[str, Count] = field(default_factory=dict)


class Metrics:
    """The numbers of one server."""

    def __init__(self, site: Site, jobs: Callable[[], Mapping[str, State]], counts: Counts) -> None:
        self._registry = CollectorRegistry()
        self._requests = Counter(
            "counterfoil_requests",
            "Requests that were answered.",
            ("surface", "method", "status"),
            registry=self._registry,
        )
        self._seconds = Histogram(
            "counterfoil_request_seconds",
            "How long requests took, streams left out.",
            ("surface",),
            buckets=_BUCKETS_S,
            registry=self._registry,
        )
        self._registry.register(_Rooms(site, jobs, counts))

    def request(self, surface: str, method: str, status: int, elapsed_s: float) -> None:
        """Count a request."""
        shown = method if method in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} else "other"
        self._requests.labels(surface, shown, str(status)).inc()
        self._seconds.labels(surface).observe(elapsed_s)

    def text(self) -> bytes:
        """Write all of it as Prometheus reads it."""
        return generate_latest(self._registry)


class _Rooms(Collector):
    """Asks the rooms at the moment of reading."""

    def __init__(self, site: Site, jobs: Callable[[], Mapping[str, State]], counts: Counts) -> None:
        self._site, self._jobs, self._counts = site, jobs, counts

    def collect(self) -> Iterator[Metric]:
        """Yield every number."""
        yield from _ledger(self._site)
        payments = CounterMetricFamily(
            "counterfoil_payments", "Payments that were made, by kind.", labels=("kind",)
        )
        for kind, count in self._counts.payments.items():
            payments.add_metric((kind,), count())
        yield payments
        backlog = GaugeMetricFamily(
            "counterfoil_outbox_backlog", "Messages that wait to be sent.", labels=("outbox",)
        )
        for outbox, count in self._counts.backlog.items():
            backlog.add_metric((outbox,), count())
        yield backlog
        yield _score_alerts(self._site)
        yield from _jobs(self._jobs())


def _ledger(site: Site) -> Iterator[Metric]:
    seq, sealed = site.ledger.seq, site.sealing.state
    yield CounterMetricFamily("counterfoil_transfers", "Rows of the ledger's log.", value=seq)
    counts, total_us = site.ledger.commit_times.read()
    bounds = [*(str(bound / 1_000_000) for bound in BOUNDS_US), "+Inf"]
    commits = HistogramMetricFamily("counterfoil_commit_seconds", "How long a commit took.")
    commits.add_metric((), list(zip(bounds, accumulate(counts), strict=True)), total_us / 1_000_000)
    yield commits
    lag = GaugeMetricFamily(
        "counterfoil_sealing_lag_rows", "Rows that are not sealed yet.", labels=("log",)
    )
    lag.add_metric(("transfers",), max(seq - sealed.transfers, 0))
    yield lag
    yield GaugeMetricFamily(
        "counterfoil_sealing_stopped",
        "1 while something keeps the sealing from going on.",
        value=int(sealed.trouble is not None),
    )


def _score_alerts(site: Site) -> Metric:
    """Tell what the daily look at the model that scores found."""
    told = GaugeMetricFamily(
        "counterfoil_score_alerts",
        "What moved further than it may since the model was made, by how much (PSI).",
        labels=("about", "column"),
    )
    for alert in site.watching.alerts:
        told.add_metric((alert.about.value, alert.column), alert.value)
    return told


def _jobs(states: Mapping[str, State]) -> Iterator[Metric]:
    failures = CounterMetricFamily(
        "counterfoil_job_failures", "Rounds of a job that failed.", labels=("job",)
    )
    last = GaugeMetricFamily(
        "counterfoil_job_last_success_timestamp_seconds",
        "When a job last did its work.",
        labels=("job",),
    )
    for name, state in states.items():
        failures.add_metric((name,), state.failure_count)
        if state.last_at is not None:
            last.add_metric((name,), state.last_at.timestamp())
    yield failures
    yield last
