"""Puts together what a page shows of one decision."""

from typing import Any

from dashboard.evidence import evidence_of
from dashboard.score_scale import score_scale
from dashboard.selectors.alert import arithmetic_of, fail_decision_of, reasons_of, thresholds_of
from dashboard.selectors.features import feature_rows
from fraud_detection.models import Assessment


def decision_context(assessment: Assessment) -> dict[str, Any]:
    """The decision with its reasons, hits, features, score scale, and the engine's own evidence."""
    hits = list(assessment.hits.select_related("alert"))
    return {
        "assessment": assessment,
        "hits": hits,
        "fail_decision": fail_decision_of(assessment) if assessment.degraded else "",
        "reasons": reasons_of(assessment, hits),
        "arithmetic": arithmetic_of(assessment, hits),
        "features": feature_rows(assessment),
        "bar": score_scale(assessment.risk_score, [], *thresholds_of(assessment)),
        "evidence": evidence_of(assessment, hits),
    }
