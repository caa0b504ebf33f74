"""Decisions over HTTP under load: what is sent, what is told of it, and a server that somebody else runs."""

import json
from collections.abc import Callable, Iterator

from benchmarks import load_generator
from benchmarks.population import Population
from benchmarks.report import Row
from benchmarks.traffic import Traffic

PATH = "/api/v1/transactions/"
CONNECTIONS = (1, 8, 32)


def bodies(traffic: Traffic) -> Callable[[], bytes]:
    """A body for each request."""
    return lambda: json.dumps(traffic.record()).encode()


def figures(load: load_generator.Load) -> Row:
    """Throughput, latency, refusals, and the share of decisions that alerted."""
    decided = [body for body in load.bodies if "decision" in body]
    alerting = sum(bool(body["alerts"]) or body["decision"] != "approve" for body in decided)
    return {
        "per_s": load.rate,
        "p50_ms": load.quantile_ms(0.5),
        "p95_ms": load.quantile_ms(0.95),
        "p99_ms": load.quantile_ms(0.99),
        "failed": sum(count for status, count in load.statuses.items() if status >= 400),
        "alerting": f"{alerting / len(decided):.1%}" if decided else None,
    }


def rows_of(url: str, key: str, *, seconds: float) -> Iterator[Row]:
    """Measure a running server from outside only, whatever its store holds."""
    body = bodies(Traffic(Population()))
    for connections in CONNECTIONS:
        load = load_generator.run(
            url.rstrip("/") + PATH,
            body,
            headers={"X-API-Key": key},
            connections=connections,
            seconds=seconds,
        )
        yield {"what": "typical", "connections": connections, **figures(load)}
