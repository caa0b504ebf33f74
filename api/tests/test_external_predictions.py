"""Predictions made elsewhere: stored once, shown apart, counted nowhere."""

import pytest

from api.v1.external_predictions import EXAMPLE
from fraud_detection.models import Assessment, ExternalPrediction

pytestmark = pytest.mark.django_db
URL = "/api/v1/predictions/"


@pytest.fixture
def sender(as_key):
    return as_key("ingest", "read")


def test_stored_once_and_shown_in_full(sender, document):
    first, again = document.check(sender.post(URL, EXAMPLE)), document.check(sender.post(URL, EXAMPLE))
    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true" and again.json() == first.json()
    body = first.json()
    assert (body["source"], body["client"], body["external_id"]) == ("external", "shop", "TXN-1001")
    assert (body["fraud_probability"], body["risk_score"], body["decision"]) == (0.82, None, "review")
    assert body["reasons"] == EXAMPLE["reasons"] and body["occurred_at"] == EXAMPLE["occurred_at"]
    shown = document.check(sender.get(f"{URL}external/{body['id']}/"))
    assert shown.json() == body and shown.json()["told_by"].startswith("shop")


def test_the_same_model_cannot_say_two_things_of_one_event(sender):
    sender.post(URL, EXAMPLE)
    answer = sender.post(URL, EXAMPLE | {"fraud_probability": 0.1})
    assert answer.status_code == 409 and "TXN-1001" in answer.json()["detail"]
    assert ExternalPrediction.objects.get().fraud_probability == 0.82
    assert sender.post(URL, EXAMPLE | {"model_version": "2026.4"}).status_code == 201


def test_it_is_listed_apart_and_counted_nowhere(sender, payments_engine, payment):
    sender.post("/api/v1/transactions/", payment(transaction_id="TXN-1001"))
    before = sender.get("/api/v1/statistics/").json(), sender.get(f"{URL}").json()["results"]
    sender.post(URL, EXAMPLE)
    assert (sender.get("/api/v1/statistics/").json(), sender.get(f"{URL}").json()["results"]) == before
    assert Assessment.objects.count() == 1
    listed = sender.get(f"{URL}external/", {"model_name": "bureau-score", "engine": "payments"}).json()
    assert [row["external_id"] for row in listed["results"]] == ["TXN-1001"]
    assert sender.get(f"{URL}external/", {"decision": "approve"}).json()["results"] == []


def test_clients_do_not_share_ids(sender, as_key):
    other = as_key("ingest", name="bank")
    assert [one.post(URL, EXAMPLE).status_code for one in (sender, other)] == [201, 201]


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"external_id": None}, "/external_id"),
        ({"transaction_id": "TXN-9"}, "/external_id"),
        ({"fraud_probability": None, "decision": None}, ""),
        ({"fraud_probability": 1.1}, "/fraud_probability"),
        ({"fraud_probability": "0.5"}, "/fraud_probability"),
        ({"fraud_probability": True}, "/fraud_probability"),
        ({"risk_score": -1}, "/risk_score"),
        ({"risk_score": 10**39}, "/risk_score"),
        ({"decision": "block"}, "/decision"),
        ({"engine": "weather"}, "/engine"),
        ({"model_name": ""}, "/model_name"),
        ({"model_version": "1\x00"}, "/model_version"),
        ({"external_id": "\ud800"}, "/external_id"),
        ({"reasons": [{"code": "A"}] * 21}, "/reasons"),
        ({"reasons": [{"text": "no code"}]}, "/reasons/0/code"),
        ({"occurred_at": "yesterday"}, "/occurred_at"),
        ({"colour": "red"}, "/colour"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(sender, change, pointer):
    import json

    body = {name: value for name, value in (EXAMPLE | change).items() if value is not None}
    answer = sender.generic("POST", URL, json.dumps(body), content_type="application/json")
    assert answer.status_code == 422
    assert pointer in [fault["pointer"] for fault in answer.json()["errors"]]
    assert not ExternalPrediction.objects.exists()


def test_a_key_that_reads_stores_none(as_key):
    assert as_key("read").post(URL, EXAMPLE).status_code == 403
    assert as_key("ingest").get(f"{URL}external/").status_code == 403


def test_a_test_key_stores_none(as_key):
    answer = as_key("ingest", is_test=True).post(URL, EXAMPLE)
    assert answer.status_code == 201 and not ExternalPrediction.objects.exists()
