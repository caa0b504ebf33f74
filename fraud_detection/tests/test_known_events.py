"""One event, several engines: stored once, assessed by each, and what they are told must agree."""

import pytest

from fraud_detection.models import Assessment
from fraud_detection.services import serving
from fraud_detection.services.conflicts import EventConflict
from fraud_detection.services.decisions import decide_payment, decide_payments
from transactions.models import Transaction

pytestmark = pytest.mark.django_db
WHOLE = {
    "transaction_id": "T-1",
    "amount": "9800.00",
    "sender_id": "S-1",
    "receiver_id": "R-1",
    "type": "payment",
    "merchant_id": "R-1",
    "occurred_at": "2026-06-01T10:00:00+02:00",
    "channel": "web",
    "country": "DE",
    "latitude": 52.5,
    "ip_address": "203.0.113.7",
    "sender_balance_before": "10000",
    "metadata": {"basket": [1, 2]},
}
SHORT = {"transaction_id": "T-1", "amount": 9800, "sender_id": "S-1", "receiver_id": "R-1"}


@pytest.fixture
def decide(payments_engine, client_system):
    serving.forget()

    def send(engine, record):
        return decide_payment(record, client=client_system, engine=engine)

    return send


@pytest.mark.parametrize(("first", "second"), [("payments", "aml"), ("aml", "payments")])
def test_each_engine_assesses_the_stored_event_once(decide, first, second):
    one, other = decide(first, WHOLE), decide(second, SHORT)
    assert not one.replayed and not other.replayed
    assert one.assessment_id != other.assessment_id
    stored = Transaction.objects.get()
    assert set(stored.assessments.values_list("engine", flat=True)) == {"payments", "aml"}
    again = decide(second, SHORT)
    assert again.replayed and again.answer == other.answer
    assert decide(first, WHOLE).replayed
    assert Assessment.objects.count() == 2


def test_the_second_engine_sees_the_event_as_it_was_stored(decide, client_system):
    from fraud_detection.selectors import feature_values

    decide("payments", WHOLE)
    late = Assessment.objects.get(pk=decide("aml", SHORT).assessment_id)
    alone = decide_payment({**WHOLE, "transaction_id": "T-2"}, client=client_system, engine="aml")
    fresh = feature_values(Assessment.objects.get(pk=alone.assessment_id))
    seen = feature_values(late)
    same = ("amount", "country", "channel", "type", "is_cash", "amount_ln")
    assert {name: seen[name] for name in same} == {name: fresh[name] for name in same}


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 9801},
        {"receiver_id": "R-2"},
        {"channel": "mobile"},
        {"device_id": "D-1"},
        {"type": "transfer"},
        {"occurred_at": "2026-06-01T10:00:00Z"},
        {"metadata": {"basket": [2, 1]}},
    ],
)
def test_what_does_not_agree_is_refused_and_nothing_changes(decide, change):
    decide("payments", WHOLE)
    with pytest.raises(EventConflict):
        decide("aml", {**SHORT, **change})
    assert Assessment.objects.count() == Transaction.objects.count() == 1


def test_the_same_engine_wants_the_same_body(decide):
    decide("payments", WHOLE)
    decide("aml", SHORT)
    with pytest.raises(EventConflict):
        decide("aml", {**SHORT, "type": "payment"})  # it agrees, but it is not what was sent before
    with pytest.raises(EventConflict):
        decide("payments", SHORT)


def test_the_same_moment_may_be_written_another_way(decide):
    decide("payments", WHOLE)
    assert not decide("aml", {**SHORT, "occurred_at": "2026-06-01T08:00:00Z"}).replayed


def test_a_batch_adds_what_is_missing(decide, client_system):
    decide("payments", WHOLE)
    records = [SHORT, {**SHORT, "transaction_id": "T-2"}, {**SHORT, "amount": 1}]
    first, second, third = decide_payments(records, client=client_system, engine="aml")
    assert (first.replayed, second.replayed) == (False, False)
    assert isinstance(third, EventConflict)
    assert Transaction.objects.count() == 2
    assert Assessment.objects.filter(engine="aml").count() == 2
