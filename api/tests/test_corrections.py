"""PUT /transactions/{id}/, POST /predict/, POST /labels/ and Idempotency-Key through HTTP."""

import pytest

from fraud_detection.models import Assessment
from logs.models import IdempotentCall
from transactions.models import Label, StatusChange, Transaction

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(approving_engine, as_key):
    return as_key("ingest", "read", "labels")


def post(client, path, body, **headers):
    return client.post(f"/api/v1/{path}", body, format="json", headers=headers)


def test_a_correction_is_stored_beside_the_original(client, drain):
    wrong = drain(transaction_id="T-1")
    first = post(client, "transactions/", wrong)
    right = wrong | {"amount": "91.00", "sender_balance_after": "9009.00"}
    corrected = client.put("/api/v1/transactions/T-1/", right, format="json")
    assert corrected.status_code == 201 and corrected.json()["id"] != first.json()["id"]
    again = client.put("/api/v1/transactions/T-1", right, format="json")
    assert again.status_code == 200 and again.headers["Idempotent-Replayed"] == "true"
    assert again.json() == corrected.json()
    assert Transaction.objects.count() == 2
    shown = client.get("/api/v1/transactions/T-1/").json()
    assert shown["amount"] == "91.0000" or float(shown["amount"]) == 91


def test_there_must_be_something_to_correct(client, payment):
    answer = client.put("/api/v1/transactions/T-0/", payment(transaction_id="T-0"), format="json")
    assert (answer.status_code, answer.json()["detail"]) == (404, "there is no transaction 'T-0'")
    bad = client.put("/api/v1/transactions/T-0/", {"amount": -1}, format="json")
    assert bad.status_code == 422
    assert not Transaction.objects.exists()


def test_a_prediction_stores_nothing(client, drain):
    answer = post(client, "predict/", drain(transaction_id="T-1"))
    assert answer.status_code == 200
    assert answer.json()["id"] is None
    assert [hit["rule"] for hit in answer.json()["alerts"]] == ["ACCOUNT_DRAIN"]
    assert not Transaction.objects.exists() and not Assessment.objects.exists()


def test_a_label_is_taken_once_and_corrected_with_history(client, payment):
    post(client, "transactions/", payment(transaction_id="T-1"))
    label = {"transaction_id": "T-1", "verdict": "fraud", "source": "chargeback"}
    assert post(client, "labels/", label).status_code == 201
    assert post(client, "labels/", label).status_code == 200
    corrected = post(client, "labels/", label | {"verdict": "legitimate", "source": "customer"})
    assert corrected.json() == {"transaction_id": "T-1", "verdict": "legitimate", "added": True}
    assert list(Label.objects.order_by("id").values_list("fraud_delta", flat=True)) == [1, -1]


def test_many_labels_stand_or_fail_alone(client, payment):
    decided = post(client, "transactions/", payment(transaction_id="T-1")).json()
    good = {"assessment_id": decided["id"], "verdict": "fraud", "source": "customer"}
    unknown = {"transaction_id": "T-9", "verdict": "fraud", "source": "customer"}
    wrong = {"transaction_id": "T-1", "verdict": "maybe", "source": "rumour", "colour": "red"}
    results = post(client, "labels/", [good, unknown, wrong]).json()["results"]
    assert results[0] == {"transaction_id": "T-1", "verdict": "fraud", "added": True}
    assert results[1]["errors"] == [
        {"pointer": "/1/transaction_id", "code": "unknown", "detail": "there is no transaction 'T-9'"}
    ]
    pointers = ["/2/colour", "/2/source", "/2/verdict"]
    assert sorted(fault["pointer"] for fault in results[2]["errors"]) == pointers
    assert Label.objects.count() == 1


@pytest.mark.parametrize(
    "body", [{}, {"transaction_id": "T-1", "assessment_id": 1, "verdict": "fraud", "source": "customer"}]
)
def test_a_label_needs_one_event(client, body):
    assert post(client, "labels/", body).status_code == 422
    assert not Label.objects.exists()


def test_the_event_of_another_client_cannot_be_labelled_or_corrected(client, as_key, payment):
    post(client, "transactions/", payment(transaction_id="T-1"))
    stranger = as_key("ingest", "labels", name="stranger")
    label = {"transaction_id": "T-1", "verdict": "fraud", "source": "customer"}
    assert post(stranger, "labels/", label).status_code == 422
    assert (
        stranger.put("/api/v1/transactions/T-1/", payment(transaction_id="T-1"), format="json").status_code
        == 404
    )
    assert not Label.objects.exists() and Transaction.objects.count() == 1


def test_a_call_under_a_key_is_carried_out_once(client, payment):
    body = payment(transaction_id="T-1")
    first = post(client, "transactions/", body, **{"Idempotency-Key": "k-1"})
    again = post(client, "transactions/", body, **{"Idempotency-Key": "k-1"})
    assert (first.status_code, again.status_code) == (201, 201)
    assert again.json() == first.json() and again.headers["Idempotent-Replayed"] == "true"
    other = post(client, "transactions/", payment(transaction_id="T-2"), **{"Idempotency-Key": "k-1"})
    assert other.status_code == 422 and "came with another request" in other.json()["detail"]
    assert list(Transaction.objects.values_list("transaction_id", flat=True)) == ["T-1"]


