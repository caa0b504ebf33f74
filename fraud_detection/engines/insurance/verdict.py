"""What becomes of a claim: it is paid, reviewed, or handed to special investigation; none is declined."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from fraud_detection import policy as policies
from fraud_detection.policy import APPROVE, DECLINE, REVIEW, Evidence, Policy, Verdict

PAY, LOOK, INVESTIGATE = "pay", "review", "special investigation"
# Beside the values of a hit: what its evidence is made of.
PARTS = ("thresholds", "window", "events", "claims", "claimants", "policies", "provider_id")


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
    """The common verdict; what would decline, and any critical hit, is special investigation instead."""
    verdict = policies.judge(
        policy=policy,
        probability=probability,
        hits=hits,
        degraded=degraded,
        model_may_decline=model_may_decline,
        allowed=allowed,
    )
    grave = any(hit.severity == "critical" for hit in hits if hit.cannot_be_overridden or not allowed)
    if verdict.decision == DECLINE or grave:
        return replace(verdict, decision=REVIEW, is_fraud=True, details={"handling": INVESTIGATE})
    return replace(verdict, details={"handling": PAY if verdict.decision == APPROVE else LOOK})


def respond(body: Mapping[str, Any], event: Mapping[str, Any], details: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a claim. fraud_risk is the risk, 0 to 100; fraud_probability that over 100."""
    common = {name: value for name, value in body.items() if name not in ("transaction_id", "risk_score")}
    risk = body["risk_score"]
    paid = body["decision"] == APPROVE  # a random release may have let it pass
    return common | {
        "claim_id": body["transaction_id"],
        "policy_id": event["policy_id"],
        "claim_amount": float(event["claim_amount"]),
        "fraud_risk": risk,
        "fraud_probability": round(risk / 100, 4),
        "model_probability": body["fraud_probability"],
        "flagged": body["is_fraud"],
        "handling": PAY if paid else details.get("handling", LOOK),
        "alerts": [_alert(hit) for hit in body["alerts"]],
    }


def _alert(hit: Mapping[str, Any]) -> dict[str, Any]:
    shown = {name: hit[name] for name in ("rule", "severity", "confidence", "reason")}
    return shown | {"evidence": list(evidence_of(hit["metadata"]))}


def evidence_of(metadata: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """What a hit rests on, one thing after another; `kind` says what each is.

    value (name, value), threshold (name, value), window (from, to), claim (a linked claim and what it
    shares), claimant (claimant_id and what it shares), policy (policy_id), provider (provider_id)
    """
    for name, value in sorted(metadata.items()):  # in one order: the database keeps none
        if name not in PARTS:
            yield {"kind": "value", "name": name, "value": value}
    for name, value in sorted(metadata.get("thresholds", {}).items()):
        yield {"kind": "threshold", "name": name, "value": value}
    if "window" in metadata:
        yield {"kind": "window", **metadata["window"]}
    if "provider_id" in metadata:
        yield {"kind": "provider", "provider_id": metadata["provider_id"]}
    for policy in metadata.get("policies", ()):
        yield {"kind": "policy", "policy_id": policy}
    for claimant, shares in sorted(metadata.get("claimants", {}).items()):
        yield {"kind": "claimant", "claimant_id": claimant, "shares": shares}
    for claim in metadata.get("claims", ()):
        yield {"kind": "claim", **claim}
