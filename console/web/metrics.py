"""What `/metrics` tells: how the desk answers. It is open to strangers, so it counts requests, never cases."""

from __future__ import annotations

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

BUCKETS_S = (0.01, 0.025, 0.05, 0.1, 0.2, 0.3, 0.5, 1.0, 2.5, 5.0)  # 0.3: what a step of a review may take


class Metrics:
    """Counters of one running desk."""

    def __init__(self, version: str) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "marque_requests_total", "Requests answered", ["method", "route", "status"], registry=self.registry
        )
        self.seconds = Histogram(
            "marque_request_seconds", "Time to answer", ["route"], buckets=BUCKETS_S, registry=self.registry
        )
        self.refused = Counter(
            "marque_refused_total", "Requests refused at the door", ["why"], registry=self.registry
        )
        self.ready = Gauge("marque_ready", "1 when database and vault answer", registry=self.registry)
        build = Gauge("marque_build_info", "The running version", ["version"], registry=self.registry)
        build.labels(version).set(1)

    def answered(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer. `route` is a template, never an address."""
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus's text format."""
        return generate_latest(self.registry)
