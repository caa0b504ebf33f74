"""Test keys: everything is carried out, nothing stays, and magic amounts order the decision."""

import pytest
from django.db import connection

from fraud_detection.services import announcing
from logs import activity, backlog
from users.models import ApiKey

WATCHED = (
    *("transactions_transaction", "transactions_creditapplication", "transactions_insuranceclaim"),
    *("fraud_detection_assessment", "alerts_alert", "alerts_outboxmessage", "transactions_label"),
    *("users_customer", "logs_idempotentcall"),
)


@pytest.fixture
def rehearse(payments_engine, as_key):
    return as_key("ingest", "read", "labels", is_test=True)


def rows():
    with connection.cursor() as cursor:
        cursor.execute(" union all ".join(f"select count(*) from {table}" for table in WATCHED))
        return [row[0] for row in cursor.fetchall()]


def test_a_test_key_is_written_apart_and_says_so(api_key):
    raw = api_key("ingest", is_test=True)
    assert raw.startswith("fgt_") and ApiKey.objects.get().is_test
    live = api_key("ingest")
    assert live.startswith("fg_") and not ApiKey.objects.order_by("-pk").first().is_test


def test_the_prefix_of_a_key_cannot_be_exchanged(as_key, api_key, payment, payments_engine):
    client = as_key("ingest")
    client.credentials(HTTP_X_API_KEY=api_key("ingest").replace("fg_", "fgt_"))
    assert client.post("/api/v1/transactions/", payment(), format="json").status_code == 401


def test_a_decision_is_made_in_full_and_nothing_stays(rehearse, drain):
    before = rows()
    told = activity.recent()
    answer = rehearse.post("/api/v1/transactions/", drain(transaction_id="T-1"), format="json")
    assert answer.status_code == 201 and answer.json()["alerts"][0]["rule"] == "ACCOUNT_DRAIN"
    assert rehearse.get("/api/v1/transactions/T-1/").status_code == 404
    assert backlog.flush() and activity.recent() == told and rows() == before
    assert announcing.rehearsing() is False


@pytest.mark.parametrize(("amount", "decision"), [("1.01", "approve"), (1.02, "review"), ("1.03", "decline")])
def test_magic_amounts_order_the_decision(rehearse, payment, amount, decision):
    body = rehearse.post("/api/v1/transactions/", payment(amount=amount), format="json").json()
    assert body["decision"] == decision and body["reasons"][0]["code"] == "TEST_AMOUNT"
    assert body["is_fraud"] == (decision != "approve")


def test_each_item_of_a_bulk_is_ordered_by_its_own_amount(rehearse, payment):
    amounts = ["1.01", "1.03", "-5", "1.02"]
    events = [payment(transaction_id=f"T-{n}", amount=amount) for n, amount in enumerate(amounts)]
    before = rows()
    results = rehearse.post("/api/v1/score/", {"transactions": events}, format="json").json()["results"]
    assert [each.get("decision", each.get("status")) for each in results] == [
        "approve",
        "decline",
        422,
        "review",
    ]
    assert rows() == before


def test_a_refusal_is_the_same_as_for_a_live_key(rehearse, payment):
    answer = rehearse.post("/api/v1/transactions/", payment(amount="much"), format="json")
    assert answer.status_code == 422 and answer.json()["errors"][0]["pointer"] == "/amount"


def test_a_live_key_gets_no_magic(as_key, payments_engine, payment):
    body = as_key("ingest").post("/api/v1/transactions/", payment(amount="1.03"), format="json").json()
    assert body["decision"] == "review"  # there is no model
    assert "TEST_AMOUNT" not in [reason["code"] for reason in body["reasons"]]


def test_labels_of_live_events_stay_as_they_are(rehearse, as_key, payment):
    as_key("ingest").post("/api/v1/transactions/", payment(transaction_id="T-7"), format="json")
    before = rows()
    said = {"transaction_id": "T-7", "verdict": "fraud", "source": "chargeback", "reason": "x"}
    assert rehearse.post("/api/v1/labels/", said, format="json").status_code < 300
    assert rows() == before
