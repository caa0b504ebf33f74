"""Counters and latency histograms of this process, exposed by the API for Prometheus."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter, Histogram

FROM_ONE_MS = (0.001, 0.002, 0.003, 0.005, 0.0075, 0.01, 0.015, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5)

DECISIONS = Counter("fraudguard_decisions_total", "Decisions made.", ("engine", "decision"))
REPLAYS = Counter("fraudguard_replays_total", "Requests answered with an earlier decision.", ("engine",))
DEGRADED = Counter("fraudguard_degraded_total", "Decisions made without a failed part.", ("engine", "part"))
SHADOW_FAILURES = Counter(
    "fraudguard_shadow_failures_total", "Scores that a model in shadow could not give.", ("engine", "model")
)
SHADOW_RULE_FAILURES = Counter(
    "fraudguard_shadow_rule_failures_total", "Events on which a rule in shadow failed.", ("engine", "rule")
)
CALLS_DROPPED = Counter("fraudguard_calls_dropped_total", "API calls that the call log could not take.")
STAGES = Histogram(
    "fraudguard_decision_stage_seconds",
    "Time of a decision by stage.",
    ("engine", "stage"),
    buckets=FROM_ONE_MS,
)


def count_decision(engine: str, body: Mapping[str, Any], *, replayed: bool) -> None:
    """Count one answered decision; a replay costs nothing and is counted apart."""
    if replayed:
        REPLAYS.labels(engine).inc()
        return
    DECISIONS.labels(engine, body["decision"]).inc()
    for part in body["degraded_parts"]:
        DEGRADED.labels(engine, part).inc()
    for stage, milliseconds in body["latency_ms"].items():
        STAGES.labels(engine, stage).observe(milliseconds / 1000)
