"""An application's scorecard, line by line."""

from collections.abc import Sequence
from typing import Any

from fraud_detection.models import Assessment, RuleHit

FACTORS = {
    "payment_history": "Payment history",
    "amounts_owed": "Amounts owed",
    "length_of_credit": "Length of credit",
    "new_credit": "New credit",
    "credit_mix": "Credit mix",
}


def show(assessment: Assessment, hits: Sequence[RuleHit]) -> dict[str, Any] | None:
    """Score, tier, factors 0 to 100, and the points of each characteristic, the costliest first."""
    details = assessment.details
    if not details:
        return None
    points = sorted(details["points"].items(), key=lambda pair: pair[1])
    return {
        "score": details["credit_score"],
        "tier": details["risk_tier"],
        "default": details["probability_of_default"],
        "scorecard": details["scorecard"],
        "factors": [(label, round(100 * details["factors"][name])) for name, label in FACTORS.items()],
        "points": [(name, value, name in details["missing"]) for name, value in points],
    }
