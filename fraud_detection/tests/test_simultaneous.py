"""Decisions that meet: on one id, on one account, each on a connection of its own and really committed."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection, transaction

from alerts.models import Alert
from fraud_detection.models import Assessment
from fraud_detection.selectors import feature_values
from fraud_detection.services.decisions import EventConflict, decide_payment, decide_payments
from transactions.models import Transaction

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("payments_engine")]
WAITING = "select count(*) from pg_locks where not granted and pid <> pg_backend_pid()"


def apart(work: Callable[[], Any]) -> Any:
    """The work on a connection that is closed afterwards."""
    try:
        return work()
    finally:
        connection.close()


def while_uncommitted(first: Callable[[], Any], second: Callable[[], Any]) -> Any:
    """Do the first, commit it only when the second waits for it, and answer what the second came to."""
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            first()
            running = pool.submit(apart, second)
            deadline = time.monotonic() + 20
            with connection.cursor() as cursor:
                while not running.done() and time.monotonic() < deadline:
                    cursor.execute(WAITING)
                    if cursor.fetchone()[0]:
                        break
        return running.result(30)


@pytest.mark.parametrize("many", [False, True])
def test_an_id_taken_at_the_same_moment_by_another_account_is_a_conflict(payment, client_system, many):
    taken = payment(transaction_id="T-1")
    others = [payment(transaction_id="T-1", sender_id="acc-8", receiver_id="acc-9")]
    others += [payment(sender_id="acc-8", receiver_id="acc-9")] * many
    results = while_uncommitted(
        lambda: decide_payment(taken, client=client_system),
        lambda: decide_payments(others, client=client_system),
    )
    assert isinstance(results[0], EventConflict) and not any(
        isinstance(r, EventConflict) for r in results[1:]
    )
    assert Transaction.objects.count() == Assessment.objects.count() == 1 + many
    assert Transaction.objects.get(transaction_id="T-1").sender_id == "acc-1"


@pytest.mark.parametrize("many", [False, True])
def test_the_same_event_twice_at_once_is_one(payment, client_system, many):
    records = [payment() for _ in range(1 + many)]
    results = while_uncommitted(
        lambda: decide_payments(records, client=client_system),
        lambda: decide_payments(records, client=client_system),
    )
    assert [result.replayed for result in results] == [True] * len(records)
    assert Transaction.objects.count() == len(records)


def test_events_of_one_account_see_each_other_exactly(payment, client_system):
    records = [payment(receiver_id=f"acc-{100 + n}") for n in range(16)]
    with ThreadPoolExecutor(4) as pool:
        decided = list(
            pool.map(lambda record: apart(lambda: decide_payment(record, client=client_system)), records)
        )
    counts = sorted(
        feature_values(Assessment.objects.get(pk=one.assessment_id))["sender_count_1h"] for one in decided
    )
    assert counts == list(range(1, 17))
    assert Alert.objects.get(family="velocity").hit_count == 7


def test_batches_that_name_the_same_accounts_in_opposite_order_go_through(drain, client_system):
    ahead = [drain(sender_id=f"acc-{n}", receiver_id=f"acc-{n + 1}") for n in range(10, 30)]
    back = [drain(sender_id=f"acc-{n}", receiver_id=f"acc-{n + 1}") for n in range(29, 9, -1)]
    with ThreadPoolExecutor(2) as pool:
        done = pool.map(
            lambda some: apart(lambda: decide_payments(some, client=client_system)), [ahead, back]
        )
        assert [len(results) for results in done] == [20, 20]
    assert Transaction.objects.count() == 40
    assert set(Alert.objects.filter(family="balance").values_list("hit_count", flat=True)) == {2}
