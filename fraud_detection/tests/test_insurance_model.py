"""The insurance engine with its model: what is unusual adds to the risk, and investigates nothing alone."""

from datetime import UTC, datetime, timedelta

import pytest

from fraud_detection.services import serving
from fraud_detection.services.model_registry import promote_first, register
from fraud_detection.services.sources import decide_event
from ml.domains.insurance.generator import generate
from ml.domains.insurance.training import train_bootstrap

NOW = datetime(2025, 9, 1, 12, tzinfo=UTC)
pytestmark = pytest.mark.django_db


@pytest.fixture
def champion(payments_engine, settings, tmp_path):
    settings.MODEL_DIR = tmp_path
    version = register(train_bootstrap(seed=3, claims=1_500), created_by="tests")
    assert promote_first(version, created_by="tests")
    serving.forget()
    return version


def test_an_unusual_claim_is_reviewed_and_an_ordinary_one_paid(champion, client_system):
    ordinary = generate(claims=20, seed=11, until=NOW, days=30)
    answers = [decide_event("insurance", claim, client=client_system).answer for claim in ordinary]
    usual = next(answer for answer in answers if not answer["alerts"] and not answer["model_probability"])
    assert (usual["handling"], usual["fraud_risk"], usual["degraded"]) == ("pay", 0.0, False)
    assert usual["model_version"] == str(champion) == "insurance-1"
    odd = ordinary[0] | {
        "claim_id": "ODD",
        "claimant_id": "X",
        "claim_amount": ordinary[0]["cover_limit"] * 0.89,
        "estimated_value": ordinary[0]["market_value"] * 1.29,
        "reported_at": (NOW + timedelta(days=1)).isoformat(),
        "policy_inception": (NOW - timedelta(days=3_000)).date().isoformat(),
        "policy_end": (NOW + timedelta(days=600)).date().isoformat(),
        "loss_date": (NOW - timedelta(days=13)).date().isoformat(),
        "details_changed_at": (NOW - timedelta(days=200)).date().isoformat(),
        "object_id": "ODD",
        "document_hash": "ODD",
        "phone": "7",
        "bank_account": "8",
        "device_id": "9",
    }
    answer = decide_event("insurance", odd, client=client_system).answer
    assert answer["alerts"] == []
    assert 0 < answer["model_probability"] <= 0.5
    assert answer["fraud_risk"] == pytest.approx(100 * answer["model_probability"], abs=0.01)
    assert answer["handling"] in ("pay", "review")
    assert answer["reasons"] or answer["risk_level"] == "low"
