"""A test key leaves no row behind, whatever it sends, and magic amounts order every engine that has one."""

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile

from api.v1.examples import EXAMPLES

pytestmark = pytest.mark.django_db
OURS = ("users", "transactions", "alerts", "fraud_detection")
SENT = {
    "transactions/": EXAMPLES["decide_transaction"],
    "score/": EXAMPLES["score_transactions"],
    "predict/": EXAMPLES["predict_transaction"],
    "aml/detect/": EXAMPLES["detect_money_laundering"],
    "credit/assess/": EXAMPLES["assess_credit"] | {"requested_amount": 900},
    "insurance/detect/": EXAMPLES["detect_insurance_fraud"],
    "market/detect/": EXAMPLES["detect_market_manipulation"],
    "predictions/": EXAMPLES["store_external_prediction"],
    "notifications/fraud-alert/": EXAMPLES["send_fraud_alert"],
    "notifications/system-alert/": EXAMPLES["send_system_alert"],
}
AMOUNTS = {
    "transactions/": "amount", "predict/": "amount", "aml/detect/": "amount",
    "credit/assess/": "requested_amount", "insurance/detect/": "claim_amount",
}  # fmt: skip


def rows() -> dict[str, int]:
    models = [model for app in OURS for model in apps.get_app_config(app).get_models()]
    return {model._meta.label: model._default_manager.count() for model in models}


@pytest.fixture
def rehearse(payments_engine, as_key):
    client = as_key("admin", is_test=True)
    client.get("/api/v1/statistics/")
    return client


@pytest.mark.parametrize("route", SENT)
def test_nothing_stays(rehearse, route):
    before = rows()
    answer = rehearse.post(f"/api/v1/{route}", SENT[route], headers={"Idempotency-Key": "test-1"})
    assert answer.status_code in (200, 201, 202), answer.content
    assert rows() == before
    again = rehearse.post(f"/api/v1/{route}", SENT[route], headers={"Idempotency-Key": "test-1"})
    assert "Idempotent-Replayed" not in again  # not even the key


@pytest.mark.parametrize("route", AMOUNTS)
@pytest.mark.parametrize(("amount", "wanted"), [("1.01", "approve"), ("1.02", "review"), ("1.03", "decline")])
def test_magic_amounts_order_every_engine(rehearse, route, amount, wanted):
    body = rehearse.post(f"/api/v1/{route}", SENT[route] | {AMOUNTS[route]: amount}).json()
    assert body.get("decision", wanted) == wanted
    assert body["risk_level"] == {"approve": "low", "review": "high", "decline": "critical"}[wanted]


def test_labels_corrections_and_statuses_of_live_events_stay(rehearse, as_key, payment):
    live = as_key("ingest")
    sent = payment(transaction_id="T-7")
    live.post("/api/v1/transactions/", sent)
    before = rows()
    changed = {name: value for name, value in sent.items() if name != "transaction_id"} | {"amount": "26.00"}
    assert rehearse.put("/api/v1/transactions/T-7/", changed).status_code < 300
    assert rehearse.patch("/api/v1/transactions/T-7/", {"status": "reversed"}).status_code < 300
    said = {"transaction_id": "T-7", "verdict": "fraud", "source": "customer"}
    assert rehearse.post("/api/v1/labels/", said).status_code < 300
    assert rows() == before


def test_a_batch_needs_a_live_key(rehearse):
    before = rows()
    file = SimpleUploadedFile("rows.csv", b"transaction_id,amount\n", "text/csv")
    answer = rehearse.post("/api/v1/jobs/", {"file": file}, format="multipart")
    assert answer.status_code == 422 and "live key" in answer.json()["detail"]
    assert rows() == before
