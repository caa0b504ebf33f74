"""Statuses: known from when they were told, never changed, taken back by another row."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from transactions.models import StatusChange
from transactions.services import TransactionUnknown, change_status, supersede
from transactions.services.given_status import store_given_status

pytestmark = pytest.mark.django_db


def change(event, status, by="ana"):
    return change_status(
        client_id=event.client_id, transaction_id=event.transaction_id, status=status, recorded_by=by
    )


def deltas(event):
    return list(event.status_changes.order_by("id").values_list("status", "declined_delta"))


def given(event, status):
    """The row as the decision stores it."""
    row = {name: getattr(event, name) for name in ("id", "occurred_at", "received_at", "sender_key")}
    store_given_status(row | {"status": status, "card_key": event.card_key})


def test_a_later_status_is_known_from_now_and_holds_what_features_ask_by(stored):
    event = stored(card_key=3, device_key=4, ip_key=5)
    before = timezone.now() - timedelta(seconds=1)
    made = change(event, "declined")
    assert before < made.known_at == made.recorded_at
    assert StatusChange.objects.values_list(
        *("transaction", "status", "declined_delta", "recorded_by"),
        *("sender_key", "card_key", "device_key", "ip_key"),
    ).get() == (event.pk, "declined", 1, "ana", 1, 3, 4, 5)


def test_a_decline_is_taken_back_and_made_again(stored):
    event = stored()
    for status in ("pending", "declined", "accepted", "reversed", "declined"):
        assert change(event, status).status == status
    assert deltas(event) == [
        *(("pending", 0), ("declined", 1), ("accepted", -1), ("reversed", 0), ("declined", 1)),
    ]


def test_what_already_stands_is_not_added_again(stored):
    event = stored()
    assert change(event, "declined") is not None
    assert change(event, "declined") is None
    assert deltas(event) == [("declined", 1)]


def test_a_given_status_is_known_when_the_event_happened(stored):
    event = stored(card_key=3)
    given(event, "declined")
    assert change(event, "declined") is None
    row = StatusChange.objects.get()
    assert (row.known_at, row.recorded_at) == (event.occurred_at, event.received_at)
    assert (row.declined_delta, row.sender_key, row.card_key, row.device_key) == (1, 1, 3, None)
    given(stored(), None)
    assert StatusChange.objects.count() == 1


def test_a_correction_takes_the_decline_of_the_older_version_back(stored):
    old, other, newer = stored(), stored(), stored()
    given(old, "declined")
    supersede(old.pk, newer.pk)
    assert deltas(old) == [("declined", 1), ("declined", -1)]
    change(other, "accepted")
    supersede(other.pk, newer.pk)
    assert deltas(other) == [("accepted", 0)]


def test_only_the_current_version_of_a_known_event_has_a_status(stored, client_system):
    old = stored(transaction_id="T")
    Newer = old.__class__
    Newer.objects.filter(pk=old.pk).update(superseded_by=stored(transaction_id="U"))
    current = stored(transaction_id="T")
    change(old, "reversed")
    assert (deltas(old), deltas(current)) == ([], [("reversed", 0)])
    with pytest.raises(TransactionUnknown, match="there is no transaction 'X'"):
        change_status(client_id=client_system.pk, transaction_id="X", status="declined", recorded_by="")


@pytest.mark.parametrize(
    ("changes", "constraint"),
    [
        ({"status": "lost"}, "transactions_status_known"),
        ({"declined_delta": 2}, "transactions_status_delta"),
    ],
)
def test_the_database_refuses_what_is_no_status(stored, changes, constraint):
    values = {
        "transaction": stored(),
        "status": "declined",
        "known_at": timezone.now(),
        "declined_delta": 1,
        "sender_key": 1,
    }
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        StatusChange.objects.create(**(values | changes))
    assert not StatusChange.objects.exists()


def test_declines_are_found_in_order_from_the_index_alone(stored):
    events = [stored() for _ in range(3)]
    for event in events:
        change(event, "declined")
    with connection.cursor() as cursor:
        cursor.execute("set local enable_seqscan = off; set local enable_bitmapscan = off")
        cursor.execute(
            "explain select known_at, transaction_id, id, declined_delta from transactions_statuschange"
            " where sender_key = 1 and declined_delta <> 0 and transaction_id < 100"
            " order by known_at desc, transaction_id desc, id desc limit 5"
        )
        plan = " ".join(row[0] for row in cursor.fetchall())
    assert "Index Only Scan Backward using transactions_status_sender" in plan and "Sort" not in plan
