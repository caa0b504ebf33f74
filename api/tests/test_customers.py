"""Predictions about customers over HTTP: posted, in a customer's detail, exported."""

import csv
import io
import json

import pytest

from api.v1.customer_predictions import EXAMPLE
from fraud_detection.models import CustomerPrediction
from fraud_detection.services.customers.predicting import predict_stored
from users.models import Customer

pytestmark = pytest.mark.django_db
PREDICT, EXPORT = "/api/v1/customers/predict/", "/api/v1/customers/predictions/export/"


@pytest.fixture
def predicted(customer_champion, debtor):
    """A debtor whose name is a formula, and somebody without debts, both predicted."""
    attributes = {name: value for name, value in debtor.items() if name not in ("customer_id",)}
    attributes |= {
        name: float(value) for name, value in attributes.items() if isinstance(value, str) and "." in value
    }
    calm = {"late_payments_24m": 0, "worst_delay_days": 0, "previous_defaults": 0, "returned_debits_12m": 0}
    calm |= {"savings": 20_000.0, "monthly_income": 4_000.0, "overdraft_days_90d": 0, "inquiries_6m": 0}
    Customer.objects.create(external_id="=cmd()", name="@Ann", attributes=attributes)
    Customer.objects.create(external_id="B", name="Bob", attributes=attributes | calm)
    predict_stored(model=None, acting="tests")


def test_a_posted_customer_is_answered_and_not_stored(customer_champion, as_key, debtor, document):
    answer = document.check(as_key("ingest").post(PREDICT, debtor))
    assert answer.status_code == 200
    body = answer.json()
    assert list(body) == [
        *("customer_id", "probability", "class", "threshold", "reasons", "model_version"),
        "generated_data_only",
    ]
    assert (body["customer_id"], body["class"], body["model_version"]) == ("U1", "unpaid", "customers-1")
    assert body["probability"] >= body["threshold"] == 0.2
    assert body["reasons"][0]["contribution"] >= body["reasons"][1]["contribution"] > 0
    assert not Customer.objects.exists() and not CustomerPrediction.objects.exists()


def test_the_example_is_accepted_as_documented(customer_champion, as_key, document):
    document.validate(EXAMPLE, {"$ref": "#/components/schemas/CustomerRequest"})
    assert document.check(as_key("ingest").post(PREDICT, EXAMPLE)).status_code == 200


def test_what_is_wrong_is_named(customer_champion, as_key, debtor, document):
    client = as_key("ingest")
    wrong = debtor | {"religion": "x", "monthly_income": -5, "open_loans": "two", "saving": 1}
    answer = document.check(client.post(PREDICT, wrong))
    assert answer.status_code == 422
    found = {error["pointer"]: error["code"] for error in answer.json()["errors"]}
    assert found == {
        "/religion": "not_taken_in",
        "/monthly_income": "too_small",
        "/open_loans": "not_a_number",
        "/saving": "unknown_field",
    }
    assert "speaks of religion" in json.dumps(answer.json())
    assert document.check(client.post(PREDICT, [debtor])).status_code == 422
    few = document.check(client.post(PREDICT, {"monthly_income": 1}))
    assert few.json()["errors"][0]["code"] == "not_enough_data"


def test_without_a_model_the_service_is_away(payments_engine, as_key, debtor, document):
    answer = document.check(as_key("ingest").post(PREDICT, debtor))
    assert (answer.status_code, answer["Retry-After"]) == (503, "60")


def test_readers_may_not_ask_and_senders_may_not_export(customer_champion, as_key, debtor):
    assert as_key("read").post(PREDICT, debtor).status_code == 403
    assert as_key("ingest").get(EXPORT).status_code == 403


def test_a_customer_s_detail_holds_its_predictions(predicted, as_key, document):
    body = document.check(as_key("read").get("/api/v1/customers/B/")).json()
    (one,) = body["predictions"]
    stored = CustomerPrediction.objects.get(customer__external_id="B")
    assert (one["probability"], one["class"]) == (stored.probability, "paid")
    assert (one["model_version"], one["reasons"]) == ("customers-1", stored.reasons)


def test_the_export_streams_without_formulas(predicted, as_key):
    answer = as_key("read").get(EXPORT)
    assert answer.streaming and answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"].startswith('attachment; filename="customer-predictions-')
    rows = list(csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode())))
    assert [(row["customer_id"], row["name"], row["class"]) for row in rows] == [
        ("'=cmd()", "'@Ann", "unpaid"),
        ("B", "Bob", "paid"),
    ]
    stored = CustomerPrediction.objects.order_by("-probability")[0]
    assert float(rows[0]["probability"]) == stored.probability
    assert rows[0]["reason_1"] == stored.reasons[0]["text"]
    assert rows[0]["model_version"] == "customers-1"


def test_the_export_by_class_and_model(predicted, as_key, document):
    client = as_key("read")
    only = b"".join(client.get(f"{EXPORT}?class=paid&model_version=customers-1").streaming_content)
    assert only.decode().splitlines()[1].startswith("B,Bob,")
    assert len(only.splitlines()) == 2
    for query, pointer in (("class=good", "/class"), ("model_version=x", "/model_version"), ("a=1", "/a")):
        answer = document.check(client.get(f"{EXPORT}?{query}"))
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, pointer)


def test_without_predictions_the_export_holds_its_header(payments_engine, as_key):
    content = b"".join(as_key("read").get(EXPORT).streaming_content)
    assert content.startswith(b"customer_id,name,probability,class,") and len(content.splitlines()) == 1
