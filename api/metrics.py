"""HTTP requests as Prometheus counters and latency histograms, and the registry that /prometheus/ shows.

With PROMETHEUS_MULTIPROC_DIR set (an empty directory, the same for all web processes) the figures
are those of all processes together, else those of the process that answers.
"""

import os
import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

from api import call_log
from logs.metrics import FROM_ONE_MS

REQUESTS = Counter("fraudguard_http_requests_total", "Requests answered.", ("method", "route", "status"))
SECONDS = Histogram(
    "fraudguard_http_request_seconds", "Time to answer.", ("method", "route"), buckets=FROM_ONE_MS
)
METHODS = frozenset(("GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"))


class RequestMetrics:
    """Middleware; routes, not addresses, are counted, so that nobody can make new time series.

    What it measures goes to the call log too.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with_bodies = call_log.sampled(request)
        response = self.get_response(request)
        match = request.resolver_match
        route = (match.route.rstrip("/") if match else "") or "other"
        method = request.method if request.method in METHODS else "other"
        REQUESTS.labels(method, route, response.status_code).inc()
        seconds = time.perf_counter() - started
        SECONDS.labels(method, route).observe(seconds)
        call_log.note(request, response, route=route, seconds=seconds, with_bodies=with_bodies)
        return response


def registry() -> CollectorRegistry:
    """What to expose: all processes where they share a directory, else this one."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return REGISTRY
    shared = CollectorRegistry()
    MultiProcessCollector(shared)
    return shared
