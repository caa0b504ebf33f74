"""POST and GET /transactions/: decisions, replays, conflicts, lists and what they refuse."""

import pytest

from alerts.models import Alert
from fraud_detection.models import Assessment
from transactions.models import Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/transactions/"
MEMBERS = {
    "id", "transaction_id", "decision", "risk_score", "risk_level", "fraud_probability", "confidence_score",
    "is_fraud", "released", "reasons", "alerts", "model_version", "ruleset_version", "policy_version",
    "degraded", "degraded_parts", "timestamp", "latency_ms",
}  # fmt: skip


def test_a_drained_account_is_suspected_and_raises_an_alert(as_key, drain):
    answer = as_key("ingest").post(URL, drain(transaction_id="T-1"))

    assert answer.status_code == 201
    assert set(answer.json()) == MEMBERS
    assert [hit["rule"] for hit in answer.json()["alerts"]] == ["ACCOUNT_DRAIN"]
    assert answer.json()["transaction_id"] == "T-1"
    assert answer.json()["decision"] == "review"
    assert Alert.objects.get().rule == "ACCOUNT_DRAIN"


def test_the_same_body_again_is_replayed_and_stores_nothing(as_key, payment):
    client, record = as_key("ingest"), payment()
    first = client.post(URL, record)
    again = client.post(URL, dict(reversed(record.items())))

    assert (first.status_code, again.status_code) == (201, 200)
    assert again["Idempotent-Replayed"] == "true"
    assert "Idempotent-Replayed" not in first
    assert again.json() == first.json()
    assert Transaction.objects.count() == Assessment.objects.count() == 1


def test_the_same_id_with_another_body_is_a_conflict(as_key, payment):
    client = as_key("ingest")
    client.post(URL, payment(transaction_id="T-1"))
    answer = client.post(URL, payment(transaction_id="T-1", amount="26.00"))

    assert answer.status_code == 409
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["detail"] == "transaction_id 'T-1' was sent before with another body"
    assert Transaction.objects.count() == 1


def test_ids_belong_to_the_client_system_not_to_the_key(as_key, payment):
    record = payment()
    assert as_key("ingest").post(URL, record).status_code == 201
    assert as_key("ingest").post(URL, record).status_code == 200
    assert as_key("ingest", name="another shop").post(URL, record).status_code == 201


def test_people_post_into_a_client_system_of_their_own(as_person, payment):
    assert as_person("analyst").post(URL, payment()).status_code == 201
    assert Transaction.objects.get().client.name == "console"


@pytest.mark.parametrize("url", ["/api/v1/transactions", "/api/transactions/", "/api/transactions"])
def test_every_form_of_the_address_takes_a_post(as_key, payment, url):
    assert as_key("ingest").post(url, payment()).status_code == 201


def test_paysim_names_are_understood(as_key):
    record = {
        "transaction_id": "P-1", "step": 1, "type": "PAYMENT", "amount": 1000.0, "nameOrig": "C1",
        "oldbalanceOrg": 5000.0, "newbalanceOrig": 4000.0, "nameDest": "M9", "oldbalanceDest": 0.0,
        "newbalanceDest": 0.0,
    }  # fmt: skip
    assert as_key("ingest").post(URL, record).status_code == 201
    event = Transaction.objects.get()
    assert (event.sender_id, event.merchant_id, event.occurred_at.isoformat()) == (
        "C1",
        "M9",
        "2026-01-01T01:00:00+00:00",
    )


def test_detail_shows_the_event_as_sent_and_its_decision(as_key, drain):
    decided = as_key("ingest").post(URL, drain(transaction_id="T/1", metadata={"basket": [1, 2]})).json()
    reader = as_key("read")
    assert reader.get(URL, {"transaction_id": "T/1"}).json()["results"][0]["transaction_id"] == "T/1"
    as_key("ingest").post(URL, drain(transaction_id="T-2"))
    found = reader.get(f"{URL}T-2/").json()

    assert (found["type"], found["amount"], found["currency"]) == ("transfer", "9100.00", "USD")
    assert (found["reporting_amount"], found["sender_balance_after"]) == ("9100.00", "0.00")
    assert (found["customer"], found["client"], found["channel"]) == ("acc-1", "shop", None)
    assert found["assessment"]["transaction_id"] == "T-2"
    assert [one["engine"] for one in found["assessments"]] == ["payments"]
    assert decided["id"] != found["assessment"]["id"]


