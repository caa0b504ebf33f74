"""POST /insurance/detect/: the documented answer, exactly once, refusals that store nothing."""

from datetime import date, timedelta

import pytest

from fraud_detection.models import Assessment
from transactions.models import ClaimProvider, InsuranceClaim, ProviderDay

PATHS = ("/api/v1/insurance/detect/", "/api/insurance/detect/", "/api/v1/insurance/detect")
PATH = PATHS[0]
EXAMPLE = {"claim_id": "CLM-001", "policy_id": "POL-9", "claim_amount": 45000, "estimated_value": 52000}
NOT_EVALUABLE = {
    *("PropertyInflationRule", "EarlyClaimRule", "PreExpiryRule", "LateReportRule", "NearLimitRule"),
    *("ClaimFrequencyRule", "SharedIdentityRule", "DuplicateClaimRule", "DetailsChangedRule"),
    *("MultiPolicyRule", "ProviderOutlierRule"),
}
pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]


def post(caller, path=PATH, **fields):
    record = {name: value for name, value in (EXAMPLE | fields).items() if value is not None}
    return caller.post(path, record, format="json")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("caller", ["key", "token"])
def test_the_example_is_answered(as_key, as_person, path, caller):
    answer = post(as_key("ingest") if caller == "key" else as_person("analyst"), path)
    assert answer.status_code == 201
    body = answer.json()
    stored = Assessment.objects.get(engine="insurance")
    assert body == {
        "id": stored.pk,
        "claim_id": "CLM-001",
        "policy_id": "POL-9",
        "claim_amount": 45000.0,
        "fraud_risk": 0.0,
        "fraud_probability": 0.0,
        "model_probability": None,
        "flagged": False,
        "handling": "review",  # there is no model: the fail policy
        "decision": "review",
        "risk_level": "low",
        "confidence_score": 0.0,
        "is_fraud": False,
        "released": False,
        "reasons": [],
        "alerts": [],
        "model_version": None,
        "ruleset_version": "insurance-rules-1",
        "policy_version": "insurance-policy-1",
        "degraded": True,
        "degraded_parts": ["model"],
        "timestamp": body["timestamp"],
        "latency_ms": body["latency_ms"],
    }
    assert stored.claim == InsuranceClaim.objects.get(claim_id="CLM-001")
    assert set(stored.not_evaluable) == NOT_EVALUABLE and stored.insufficient == []


def test_a_repetition_is_replayed_and_another_body_refused(as_key):
    caller = as_key("ingest")
    first = post(caller, market_value=40000)
    again = post(caller, market_value=40000)
    assert (again.status_code, again.headers["Idempotent-Replayed"]) == (200, "true")
    assert again.json() == first.json()
    assert first.json()["alerts"][0]["rule"] == "PropertyInflationRule"
    other = post(caller, market_value=40001)
    assert other.status_code == 409
    assert "claim_id 'CLM-001'" in other.json()["detail"]
    assert InsuranceClaim.objects.count() == 1


def test_a_hit_carries_its_evidence(as_key):
    body = post(as_key("ingest"), market_value=40000).json()
    assert body["fraud_risk"] == 30.0 and body["fraud_probability"] == 0.3
    assert body["alerts"] == [
        {
            "rule": "PropertyInflationRule",
            "severity": "medium",
            "confidence": 0.3,
            "reason": "Market value 40,000.00: 52,000.00 stated, 1.3×, and 45,000.00 claimed, 1.1×",
            "evidence": [
                {"kind": "value", "name": "claim_amount", "value": 45000.0},
                {"kind": "value", "name": "claim_over_market", "value": 1.125},
                {"kind": "value", "name": "estimate_over_market", "value": 1.3},
                {"kind": "value", "name": "estimated_value", "value": 52000.0},
                {"kind": "value", "name": "market_value", "value": 40000.0},
                {"kind": "threshold", "name": "min_ratio", "value": 1.3},
            ],
        }
    ]


REFUSED = [
    ({"claim_id": None}, "claim_id", "required"),
    ({"policy_id": None}, "policy_id", "required"),
    ({"claim_amount": None}, "claim_amount", "required"),
    ({"estimated_value": None}, "estimated_value", "required"),
    ({"claim_amount": 0}, "claim_amount", "too_small"),
    ({"claim_amount": -1}, "claim_amount", "too_small"),
    ({"estimated_value": 0}, "estimated_value", "too_small"),
    ({"market_value": 0}, "market_value", "too_small"),
    ({"cover_limit": -5}, "cover_limit", "too_small"),
    ({"claim_amount": "much"}, "claim_amount", "not_a_number"),
    ({"claim_amount": 1e14}, "claim_amount", "too_large"),
    ({"loss_date": "2026-02-30"}, "loss_date", "not_a_day"),
    ({"loss_date": 20260101}, "loss_date", "wrong_type"),
    ({"loss_date": (date.today() + timedelta(days=3)).isoformat()}, "loss_date", "in_the_future"),
    ({"reported_at": "2999-01-01"}, "reported_at", "not_a_day"),
    ({"loss_date": "2026-03-02", "reported_at": "2026-03-01"}, "reported_at", "before"),
    ({"loss_date": "2026-03-02T10:00:00Z", "reported_at": "2026-03-02T09:59:59Z"}, "reported_at", "before"),
    ({"policy_inception": "2026-03-02", "policy_end": "2026-03-01"}, "policy_end", "before"),
    ({"policy_inception": "0026-03-02"}, "policy_inception", "not_a_day"),
    ({"renewed": "perhaps"}, "renewed", "wrong_type"),
    ({"claimant": "C-1"}, "claimant", "unknown_field"),
]


@pytest.mark.parametrize(("fields", "field", "code"), REFUSED)
def test_what_is_wrong_is_named_and_nothing_stored(as_key, fields, field, code):
    answer = post(as_key("ingest"), provider_id="P-1", **fields)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(f"/{field}", code)]
    for model in (InsuranceClaim, ProviderDay, ClaimProvider, Assessment):
        assert not model.objects.exists()


def test_days_that_only_look_impossible_are_taken(as_key):
    answer = post(
        as_key("ingest"),
        loss_date="2026-03-01",
        reported_at="2026-03-01",
        policy_inception="2026-03-04",
        policy_end="2030-01-01",
        renewed="no",
    )
    assert answer.status_code == 201
    assert [(alert["rule"], alert["reason"]) for alert in answer.json()["alerts"]] == [
        ("EarlyClaimRule", "Loss 3 days before the cover began or was raised")
    ]


def test_who_may_not_decide_is_refused(as_key, anyone):
    assert post(as_key("read")).status_code == 403
    assert post(anyone).status_code == 401
    assert not InsuranceClaim.objects.exists()
