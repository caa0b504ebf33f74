"""POST /credit/assess/: the answer, the check vector, idempotence and refusals."""

import pytest

from fraud_detection.models import Assessment
from transactions.models import CreditApplication

pytestmark = pytest.mark.django_db
URL = "/api/v1/credit/assess/"
VECTOR = {
    "applicant_id": "A-1",
    "monthly_income": 5000,
    "verified_income": 5000,
    "employment_length": 8,
    "requested_amount": 21000,
    "monthly_debt": 2250,
    "revolving_balance": 8000,
    "revolving_limit": 10000,
    "worst_delinquency_24m": 60,
    "oldest_account_months": 20,
    "inquiries_6m": 4,
    "public_records": 0,
    "account_types": 2,
    "address_months": 6,
    "liquid_assets": 600,
    "monthly_expenses": 3000,
}


@pytest.fixture
def assess(payments_engine, api_key):
    from rest_framework.test import APIClient

    caller = APIClient(headers={"X-API-Key": api_key("ingest", "read")})
    return lambda body: caller.post(URL, body, format="json")


def test_the_check_vector(assess):
    answer = assess(VECTOR)
    body = answer.json()
    assert answer.status_code == 201
    assert (body["credit_score"], body["risk_score"], body["decision"]) == (497, 497, "DECLINED")
    assert (body["risk_tier"], body["probability_of_default"]) == ("HIGH", 0.4636)
    assert [(a["code"], a["points"]) for a in body["alerts"]] == [
        ("DELINQUENCY_DAYS", 51),
        ("UTILISATION", 48),
        ("LIQUIDITY", 38),
        ("DEBT_TO_INCOME", 35),
    ]
    assert body["alerts"][1]["message"] == "Revolving utilisation too high: 80%"


def test_the_example_request_with_a_token(payments_engine, as_person):
    body = {"applicant_id": "USER-101", "monthly_income": 4200, "employment_length": 24}
    answer = as_person("analyst").post("/api/credit/assess/", body, format="json")
    keys = "id applicant_id risk_score decision timestamp alerts credit_score risk_tier factors"
    assert answer.status_code == 201 and set(keys.split()) <= answer.json().keys()
    # employment adds 5, what was not given takes 64
    assert (answer.json()["credit_score"], answer.json()["decision"]) == (601, "REFERRED")


def test_the_same_application_is_answered_the_same(assess):
    body = {**VECTOR, "application_id": "APP-1"}
    first, again = assess(body), assess(body)
    assert (first.status_code, again.status_code) == (201, 200)
    assert again.headers["Idempotent-Replayed"] == "true" and again.json() == first.json()
    other = assess({**body, "monthly_income": 1})
    assert other.status_code == 409 and "application_id 'APP-1'" in other.json()["detail"]
    assert Assessment.objects.count() == CreditApplication.objects.count() == 1


def test_refusals_point_at_the_field(assess):
    answer = assess({"applicant_id": "A-1", "monthly_income": "much", "race": "x"})
    assert answer.status_code == 422
    assert [e["pointer"] for e in answer.json()["errors"]] == ["/race"]
    answer = assess({"applicant_id": "A-1", "monthly_income": "much"})
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/monthly_income", "/employment_length"}
    assert not CreditApplication.objects.exists()


def test_a_decision_can_be_read_afterwards(assess, as_key):
    decided = assess(VECTOR).json()
    reader = as_key("read", name="reader")
    found = reader.get(f"/api/v1/predictions/{decided['id']}/").json()
    assert (found["engine"], found["external_id"]) == ("credit", decided["application_id"])
    assert found["features"]["utilisation"] == 0.8
    listed = reader.get("/api/v1/predictions/?engine=credit").json()["results"]
    assert [one["id"] for one in listed] == [decided["id"]]
