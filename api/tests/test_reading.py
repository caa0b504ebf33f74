"""Predictions and customers: lists, filters, details."""

import pytest

pytestmark = pytest.mark.django_db


@pytest.fixture
def decided(approving_engine, as_key, payment, drain):
    """Two decisions by transaction id: A approved, B reviewed."""
    sender = as_key("ingest")
    records = [
        payment(transaction_id="A"),
        drain(
            transaction_id="B",
            sender_id="acc-9",
            sender_name="Alice Example",
            sender_country="DE",
            country="DE",
        ),
    ]
    return {one["transaction_id"]: sender.post("/api/v1/transactions/", one).json() for one in records}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "BA"),
        ({"decision": "review"}, "B"),
        ({"risk_level": "low"}, "A"),
        ({"external_id": "A"}, "A"),
        ({"customer": "acc-9"}, "B"),
        ({"rule": "ACCOUNT_DRAIN"}, "B"),
        ({"engine": "payments", "degraded": "true"}, "BA"),
        ({"degraded": "false"}, ""),
        ({"engine": "aml"}, ""),
        ({"decided_before": "2020-01-01T00:00:00Z"}, ""),
    ],
)
def test_predictions_are_listed_and_filtered(decided, as_key, query, expected):
    found = as_key("read").get("/api/v1/predictions/", query).json()["results"]
    assert "".join(row["external_id"] for row in found) == expected


def test_a_prediction_shows_versions_features_and_hits(decided, as_key):
    shown = as_key("read").get(f"/api/v1/predictions/{decided['B']['id']}/").json()
    assert shown["rule_set_version"] == decided["B"]["ruleset_version"] == "payments-rules-1"
    assert (shown["policy_version"], shown["model_version"]) == ("payments-policy-2", "")
    assert [hit["rule"] for hit in shown["hits"]] == ["ACCOUNT_DRAIN"]
    assert shown["hits"][0]["alert"] is not None
    assert shown["features"]["amount"] == 9100.0
    assert shown["degraded_parts"] == ["model"]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["acc-9", "acc-1"]),
        ({"external_id": "acc-1"}, ["acc-1"]),
        ({"name": "ali"}, ["acc-9"]),
        ({"home_country": "de"}, ["acc-9"]),
        ({"segment": "x"}, []),
    ],
)
def test_customers_are_listed_and_filtered(decided, as_key, query, expected):
    found = as_key("read").get("/api/v1/customers/", query).json()["results"]
    assert [row["id"] for row in found] == expected


def test_a_customer_shows_open_alerts_and_newest_assessments(decided, as_key):
    shown = as_key("read").get("/api/v1/customers/acc-9/").json()
    assert (shown["name"], shown["home_country"], shown["open_alerts"]) == ("Alice Example", "DE", 1)
    assert [one["id"] for one in shown["assessments"]] == [decided["B"]["id"]]


@pytest.mark.parametrize("path", ["predictions/", "customers/", "alerts/", "statistics/", "metrics/"])
def test_reading_needs_a_key_that_may_read(as_key, path):
    assert as_key("ingest").get(f"/api/v1/{path}").status_code == 403


@pytest.mark.parametrize(
    ("address", "query", "pointer"),
    [
        ("predictions/", {"degraded": "maybe"}, "/degraded"),
        ("notifications/", {"unread": "2"}, "/unread"),
        ("transactions/", {"decision": ["review", "approve"]}, "/decision"),
        ("webhooks/", {"colour": "red"}, "/colour"),
        ("schedules/", {"state": "on"}, "/state"),
        ("analytics/fraud-trends/", {"day": "7"}, "/day"),
        ("transactions/", {"cursor": "MTIz!!"}, "/cursor"),
    ],
)
def test_nothing_in_a_query_is_passed_over(as_person, address, query, pointer):
    answer = as_person("admin").get(f"/api/v1/{address}", query)
    assert (answer.status_code, [error["pointer"] for error in answer.json()["errors"]]) == (422, [pointer])
