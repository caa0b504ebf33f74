"""Corrections keep both versions; predictions keep nothing."""

from datetime import UTC, datetime, timedelta

import pytest

from fraud_detection.models import Assessment
from fraud_detection.services.corrections import correct_payment
from fraud_detection.services.decisions import RecordRefused, decide_payment
from fraud_detection.services.predictions import predict_payment
from transactions.models import Transaction
from transactions.services.status import TransactionUnknown
from users.models import Customer
from users.services import client_system

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop(payments_engine):
    return client_system("shop")


def feature(assessment_id, name):
    from fraud_detection.selectors import feature_values

    return feature_values(Assessment.objects.get(pk=assessment_id))[name]


def test_a_correction_supersedes_and_is_assessed_anew(shop, drain):
    wrong = drain(transaction_id="T-1")
    first = decide_payment(wrong, client=shop)
    right = wrong | {"amount": "91.00", "sender_balance_after": "9009.00"}
    second = correct_payment(right, transaction_id="T-1", client=shop)
    old, new = Transaction.objects.order_by("id")
    assert (old.superseded_by, new.superseded_by) == (new, None)
    assert (old.amount, new.amount) == (9100, 91)
    assert [hit["rule"] for hit in first.body["alerts"]] == ["ACCOUNT_DRAIN"]
    assert second.body["alerts"] == [] and not second.replayed
    assert new.occurred_at == old.occurred_at
    assert Assessment.objects.count() == 2


def test_a_corrected_event_counts_once_afterwards(shop, payment):
    at = datetime.now(UTC) - timedelta(minutes=5)
    original = payment(transaction_id="T-1", amount="100.00", occurred_at=at.isoformat())
    decide_payment(original, client=shop)
    corrected = correct_payment(original | {"amount": "40.00"}, transaction_id="T-1", client=shop)
    assert feature(corrected.assessment_id, "sender_sum_24h") == 40.0
    later = decide_payment(payment(amount="1.00"), client=shop)
    assert feature(later.assessment_id, "sender_count_24h") == 2
    assert feature(later.assessment_id, "sender_sum_24h") == 41.0


def test_the_same_correction_twice_is_one(shop, payment):
    original = payment(transaction_id="T-1")
    decide_payment(original, client=shop)
    changed = original | {"amount": "26.00"}
    first = correct_payment(changed, transaction_id="T-1", client=shop)
    again = correct_payment(changed, transaction_id="T-1", client=shop)
    assert again.replayed and again.body == first.body
    assert decide_payment(changed, client=shop).body == first.body
    assert Transaction.objects.count() == 2


def test_what_cannot_be_corrected_is_refused(shop, payment):
    with pytest.raises(TransactionUnknown, match="T-0"):
        correct_payment(payment(transaction_id="T-0"), transaction_id="T-0", client=shop)
    decide_payment(payment(transaction_id="T-1"), client=shop)
    with pytest.raises(RecordRefused, match="as in the address"):
        correct_payment(payment(transaction_id="T-2"), transaction_id="T-1", client=shop)
    with pytest.raises(TransactionUnknown):
        correct_payment(
            payment(transaction_id="T-1"), transaction_id="T-1", client=client_system("somebody else")
        )
    assert Transaction.objects.count() == 1


def test_a_prediction_answers_what_the_event_would_get_and_stores_nothing(shop, drain, payment):
    decide_payment(payment(sender_id="S-1", amount="30.00"), client=shop)
    before = (Transaction.objects.count(), Assessment.objects.count(), Customer.objects.count())
    wanted = drain(sender_id="S-1", user_id="new-customer")
    predicted = predict_payment(wanted, client=shop)
    assert (Transaction.objects.count(), Assessment.objects.count(), Customer.objects.count()) == before
    decided = decide_payment(wanted, client=shop).body
    assert predicted["id"] is None
    same = ("decision", "risk_score", "alerts", "reasons", "degraded_parts", "ruleset_version")
    assert {name: predicted[name] for name in same} == {name: decided[name] for name in same}
