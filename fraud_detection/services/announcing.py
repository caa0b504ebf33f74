"""Telling live pages and this process's counters of decisions, after their commit."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from fraud_detection.services.rehearsal import rehearsing
from logs import metrics
from logs.backlog import publish_soon

MOST_ANNOUNCED = 200  # a page shows the newest; a batch need not push the rest through the store


@dataclass(frozen=True)
class Decided:
    """A decision: its common body, whether it was made before, its assessment and its amount at stake.

    `answer` is what the client is told, in the shape of the engine.
    """

    body: dict[str, Any]
    replayed: bool
    assessment_id: int
    amount_minor: int
    answer: dict[str, Any]


def announce(engine: str, decisions: Sequence[Decided]) -> None:
    """Publish what is new and count everything; a rehearsal is nobody's business."""
    if rehearsing():
        return
    fresh = [decided for decided in decisions if not decided.replayed]
    if fresh:
        publish_soon([("decision", live_fields(engine, decided)) for decided in fresh[-MOST_ANNOUNCED:]])
    for decided in decisions:
        metrics.count_decision(engine, decided.body, replayed=decided.replayed)


def live_fields(engine: str, decided: Decided) -> dict[str, Any]:
    """What a live page shows of a decision; the amount is in the reporting currency."""
    body = decided.body
    return {
        "engine": engine,
        "id": body["id"],
        "transaction_id": body["transaction_id"],
        "decision": body["decision"],
        "risk_score": body["risk_score"],
        "risk_level": body["risk_level"],
        "amount": decided.amount_minor / 100,
        "reason": body["reasons"][0]["text"] if body["reasons"] else "",
        "alerts": len(body["alerts"]),
        "timestamp": body["timestamp"],
    }