@pytest.mark.parametrize("path", ["nothing/", "%00/", "a%00b"])
def test_an_unknown_id_is_not_found(as_key, path):
    assert as_key("read").get(URL + path).status_code == 404


def test_pages_follow_each_other_without_gap_or_repeat(as_key, payment):
    sender, reader = as_key("ingest"), as_key("read")
    sent = [sender.post(URL, payment()).json()["transaction_id"] for _ in range(5)]
    seen, url, sizes = [], f"{URL}?limit=2", []
    while url:
        page = reader.get(url).json()
        seen += [event["transaction_id"] for event in page["results"]]
        sizes.append(len(page["results"]))
        url = page["next"]
    assert seen == sent[::-1]
    assert sizes == [2, 2, 1]
    assert page["next_cursor"] is None


FILTERS = [
    ({"transaction_id": "B"}, "B"),
    ({"sender_id": "acc-9"}, "B"),
    ({"receiver_id": "acc-8"}, "B"),
    ({"customer": "acc-9"}, "B"),
    ({"merchant_id": "m-1"}, "B"),
    ({"device_id": "d-1"}, "B"),
    ({"type": "transfer"}, "B"),
    ({"type": "payment"}, "A"),
    ({"currency": "eur"}, "B"),
    ({"country": "de"}, "B"),
    ({"channel": "branch"}, "B"),
    ({"occurred_before": "2026-02-01T00:00:00Z"}, "B"),
    ({"occurred_after": "2026-02-01T00:00:00Z"}, "A"),
    ({"amount_min": "100"}, "B"),
    ({"amount_max": "100"}, "A"),
    ({"decision": "review"}, "B"),
    ({"decision": "approve"}, "A"),
    ({"risk_level": "low"}, "A"),
    ({"q": "acc-9"}, "B"),
    ({"q": "Ali"}, "B"),
    ({"q": "A", "type": "payment"}, "A"),
    ({"client": "shop", "sender_id": "acc-1"}, "A"),
    ({"client": "nobody"}, ""),
    ({"q": "' or 1=1 --"}, ""),
]


@pytest.mark.parametrize(("query", "expected"), FILTERS)
def test_each_filter_narrows_the_list(approving_engine, as_key, payment, drain, query, expected):
    sender = as_key("ingest")
    sender.post(URL, payment(transaction_id="A"))
    second = drain(
        transaction_id="B", sender_id="acc-9", receiver_id="acc-8", merchant_id="m-1", device_id="d-1",
        currency="EUR", country="DE", occurred_at="2026-01-15T12:00:00Z", sender_name="Alice Example",
        channel="branch",
    )  # fmt: skip
    assert sender.post(URL, second).status_code == 201
    found = as_key("read").get(URL, query)
    assert found.status_code == 200
    assert "".join(event["transaction_id"] for event in found.json()["results"]) == expected


WRONG_QUERIES = [
    ({"sender": "x"}, "/sender", "unknown_filter"),
    ({"type": "gift"}, "/type", "invalid_choice"),
    ({"amount_min": "much"}, "/amount_min", "invalid"),
    ({"occurred_after": "yesterday"}, "/occurred_after", "invalid"),
    ({"decision": "maybe"}, "/decision", "invalid_choice"),
    ({"limit": "0"}, "/limit", "out_of_range"),
    ({"limit": "201"}, "/limit", "out_of_range"),
    ({"limit": "-1"}, "/limit", "out_of_range"),
    ({"cursor": "???"}, "/cursor", "invalid"),
    ({"cursor": "é"}, "/cursor", "invalid"),
]


@pytest.mark.parametrize(("query", "pointer", "code"), WRONG_QUERIES)
def test_a_wrong_query_is_refused_by_name(as_key, query, pointer, code):
    answer = as_key("read").get(URL, query)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]


def test_a_nul_in_the_query_is_malformed(as_key):
    assert as_key("read").get(f"{URL}?q=%00").status_code == 400
