"""POST /score/: many at once, in order, each standing or failing alone."""

import pytest

from transactions.models import Transaction

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("payments_engine")]
URL = "/api/v1/score/"


@pytest.fixture
def score(as_key):
    client = as_key("ingest")

    def post(records, **more):
        return client.post(URL, {"transactions": records, **more})

    return post


def test_results_come_in_the_order_of_the_request(score, payment, drain):
    answer = score([payment(transaction_id="A"), drain(transaction_id="B", sender_id="s-2")])
    assert answer.status_code == 200
    assert [result["transaction_id"] for result in answer.json()["results"]] == ["A", "B"]
    assert [hit["rule"] for hit in answer.json()["results"][1]["alerts"]] == ["ACCOUNT_DRAIN"]
    assert Transaction.objects.count() == 2


def test_a_bad_item_fails_alone_and_names_its_place(score, payment):
    answer = score([payment(transaction_id="A"), payment(amount=-5), "text", payment(transaction_id="D")])
    results = answer.json()["results"]
    assert [result.get("transaction_id") for result in results] == ["A", None, None, "D"]
    assert (results[1]["status"], results[1]["errors"][0]["pointer"]) == (422, "/transactions/1/amount")
    assert (results[2]["status"], results[2]["errors"][0]["pointer"]) == (422, "/transactions/2")
    assert Transaction.objects.count() == 2


def test_an_id_twice_with_the_same_body_is_one_event(score, payment):
    record = payment(transaction_id="A")
    one, two = score([record, dict(record)]).json()["results"]
    assert one == two
    assert Transaction.objects.count() == 1


def test_an_id_twice_with_another_body_names_the_first(score, payment):
    one, two = score([payment(transaction_id="A"), payment(transaction_id="A", amount=1)]).json()["results"]
    assert one["transaction_id"] == "A"
    assert two["status"] == 409
    assert two["errors"] == [
        {
            "pointer": "/transactions/1/transaction_id",
            "code": "duplicate",
            "detail": "transaction_id stands at index 0 of this request already, with another body",
        }
    ]
    assert Transaction.objects.count() == 1


def test_one_and_true_are_different_bodies(score, payment):
    _, two = score([payment(transaction_id="A", amount=1), payment(transaction_id="A", amount=True)]).json()[
        "results"
    ]
    assert two["status"] == 409


def test_one_and_one_point_zero_are_the_same_body(score, payment):
    records = [payment(transaction_id="A", amount=1), payment(transaction_id="A", amount=1.0)]
    one, two = score(records).json()["results"]
    assert one == two and one["transaction_id"] == "A"
    assert score(records[1:]).json()["results"] == [one]


def test_an_id_known_from_before_is_replayed_or_a_conflict(score, payment):
    record = payment(transaction_id="A")
    first = score([record]).json()["results"][0]
    assert score([record]).json()["results"] == [first]
    assert score([record | {"amount": 7}]).json()["results"][0]["status"] == 409
    assert Transaction.objects.count() == 1


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({}, "/transactions", "required"),
        ({"transactions": None}, "/transactions", "required"),
        ({"transactions": {}}, "/transactions", "wrong_type"),
        ({"transactions": []}, "/transactions", "wrong_length"),
        ({"transactions": [{}] * 1001}, "/transactions", "wrong_length"),
        ({"transactions": [{}], "dry": True}, "/dry", "unknown_field"),
        ([], "", "wrong_type"),
    ],
)
def test_what_is_no_list_of_events_is_refused_whole(as_key, body, pointer, code):
    answer = as_key("ingest").post(URL, body)
    assert answer.status_code == 422
    assert [(fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [(pointer, code)]
    assert Transaction.objects.count() == 0
