"""A batch decides what the same events get one by one."""

from datetime import UTC, datetime

import numpy as np
import pytest
from django.db import transaction

from fraud_detection.models import Assessment
from fraud_detection.services.batch import decide_batch
from fraud_detection.services.decisions import EventConflict, decide_payment, decide_payments
from fraud_detection.services.payment_events import read_request
from fraud_detection.services.serving import serving
from ml.domains.payments.generator import generate
from transactions.models import Label, Transaction
from transactions.services import change_status
from users.services import client_system

pytestmark = pytest.mark.django_db
ANSWERED = ("decision", "risk_score", "risk_level", "confidence_score", "reasons", "alerts")


@pytest.fixture(scope="module")
def payments():
    """Two weeks of generated traffic as records, in time order."""
    frame = generate(customers=40, days=14, fraud_rate=0.05, seed=7, until=datetime(2026, 6, 1, tzinfo=UTC))
    frame = frame.drop(columns=["is_fraud", "scheme"]).tail(450)
    return [{k: v for k, v in row.items() if v is not None and v == v} for row in frame.to_dict("records")]


def decided_features():
    rows = Assessment.objects.order_by("transaction_id").values_list("external_id", "features")
    return {name: np.frombuffer(bytes(packed), "<f8") for name, packed in rows}


def in_one_batch(payments, client):
    """Without the way out that decide_payments has: a batch that fails fails the test."""
    return decide_batch([read_request(payment, client=client) for payment in payments], serving("payments"))


def test_a_batch_equals_its_events_one_by_one(payments_engine, payments):
    client = client_system("parity")
    with transaction.atomic():
        alone = [decide_payment(payment, client=client).body for payment in payments]
        features_alone = decided_features()
        transaction.set_rollback(True)
    assert not Transaction.objects.exists()

    together = in_one_batch(payments[:150], client) + in_one_batch(payments[150:], client)
    features_together = decided_features()
    for one, other in zip(alone, together, strict=True):
        name = one["transaction_id"]
        assert np.array_equal(features_alone[name], features_together[name], equal_nan=True), name
        assert {k: one[k] for k in ANSWERED} == {k: other.body[k] for k in ANSWERED}


def test_late_events_of_a_batch_see_only_what_had_arrived(payments_engine, payments):
    client = client_system("late")
    shuffled = payments[40:80] + payments[:40] + payments[80:120]
    with transaction.atomic():
        for payment in shuffled:
            decide_payment(payment, client=client)
        alone = decided_features()
        transaction.set_rollback(True)
    in_one_batch(shuffled[:30], client)
    in_one_batch(shuffled[30:], client)
    together = decided_features()
    assert all(np.array_equal(alone[name], together[name], equal_nan=True) for name in alone)


def test_copies_within_a_batch_are_stored_once_and_other_bodies_refused(payments_engine, payments):
    client = client_system("copies")
    first, second = payments[0], payments[1]
    changed = first | {"amount": "1.23"}
    results = decide_payments([first, second, first, changed], client=client)
    assert [r.replayed for r in results[:3]] == [False, False, True]
    assert results[2].body == results[0].body
    assert isinstance(results[3], EventConflict)
    assert Transaction.objects.count() == 2 and not Label.objects.exists()
    again = decide_payments([second, changed, first], client=client)
    assert [again[0].body, again[2].body] == [results[1].body, results[0].body]
    assert again[0].replayed and isinstance(again[1], EventConflict)


def test_declines_of_a_batch_count_as_they_do_one_by_one(payments_engine, payments):
    client = client_system("declines")
    statuses = ("declined", None, "accepted", "declined")
    told = [
        payment | ({"status": status} if (status := statuses[place % 4]) else {})
        for place, payment in enumerate(payments[:160])
    ]
    told = told[40:80] + told[:40] + told[80:]
    with transaction.atomic():
        for payment in told:
            decide_payment(payment, client=client)
        alone = decided_features()
        transaction.set_rollback(True)
    in_one_batch(told[:50], client)
    in_one_batch(told[50:], client)
    together = decided_features()
    assert all(np.array_equal(alone[name], together[name], equal_nan=True) for name in alone)
    place = serving("payments").engine.feature_set.numbers.index("sender_decline_share_7d")
    assert sum(features[place] > 0 for features in together.values()) > 10


def test_a_later_status_counts_for_later_decisions_only(payments_engine, payments):
    client = client_system("patch")
    first, second = ({k: v for k, v in p.items() if k != "occurred_at"} for p in payments[:2])
    second |= {"sender_id": first["sender_id"]}
    decide_payment(first, client=client)
    change_status(
        client_id=client.pk, transaction_id=first["transaction_id"], status="declined", recorded_by="ana"
    )
    decide_payment(second, client=client)
    place = serving("payments").engine.feature_set.numbers.index("sender_decline_share_24h")
    shares = {name: features[place] for name, features in decided_features().items()}
    assert (shares[first["transaction_id"]], shares[second["transaction_id"]]) == (0, 0.5)
