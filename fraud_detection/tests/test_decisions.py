"""Deciding payments through the service, on a real database."""

from datetime import UTC, datetime, timedelta

import pytest

from alerts.models import Alert, OutboxMessage
from fraud_detection.models import Assessment, RuleHit
from fraud_detection.services.decisions import EventConflict, RecordRefused, decide_payment, decide_payments
from transactions.models import Transaction
from users.models import Customer

pytestmark = pytest.mark.django_db

DRAIN = {
    "transaction_id": "T-drain",
    "type": "transfer",
    "amount": "9100.00",
    "currency": "USD",
    "sender_id": "S-1",
    "receiver_id": "R-1",
    "sender_balance_before": "9100.00",
    "sender_balance_after": "0.00",
    "country": "US",
}


@pytest.fixture
def client_system(payments_engine):
    from users.services import client_system

    return client_system("tests")


def rules_of(decided):
    return [hit["rule"] for hit in decided.body["alerts"]]


def test_a_drained_account_is_stored_decided_and_alerted(client_system):
    decided = decide_payment(DRAIN, client=client_system)
    stored = Transaction.objects.get(transaction_id="T-drain")
    assert rules_of(decided) == ["ACCOUNT_DRAIN"]
    assert stored.amount_minor == 910_000 and stored.customer == Customer.objects.get(external_id="S-1")
    alert = Alert.objects.get()
    assert (alert.family, alert.subject_kind, alert.subject) == ("balance", "sender", "S-1")
    assert (alert.severity, alert.hit_count, alert.amount_minor) == ("high", 1, 910_000)
    assert RuleHit.objects.get().alert == alert
    assert list(OutboxMessage.objects.values_list("topic", flat=True)) == ["alert.created"]


def test_the_same_body_is_answered_again_and_stored_once(client_system):
    first = decide_payment(DRAIN, client=client_system)
    again = decide_payment(dict(reversed(DRAIN.items())), client=client_system)
    assert again.replayed and again.body == first.body
    assert (Transaction.objects.count(), Assessment.objects.count(), Alert.objects.count()) == (1, 1, 1)


def test_the_same_id_with_another_body_is_refused(client_system):
    decide_payment(DRAIN, client=client_system)
    with pytest.raises(EventConflict, match="T-drain"):
        decide_payment(DRAIN | {"amount": "1.00"}, client=client_system)
    assert Transaction.objects.get().amount == 9100


def test_refused_input_names_every_field_and_stores_nothing(client_system):
    bad = {
        "transaction_id": "T-1",
        "amount": "-1",
        "receiver_id": "R\x00",
        "colour": "red",
        "currency": "usd1",
    }
    with pytest.raises(RecordRefused) as refused:
        decide_payment(bad, client=client_system)
    assert sorted((p.field, p.code) for p in refused.value.problems) == [
        ("amount", "too_small"),
        ("colour", "unknown_field"),
        ("currency", "not_a_currency"),
        ("receiver_id", "control_character"),
        ("sender_id", "required"),
    ]
    assert not Transaction.objects.exists() and not Customer.objects.exists()


def test_a_currency_without_a_rate_is_refused(client_system):
    with pytest.raises(RecordRefused, match="load_fx_rates"):
        decide_payment(DRAIN | {"currency": "XTS"}, client=client_system)
    assert not Transaction.objects.exists()


def test_the_tenth_payment_within_an_hour_is_velocity_and_hits_join_one_alert(client_system):
    start = datetime.now(UTC) - timedelta(minutes=30)
    payments = [
        {
            "transaction_id": f"V-{n}",
            "type": "payment",
            "amount": "10.00",
            "sender_id": "S-fast",
            "receiver_id": f"shop-{n % 3}",
            "merchant_id": f"shop-{n % 3}",
            "occurred_at": (start + timedelta(minutes=n)).isoformat(),
        }
        for n in range(12)
    ]
    results = decide_payments(payments, client=client_system)
    fired = [n for n, decided in enumerate(results, 1) if "VELOCITY_COUNT" in rules_of(decided)]
    assert fired == [10, 11, 12]
    alert = Alert.objects.get(family="velocity")
    assert (alert.hit_count, alert.subject, alert.amount_minor) == (3, "S-fast", 3_000)


def test_a_bad_item_of_many_fails_alone(client_system):
    results = decide_payments(
        [DRAIN, {"transaction_id": "x"}, DRAIN | {"transaction_id": "T-2"}], client=client_system
    )
    assert [type(result).__name__ for result in results] == ["Decided", "RecordRefused", "Decided"]
    assert Transaction.objects.count() == 2


def test_without_a_model_the_fail_policy_holds_the_event(client_system):
    calm = {"transaction_id": "T-calm", "amount": "5.00", "sender_id": "S-9", "receiver_id": "R-9"}
    decided = decide_payment(calm, client=client_system)
    assert decided.body["degraded"] and decided.body["degraded_parts"] == ["model"]
    assert decided.body["decision"] == "review"
    assert Alert.objects.get().family == "model"