def test_a_refused_call_frees_its_key_and_a_running_one_holds_it(client, payment):
    headers = {"Idempotency-Key": "k-1"}
    assert post(client, "transactions/", {"amount": -1}, **headers).status_code == 422
    assert not IdempotentCall.objects.exists()
    body = payment(transaction_id="T-1")
    assert post(client, "transactions/", body, **headers).status_code == 201
    IdempotentCall.objects.update(status=None)
    running = post(client, "transactions/", body, **headers)
    assert (running.status_code, running.headers["Retry-After"]) == (409, "1")
    assert post(client, "transactions/", body, **{"Idempotency-Key": "two words"}).status_code == 400


def test_a_later_status_is_kept_and_repeating_it_changes_nothing(client, payment):
    post(client, "transactions/", payment(transaction_id="T-1"))
    for expected in (True, False):
        answer = client.patch("/api/v1/transactions/T-1/", {"status": "declined"}, format="json")
        assert answer.status_code == 200
        assert answer.json() == {"transaction_id": "T-1", "status": "declined", "changed": expected}
    assert list(StatusChange.objects.values_list("status", "declined_delta")) == [("declined", 1)]
    assert client.patch("/api/v1/transactions/T-1", {"status": "lost"}, format="json").status_code == 422
    assert client.patch("/api/v1/transactions/T-0", {"status": "declined"}, format="json").status_code == 404
    assert StatusChange.objects.count() == 1


def test_people_label_and_correct_the_events_of_a_client(client, as_person, payment):
    body = payment(transaction_id="T-1")
    post(client, "transactions/", body)
    analyst = as_person("analyst")
    label = {"transaction_id": "T-1", "verdict": "fraud", "source": "analyst"}
    assert post(analyst, "labels/", label).status_code == 201
    assert Label.objects.get().recorded_by == analyst.person.email
    assert (
        analyst.patch("/api/v1/transactions/T-1/", {"status": "declined"}, format="json").status_code == 404
    )
    named = "/api/v1/transactions/T-1/?client=shop"
    assert analyst.patch(named, {"status": "declined"}, format="json").status_code == 200
    assert analyst.put(named, body | {"amount": "26.00"}, format="json").status_code == 201
    assert analyst.put("/api/v1/transactions/T-1/?client=nobody", body, format="json").status_code == 404


def test_an_id_that_two_clients_use_must_be_named_by_decision(client, as_key, as_person, payment):
    post(client, "transactions/", payment(transaction_id="T-1"))
    other = post(as_key("ingest", name="other"), "transactions/", payment(transaction_id="T-1")).json()
    analyst = as_person("analyst")
    label = {"verdict": "fraud", "source": "analyst"}
    refused = post(analyst, "labels/", label | {"transaction_id": "T-1"})
    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (422, "ambiguous")
    assert post(analyst, "labels/", label | {"assessment_id": other["id"]}).status_code == 201
    assert Label.objects.get().transaction.client.name == "other"


def test_a_verdict_on_a_corrected_event_counts_once(client, payment):
    first = post(client, "transactions/", payment(transaction_id="T-1")).json()
    label = {"verdict": "fraud", "source": "customer"}
    assert post(client, "labels/", label | {"assessment_id": first["id"]}).status_code == 201
    client.put("/api/v1/transactions/T-1/", payment(transaction_id="T-1", amount="7.00"), format="json")
    assert post(client, "labels/", label | {"transaction_id": "T-1"}).status_code == 200
    chargeback = {"transaction_id": "T-1", "verdict": "fraud", "source": "chargeback"}
    assert post(client, "labels/", chargeback).status_code == 201
    assert list(Label.objects.order_by("id").values_list("fraud_delta", flat=True)) == [1, 0]


def test_an_id_with_a_slash_can_be_seen_corrected_and_closed(client, payment):
    body = payment(transaction_id="ü/a b")
    assert post(client, "transactions/", body).status_code == 201
    for address in ("/api/v1/transactions/%C3%BC%2Fa%20b/", "/api/v1/transactions/%C3%BC%2Fa%20b"):
        assert client.get(address).json()["transaction_id"] == "ü/a b"
        assert client.patch(address, {"status": "declined"}, format="json").status_code == 200
    assert client.put(address, body | {"amount": "7.00"}, format="json").status_code == 201


def test_a_filter_that_no_time_zone_has_is_refused_by_name(client):
    for moment in ("2026-01-01T00:00:00%2B23:59", "0001-01-01T00:00:00%2B23:00"):
        answer = client.get(f"/api/v1/transactions/?occurred_after={moment}")
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/occurred_after")
