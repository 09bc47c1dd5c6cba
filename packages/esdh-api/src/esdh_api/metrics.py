"""Figures for Prometheus, by its official client: requests, their duration, records made.

With several processes, `PROMETHEUS_MULTIPROC_DIR` is where each keeps its own and any of them
adds them up; the server sets it.
"""

from __future__ import annotations

import os
import time
from typing import Final

import prometheus_client as prometheus
from flask import Flask, Response, g
from prometheus_client import multiprocess

from .request_log import OTHER, method_label, route_label

SHARED_DIRECTORY_VARIABLE: Final = "PROMETHEUS_MULTIPROC_DIR"
_SECONDS: Final = (0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """The figures of one application; each has a registry of its own."""

    def __init__(self) -> None:
        """Start at nothing."""
        self.registry = prometheus.CollectorRegistry()
        labels = ["method", "route", "status"]
        self.requests = prometheus.Counter(
            "esdh_requests", "Requests answered.", labels, registry=self.registry
        )
        self.seconds = prometheus.Histogram(
            "esdh_request_seconds",
            "Seconds until the last byte was handed over.",
            ["route"],
            buckets=_SECONDS,
            registry=self.registry,
        )
        self.records = prometheus.Counter(
            "esdh_records", "Policyholders generated.", ["media_type"], registry=self.registry
        )

    def count_refused(self, status: int) -> None:
        """Count a request that came to no route."""
        self.requests.labels(OTHER, OTHER, str(status)).inc()

    def expose(self) -> tuple[bytes, str]:
        """The figures of all processes as text, and its media type."""
        registry = self.registry
        if os.environ.get(SHARED_DIRECTORY_VARIABLE):
            registry = prometheus.CollectorRegistry()
            multiprocess.MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
        return prometheus.generate_latest(registry), prometheus.CONTENT_TYPE_LATEST


def register(app: Flask) -> Metrics:
    """Count every request when its answer is done."""
    metrics = Metrics()

    @app.after_request
    def _count(response: Response) -> Response:
        method, route, status = method_label(), route_label(), str(response.status_code)
        started = g.started

        def _add() -> None:
            metrics.requests.labels(method, route, status).inc()
            metrics.seconds.labels(route).observe(time.perf_counter() - started)

        response.call_on_close(_add)
        return response

    return metrics
