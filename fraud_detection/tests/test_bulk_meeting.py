"""Rows of a file and live payments of the same customers: each sees what was stored before it, exactly."""

import random
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from django.db import connection

from fraud_detection.models import Assessment
from fraud_detection.services.batch.computing import alone
from fraud_detection.services.bulk import ChunkResult, decide_rows, storing
from fraud_detection.services.bulk.computing import Features
from fraud_detection.services.bulk.customers import known_customers, settle
from fraud_detection.services.bulk.encoding import encode
from fraud_detection.services.bulk.judging import Judge
from fraud_detection.services.bulk.memories import memory_for
from fraud_detection.services.bulk.reading import read_columns
from fraud_detection.services.decisions import decide_payment
from fraud_detection.services.payment_events import event_row, read_request
from fraud_detection.services.recording import unpacked
from fraud_detection.services.serving import serving
from fraud_detection.tests.bulk_rows import file_rows
from ml.features.spec import NULL
from transactions.models import Transaction
from users.services import client_system

BEGIN = datetime(2026, 3, 1, tzinfo=UTC)


def transfers(prefix, count, seed, customers=5):
    """Transfers among a few customers in the course of an hour, in the order of time; no merchant, no IP."""
    draw = random.Random(seed)
    moments = sorted(draw.randrange(3_600_000) for _ in range(count))
    return [
        {
            "transaction_id": f"{prefix}-{n}",
            "occurred_at": (BEGIN + timedelta(milliseconds=at)).isoformat(),
            "amount": f"{draw.randrange(100, 90_000) / 100:.2f}",
            "sender_id": f"acc-{draw.randrange(customers)}",
            "receiver_id": f"acc-{draw.randrange(customers)}",
            "card_token": f"card-{draw.randrange(customers)}",
            "device_id": f"device-{draw.randrange(customers)}",
        }
        for n, at in enumerate(moments)
    ]


def check_features(records, client):
    """What every decision was made with is what stood there under smaller ids."""
    feature_set = serving("payments").engine.feature_set
    ids = dict(Transaction.objects.values_list("transaction_id", "pk"))
    found = dict(Assessment.objects.values_list("external_id", "features"))
    for record in records:
        request = read_request(record, client=client)
        moment, name = request.values["occurred_at"], request.transaction_id
        row = event_row(request, event_id=ids[name], now=BEGIN, moment=moment, home="")
        assert np.array_equal(unpacked(found[name]), alone(feature_set, row), equal_nan=True), name


@pytest.mark.django_db
def test_rows_whose_account_was_used_meanwhile_are_not_stored_as_computed(champion, monkeypatch):
    monkeypatch.setattr(storing, "HELD_ROWS", 10)
    records, client = transfers("row", 100, 1, customers=40), client_system("meeting")
    state = serving("payments")
    rows = encode(read_columns(file_rows(records), client, ChunkResult()))
    customers = settle(rows, known_customers(set(rows.columns.column("user_id"))))
    with memory_for(state.engine.feature_set) as memory:
        features = Features(state.engine.feature_set, memory, rows)
        store = storing.Store(Judge(state, client, rows), customers, memory)
        live = transfers("live", 1, 2)[0] | {"sender_id": "acc-7", "receiver_id": "new", "card_token": "new"}
        live["device_id"] = "new"
        decide_payment(live, client=client)
        [(at, numbers)] = list(features.parts(1_000))
        store.store(store.part(at, store.judge.judged(at, numbers), features.late[at], "{}"))
    touched = ["acc-7" in (record["sender_id"], record["receiver_id"]) for record in records]
    apart = [any(touched[start : start + 10]) for start in range(0, 100, 10)]
    assert [NULL in store.ids[start : start + 10] for start in range(0, 100, 10)] == apart
    assert True in apart and False in apart and store.done.all()
    check_features([*records, live], client)


@pytest.mark.django_db(transaction=True)
def test_live_payments_amid_a_file_see_and_are_seen(champion, monkeypatch):
    monkeypatch.setattr(storing, "HELD_ROWS", 25)
    client = client_system("meeting")
    records, live = transfers("row", 600, 3, customers=60), transfers("live", 60, 4, customers=60)
    order = list(live)
    random.Random(6).shuffle(order)

    def post():
        try:
            for record in order:
                decide_payment(record, client=client)
        finally:
            connection.close()

    rows = file_rows(records)
    with ThreadPoolExecutor(1) as pool:
        posting = pool.submit(post)
        results = [decide_rows("payments", rows[n : n + 200], client=client) for n in range(0, 600, 200)]
        posting.result()
    assert [result.stored for result in results] == [200, 200, 200]
    assert Transaction.objects.count() == Assessment.objects.count() == 660
    check_features(records + live, client)
