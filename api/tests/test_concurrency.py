"""Several requests at once, each on a connection of its own, really committed."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from rest_framework.test import APIClient

from logs.models import AuditEvent
from transactions.models import Transaction

pytestmark = pytest.mark.django_db(transaction=True)
URL = "/api/v1/transactions/"


def post(key: str, record: dict) -> tuple[int, dict]:
    try:
        answer = APIClient(headers={"X-API-Key": key}).post(URL, record)
        return answer.status_code, answer.json()
    finally:
        connection.close()


def test_copies_of_one_event_are_stored_once(payments_engine, api_key, payment):
    key, record = api_key("ingest"), payment()
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: post(key, record), range(8)))
    assert sorted(status for status, _ in answers) == [200] * 7 + [201]
    assert len({body["id"] for _, body in answers}) == 1
    assert Transaction.objects.count() == 1


def test_one_id_with_different_bodies_is_decided_once(payments_engine, api_key, payment):
    key = api_key("ingest")
    records = [payment(transaction_id="T-1", amount=f"{n}.00") for n in range(1, 7)]
    with ThreadPoolExecutor(6) as pool:
        statuses = sorted(status for status, _ in pool.map(lambda record: post(key, record), records))
    assert statuses == [201] + [409] * 5
    assert Transaction.objects.count() == 1


def test_simultaneous_events_of_one_sender_are_counted_exactly(payments_engine, api_key, payment):
    key = api_key("ingest")
    records = [payment(merchant_id="m-1", receiver_id="m-1") for _ in range(14)]
    with ThreadPoolExecutor(14) as pool:
        answers = [body for _, body in pool.map(lambda record: post(key, record), records)]
    hits = sum(any(hit["rule"] == "VELOCITY_COUNT" for hit in body["alerts"]) for body in answers)
    assert hits == 5  # the tenth to the fourteenth in the hour
    assert AuditEvent.objects.exists()
