"""The champion in decisions: its probability, its reasons, and what happens when it cannot serve."""

from datetime import UTC, datetime

import pytest

from fraud_detection.models import Assessment, EngineState, ModelVersion
from fraud_detection.predictor import load_predictor, model_path
from fraud_detection.services import serving
from fraud_detection.services.decisions import decide_payment, decide_payments
from fraud_detection.services.model_registry import PromotionRefused, promote, promote_first, register
from ml.domains.payments.features import PAYMENTS
from ml.domains.payments.generator import generate
from users.services import client_system

pytestmark = pytest.mark.django_db


def test_a_calm_payment_has_a_probability_and_is_not_degraded(champion, payment):
    body = decide_payment(payment(), client=client_system("shop")).body
    assert body["model_version"] == "payments-1" and not body["degraded"]
    assert 0 <= body["fraud_probability"] < 0.6 and body["decision"] == "approve"


def test_the_probability_is_the_model_s_own(champion, payment):
    body = decide_payment(payment(), client=client_system("shop")).body
    record = Assessment.objects.get(pk=body["id"])
    predictor = load_predictor(champion, PAYMENTS)
    from fraud_detection.services.recording import unpacked

    assert round(predictor.probability(unpacked(record.features)), 6) == body["fraud_probability"]


@pytest.mark.parametrize(
    ("damage", "reason"), [("swap", "SHA-256"), ("truncate", "truncated"), ("remove", "no such")]
)
def test_a_damaged_artifact_is_refused_and_the_fail_policy_decides(champion, payment, damage, reason):
    path = model_path(champion.path)
    content = path.read_bytes()
    if damage == "remove":
        path.unlink()
    else:
        path.write_bytes(content[:-100] if damage == "truncate" else content[:-1] + b"x")
    serving.forget()
    assert reason in serving.serving("payments").predictor.fault
    body = decide_payment(payment(), client=client_system("shop")).body
    assert (body["decision"], body["degraded_parts"], body["fraud_probability"]) == (
        "review",
        ["model"],
        None,
    )


def test_a_model_of_another_feature_set_is_refused(champion, small_model):
    stranger = register(small_model.with_card(feature_set="payments-000000000000"), created_by="tests")
    assert "train again" in load_predictor(stranger, PAYMENTS).fault


def test_a_second_model_needs_a_second_person(champion, small_model):
    second = register(small_model, created_by="ana@example.com")
    assert not promote_first(second, created_by="ana@example.com")
    with pytest.raises(PromotionRefused, match="somebody else"):
        promote(second, approved_by="ana@example.com")
    assert EngineState.objects.get(engine="payments").model == champion
    promote(second, approved_by="boss@example.com")
    assert EngineState.objects.get(engine="payments").model == second
    assert list(ModelVersion.objects.order_by("number").values_list("stage", flat=True)) == [
        "retired",
        "champion",
    ]


def test_a_promotion_is_served_by_the_same_process(champion, small_model, payment):
    client = client_system("shop")
    assert decide_payment(payment(), client=client).body["model_version"] == "payments-1"
    promote(register(small_model, created_by="a"), approved_by="b")
    serving._checked_at.clear()  # the two seconds between looks have passed
    assert decide_payment(payment(), client=client).body["model_version"] == "payments-2"


@pytest.fixture
def impatient(settings):
    """No explanation is fast enough, and nothing of it is left afterwards."""
    from fraud_detection.services import explaining

    settings.EXPLANATION_BUDGET_MS = 0
    yield
    explaining._slow_in_a_row.clear()
    explaining._paused_until.clear()


def test_explanations_that_are_too_slow_are_paused_and_said_so(champion, impatient):
    records = telling_payments()
    client = client_system("shop")
    bodies = [decide_payment(record, client=client).body for record in records]
    explained = [body["degraded_parts"] for body in bodies if body["risk_level"] != "low"]
    assert explained[:3] == [[], [], []]
    assert explained[3:] and all(parts == ["explanation"] for parts in explained[3:])
    assert all(body["decision"] != "approve" for body in bodies if body["degraded"])


def test_a_batch_waits_for_its_explanations(champion, impatient):
    results = decide_payments(telling_payments(), client=client_system("shop"))
    assert [result.body["risk_level"] for result in results].count("low") < len(results)
    assert not any(result.body["degraded"] for result in results)


def telling_payments():
    """Generated traffic that holds some events the model finds suspicious."""
    frame = generate(customers=30, days=8, fraud_rate=0.1, seed=5, until=datetime(2026, 6, 1, tzinfo=UTC))
    return [
        {name: value for name, value in row.items() if value is not None and value == value}
        for row in frame.drop(columns=["is_fraud", "scheme"]).to_dict("records")
    ]
