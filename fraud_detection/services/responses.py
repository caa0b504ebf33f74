"""The answer to a client: built once from a decision's record, so that a replay says the same."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from fraud_detection.engines.engine import Engine
from fraud_detection.services.scoring import Hit, Scored
from fraud_detection.services.serving import Serving


def decision_fields(
    *, assessment_id: int | None, transaction_id: str, at: datetime, serving: Serving, scored: Scored
) -> dict[str, Any]:
    """The body of a fresh decision."""
    verdict = scored.verdict
    return {
        "id": assessment_id,
        "transaction_id": transaction_id,
        "decision": verdict.decision,
        "risk_score": verdict.risk_score,
        "risk_level": verdict.risk_level,
        "fraud_probability": verdict.fraud_probability,
        "confidence_score": verdict.confidence_score,
        "is_fraud": verdict.is_fraud,
        "released": verdict.released,
        "reasons": scored.reasons,
        "alerts": alert_fields(scored.hits),
        "model_version": serving.predictor.version or None,
        "ruleset_version": serving.rule_set_version,
        "policy_version": serving.policy.version,
        "degraded": bool(scored.degraded_parts),
        "degraded_parts": scored.degraded_parts,
        "timestamp": timestamp(at),
        "latency_ms": latency_fields(scored.latency_us),
    }


def recorded_fields(assessment: Any) -> dict[str, Any]:
    """The body of a stored Assessment (its hits prefetched), equal to what was answered then."""
    return {
        "id": assessment.pk,
        "transaction_id": assessment.external_id,
        "decision": assessment.decision,
        "risk_score": assessment.risk_score,
        "risk_level": assessment.risk_level,
        "fraud_probability": assessment.fraud_probability,
        "confidence_score": assessment.confidence_score,
        "is_fraud": assessment.is_fraud,
        "released": assessment.released,
        "reasons": assessment.reasons,
        "alerts": alert_fields([hit for hit in assessment.hits.all() if not (hit.late or hit.snoozed)]),
        "model_version": assessment.model_version or None,
        "ruleset_version": assessment.rule_set_version,
        "policy_version": assessment.policy_version,
        "degraded": assessment.degraded,
        "degraded_parts": assessment.degraded_parts,
        "timestamp": timestamp(assessment.decided_at),
        "latency_ms": latency_fields(assessment.latency_us),
    }


def answer_of(
    engine: Engine, body: dict[str, Any], event: Mapping[str, Any], details: Any, outcome: Any
) -> dict[str, Any]:
    """What the client is told: the common body in the engine's own shape.

    `outcome` is the scored decision or its record: which rules had no answer joins the details.
    """
    said = {name: getattr(outcome, name) for name in ("not_evaluable", "insufficient", "texts")}
    return engine.respond(body, event, (details or {}) | said)


def alert_fields(hits: Sequence[Hit] | Any) -> list[dict[str, Any]]:
    """The rule hits of an event, as clients see them."""
    return [
        {
            "rule": hit.rule,
            "severity": hit.severity,
            "confidence": hit.confidence,
            "reason": hit.reason,
            "metadata": hit.metadata,
        }
        for hit in hits
        if hit.rule_version is not None
    ]


def latency_fields(latency_us: dict[str, int]) -> dict[str, float]:
    """Milliseconds a stage, to the microsecond."""
    return {
        stage: round(latency_us.get(stage, 0) / 1000, 3)
        for stage in ("features", "model", "rules", "store", "total")
    }


def timestamp(moment: datetime) -> str:
    """ISO 8601 in UTC, with microseconds and Z."""
    return moment.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")
