"""POST /aml/detect/: answers, replays, conflicts, and one event that two engines look at."""

import pytest

from fraud_detection.models import Assessment
from transactions.models import Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/aml/detect/"
EXAMPLE = {
    "transaction_id": "TXN-1001",
    "user_id": "U-1",
    "amount": 9800,
    "sender_id": "S-1",
    "receiver_id": "R-1",
}
OWN = {"amount", "user_id", "sender_id", "receiver_id"}
COMMON = {
    "id", "transaction_id", "decision", "risk_score", "risk_level", "fraud_probability", "confidence_score",
    "is_fraud", "reasons", "alerts", "model_version", "ruleset_version", "policy_version", "degraded",
    "degraded_parts", "timestamp", "latency_ms",
}  # fmt: skip


@pytest.mark.parametrize("url", [URL, "/api/v1/aml/detect", "/api/aml/detect/", "/api/aml/detect"])
def test_the_example_is_answered_at_every_form_of_the_address(as_key, url):
    answer = as_key("ingest").post(url, EXAMPLE)
    body = answer.json()

    assert answer.status_code == 201
    assert set(body) - {"released"} == COMMON | OWN
    assert {name: body[name] for name in EXAMPLE} == EXAMPLE
    assert (body["alerts"], body["risk_score"]) == ([], 0.0)
    assert body["ruleset_version"] == "aml-rules-1" and body["policy_version"] == "aml-policy-1"
    assert body["degraded_parts"] == ["model"]


def test_people_ask_with_a_token(as_person):
    assert as_person("analyst").post(URL, EXAMPLE).status_code == 201
    assert as_person("auditor").post(URL, EXAMPLE).status_code == 403


def test_the_same_body_again_is_replayed(as_key):
    client = as_key("ingest")
    first, again = client.post(URL, EXAMPLE), client.post(URL, dict(reversed(EXAMPLE.items())))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true" and "Idempotent-Replayed" not in first
    assert again.json() == first.json()
    assert Transaction.objects.count() == Assessment.objects.count() == 1


@pytest.mark.parametrize("urls", [(URL, "/api/v1/transactions/"), ("/api/v1/transactions/", URL)])
def test_an_event_is_stored_once_and_assessed_by_both_engines(as_key, urls):
    client = as_key("ingest")
    answers = [client.post(url, EXAMPLE) for url in (*urls, *urls)]

    assert [answer.status_code for answer in answers] == [201, 201, 200, 200]
    assert [answer.json() for answer in answers[2:]] == [answer.json() for answer in answers[:2]]
    assert Transaction.objects.count() == 1
    assert sorted(Assessment.objects.values_list("engine", flat=True)) == ["aml", "payments"]


def test_shared_fields_must_agree_and_fields_left_out_do(as_key):
    client = as_key("ingest")
    assert client.post("/api/v1/transactions/", EXAMPLE | {"channel": "branch"}).status_code == 201
    refused = client.post(URL, EXAMPLE | {"amount": 9801})

    assert refused.status_code == 409 and refused["Content-Type"] == "application/problem+json"
    assert Assessment.objects.count() == 1
    assert client.post(URL, EXAMPLE).status_code == 201
    assert client.post(URL, EXAMPLE | {"channel": "branch"}).status_code == 409  # aml was sent another body
    assert Assessment.objects.count() == 2


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ({"amount": None}, "amount", "required"),
        ({"sender_id": None}, "sender_id", "required"),
        ({"receiver_id": None}, "receiver_id", "required"),
        ({"transaction_id": None}, "transaction_id", "required"),
        ({"amount": -1}, "amount", "too_small"),
        ({"occurred_at": "2026-02-30T00:00:00Z"}, "occurred_at", "not_a_time"),
        ({"currency": "XTS"}, "currency", "no_rate"),
        ({"receiver_country": "Iran"}, "receiver_country", None),
        ({"velocity": 3}, "velocity", "unknown_field"),
    ],
)
def test_bad_values_are_named_and_nothing_is_stored(as_key, change, field, code):
    record = {name: value for name, value in (EXAMPLE | change).items() if value is not None}
    answer = as_key("ingest").post(URL, record)

    assert answer.status_code == 422
    fault = answer.json()["errors"][0]
    assert fault["pointer"] == f"/{field}" and (code is None or fault["code"] == code), fault
    assert not Transaction.objects.exists()


def test_nothing_moves_nothing(as_key):
    answer = as_key("ingest").post(URL, EXAMPLE | {"amount": 0})
    assert answer.status_code == 201 and answer.json()["amount"] == 0


def test_structuring_is_answered_with_its_evidence(as_key):
    client = as_key("ingest")
    for number, amount in enumerate((9500, 9700)):
        client.post(URL, EXAMPLE | {"transaction_id": f"T-{number}", "amount": amount})
    body = client.post(URL, EXAMPLE).json()

    (hit,) = body["alerts"]
    assert (hit["rule"], hit["severity"], hit["confidence"]) == ("StructuringRule", "high", 0.6)
    assert hit["reason"] == (
        "3 transactions in 24 h kept just below the reporting threshold: 29,000.00 in all, the largest "
        "200.00 short of it; 0 in cash, 0 branches, 0 channels; usual 0 a day"
    )
    metadata = hit["metadata"]
    assert (metadata["num_transactions"], metadata["total_amount"]) == (3, 29_000)
    assert metadata["reporting_threshold"] == 10_000 and metadata["distances"] == [200, 300, 500]
    assert metadata["events"] == ["TXN-1001", "T-1", "T-0"]
    assert (body["decision"], body["risk_score"]) == ("review", 60.0)


def test_a_correction_is_assessed_by_every_engine_that_was_asked(as_key):
    client = as_key("ingest", "read")
    client.post(URL, EXAMPLE)
    corrected = client.put("/api/v1/transactions/TXN-1001/", EXAMPLE | {"amount": 980})

    assert corrected.status_code == 201
    newest = Transaction.objects.get(superseded_by=None)
    assert sorted(newest.assessments.values_list("engine", flat=True)) == ["aml", "payments"]
    again = client.post(URL, EXAMPLE | {"amount": 980})
    assert (again.status_code, again.json()["amount"]) == (200, 980)
