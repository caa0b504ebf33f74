"""How a scorecard, overrides and a default model become a decision on an application."""

from collections.abc import Mapping, Sequence
from typing import Any

from fraud_detection.policy import APPROVE, DECLINE, REVIEW, Evidence, Policy, Verdict, most_severe
from ml.domains.credit.features import CREDIT
from ml.domains.credit.scorecard import Scorecard, Shortfall
from ml.domains.credit.shipped import SHIPPED

SETTINGS = {
    "scorecard": SHIPPED.as_json(),
    "approve_from": 690,
    "refer_from": 600,
    "low_risk_from": 750,
    "most_missing": 3,
    # the default probability of the lowest score that is referred: from here on the model refers
    "model_refer_from": 0.0741,
}
NUMBERS = ("approve_from", "refer_from", "low_risk_from", "model_refer_from")
MOST_REASONS = 4
OUTCOMES = {APPROVE: "APPROVED", REVIEW: "REFERRED", DECLINE: "DECLINED"}
LEVELS = {"LOW": "low", "MEDIUM": "medium", "ELEVATED": "high", "HIGH": "critical"}
FACTORS = ("payment_history", "amounts_owed", "length_of_credit", "new_credit", "credit_mix")
NO_DATA = "NOT_ENOUGH_DATA"
NOT_ENOUGH = "Not enough data: {count} of {of} characteristics are missing"


def check_settings(settings: Mapping[str, Any]) -> None:
    """Raises ValueError unless the scorecard holds together and the scores stand in order."""
    _check_card(Scorecard.from_json(settings["scorecard"]))
    for name in NUMBERS:
        if type(settings[name]) not in (int, float):
            raise ValueError(f"{name} must be a number")
    if type(settings["most_missing"]) is not int or settings["most_missing"] < 0:
        raise ValueError("most_missing must be a whole number from 0 on")
    if not settings["refer_from"] <= settings["approve_from"] <= settings["low_risk_from"]:
        raise ValueError("refer_from, approve_from and low_risk_from must ascend")
    if not 0 < settings["model_refer_from"] <= 1:
        raise ValueError("model_refer_from must lie between 0 and 1")


def _check_card(card: Scorecard) -> None:
    if unknown := sorted({each.name for each in card.characteristics} - set(CREDIT.names)):
        raise ValueError(f"the scorecard's '{unknown[0]}' is no feature of credit")
    try:
        for value in (None, 0.0, 1.0):
            card.default_probability(card.score(dict.fromkeys(CREDIT.names, value)))
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ValueError(f"the scorecard does not compute: {error}") from error


def judge(
    *,
    policy: Policy,
    probability: float | None,
    hits: Sequence[Evidence],
    degraded: bool,
    model_may_decline: bool,
    allowed: bool,
    values: Mapping[str, Any],
) -> Verdict:
    """The scorecard's decision, what overrides and the model make of it, and its reasons.

    Too little data refers whatever the score; the model refers and never declines by itself.
    """
    settings = policy.settings
    card = Scorecard.from_json(settings["scorecard"])
    score, missing = card.score(values), card.missing(values)
    decisions = [_by_score(score, settings) if len(missing) <= settings["most_missing"] else REVIEW]
    if probability is not None and probability >= settings["model_refer_from"]:
        decisions.append(REVIEW)
    decisions += [hit.outcome for hit in hits if hit.outcome]
    decisions += [policy.fail_decision] if degraded else []
    decision = most_severe(decisions)
    tier, risk = _tier(score, settings), card.default_probability(score)
    reasons = card.shortfalls(values)[:MOST_REASONS]
    return Verdict(
        decision=decision,
        risk_score=round(100 * risk, 2),
        risk_level=LEVELS[tier],
        fraud_probability=None if probability is None else round(probability, 6),
        confidence_score=round(max([probability or 0.0, *(hit.confidence for hit in hits)]), 6),
        is_fraud=False,
        details=_details(card, score, tier, values, missing, reasons, settings),
        reasons=tuple(_reason(each, risk, reasons) for each in reasons),
    )


def _by_score(score: int, settings: Mapping[str, Any]) -> str:
    if score >= settings["approve_from"]:
        return APPROVE
    return REVIEW if score >= settings["refer_from"] else DECLINE


def _tier(score: int, settings: Mapping[str, Any]) -> str:
    if score >= settings["low_risk_from"]:
        return "LOW"
    if score >= settings["approve_from"]:
        return "MEDIUM"
    return "ELEVATED" if score >= settings["refer_from"] else "HIGH"


def _details(
    card: Scorecard,
    score: int,
    tier: str,
    values: Mapping[str, Any],
    missing: list[str],
    reasons: list[Shortfall],
    settings: Mapping[str, Any],
) -> dict[str, Any]:
    factors = card.factors(values)
    alerts = [
        {
            "type": "reason_code",
            "code": each.characteristic.name.upper(),
            "message": each.text,
            "severity": _severity(each.points),
            "points": each.points,
        }
        for each in reasons
    ]
    if len(missing) > settings["most_missing"]:
        message = NOT_ENOUGH.format(count=len(missing), of=len(card.characteristics))
        alerts.insert(
            0,
            {"type": "not_enough_data", "code": "NOT_ENOUGH_DATA", "message": message, "severity": "medium"},
        )
    return {
        "credit_score": score,
        "risk_tier": tier,
        "factors": {name: factors.get(name, 0.0) for name in FACTORS},
        "probability_of_default": round(card.default_probability(score), 4),
        "scorecard": card.version,
        "points": card.points(values),
        "missing": missing,
        "alerts": alerts,
    }


def _severity(points: int) -> str:
    return "high" if points >= 40 else "medium" if points >= 20 else "low"


def _reason(each: Shortfall, risk: float, reasons: Sequence[Shortfall]) -> dict[str, Any]:
    total = sum(shortfall.points for shortfall in reasons)
    contribution = round(risk * each.points / total, 4)
    return {"code": each.characteristic.name.upper(), "text": each.text, "contribution": contribution}


def respond(body: Mapping[str, Any], event: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to an application; risk_score is the credit score."""
    overrides = [
        {"type": "override", "code": hit["rule"], "message": hit["reason"], "severity": hit["severity"]}
        for hit in body["alerts"]
    ]
    common = {name: value for name, value in body.items() if name not in ("transaction_id", "is_fraud")}
    return common | {
        "application_id": body["transaction_id"],
        "applicant_id": event["applicant_id"],
        "decision": OUTCOMES[body["decision"]],
        "risk_score": details.get("credit_score"),
        "credit_score": details.get("credit_score"),
        "risk_tier": details.get("risk_tier"),
        "factors": details.get("factors"),
        "probability_of_default": details.get("probability_of_default"),
        "default_probability": body["fraud_probability"],
        "alerts": [*details.get("alerts", ()), *overrides],
    }
