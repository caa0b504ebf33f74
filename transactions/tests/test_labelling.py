"""Labels: added, taken back by another row, never changed."""

from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, transaction
from django.db.models import Sum

from transactions.models import Label, LabelSource, Verdict
from transactions.services import record_labels

pytestmark = pytest.mark.django_db
KNOWN = datetime(2026, 1, 10, tzinfo=UTC)


def say(*events, verdict="fraud", **options):
    options = {"source": LabelSource.CHARGEBACK, "known_at": KNOWN} | options
    return record_labels([event.pk for event in events], verdict=verdict, **options)


def deltas(event):
    return list(Label.objects.filter(transaction=event).order_by("id").values_list("verdict", "fraud_delta"))


def test_a_label_holds_what_features_ask_by(stored):
    event = stored(device_key=3, ip_key=4, merchant_key=5)
    assert say(event, reason="card stolen", recorded_by="ana") == 1
    assert Label.objects.values_list(
        *("verdict", "source", "reason", "known_at", "recorded_by", "fraud_delta"),
        *("receiver_key", "device_key", "ip_key", "merchant_key"),
    ).get() == ("fraud", "chargeback", "card stolen", KNOWN, "ana", 1, 2, 3, 4, 5)


def test_a_correction_takes_the_label_back_and_keeps_the_history(stored):
    event = stored()
    assert [say(event), say(event, verdict="legitimate"), say(event)] == [1, 1, 1]
    assert deltas(event) == [("fraud", 1), ("legitimate", -1), ("fraud", 1)]
    assert Label.objects.aggregate(Sum("fraud_delta"))["fraud_delta__sum"] == 1


def test_repeating_a_verdict_adds_nothing(stored):
    event = stored()
    assert [say(event, verdict="legitimate"), say(event, verdict="legitimate")] == [1, 0]
    assert [say(event), say(event)] == [1, 0]
    assert deltas(event) == [("legitimate", 0), ("fraud", 1)]


def test_another_source_is_kept_beside_the_first_and_counts_no_second_time(stored):
    event = stored()
    assert [say(event), say(event, source=LabelSource.ANALYST), say(event, verdict="legitimate")] == [1, 1, 1]
    assert deltas(event) == [("fraud", 1), ("fraud", 0), ("legitimate", -1)]


def test_many_at_once_are_counted_by_what_was_new(stored):
    first, second, third = stored(), stored(), stored()
    say(first)
    assert say(first, second, third) == 2
    assert Label.objects.filter(fraud_delta=1).count() == 3


def test_unknown_events_and_none_at_all_add_nothing(stored):
    stored()
    assert record_labels([999_999], verdict="fraud", source="import", known_at=KNOWN) == 0
    assert record_labels([], verdict="fraud", source="import", known_at=KNOWN) == 0
    assert not Label.objects.exists()


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"verdict": "perhaps"}, "transactions_label_verdict"),
        ({"fraud_delta": 2}, "transactions_label_delta"),
    ],
)
def test_the_database_refuses_what_is_no_label(stored, changes, constraint):
    values = {
        "transaction": stored(),
        "verdict": Verdict.FRAUD,
        "source": "import",
        "known_at": KNOWN,
        "fraud_delta": 1,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        Label.objects.create(**(values | changes))
    assert not Label.objects.exists()
