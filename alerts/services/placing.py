"""Placing new alerts in queues, a second or two after they are raised: decisions do not wait for it.

Rows that somebody else holds are left for the next round, so that this never stands in anybody's way.
"""

from datetime import timedelta

from django.db import transaction

from alerts.models import Alert, AlertStatus, Queue, Severity
from alerts.selectors.queue_filters import condition_of
from alerts.selectors.queues import queue_list

BATCH = 1_000


def place_alerts() -> int:
    """Put every open alert without a queue into the first that takes it; returns how many."""
    queues = [*queue_list().filter(active=True, is_default=False), default_queue()]
    placed = 0
    while batch := _place_batch(queues):
        placed += batch
    return placed


def default_queue() -> Queue:
    """The queue for what no other takes; made when it is not there."""
    found = Queue.objects.filter(is_default=True).first()
    if found is not None:
        return found
    named = {"name": "Everything else", "description": "What no other queue takes."}
    return Queue.objects.get_or_create(is_default=True, defaults=named)[0]


@transaction.atomic
def _place_batch(queues: list[Queue]) -> int:
    waiting = Alert.objects.filter(status=AlertStatus.OPEN, queue__isnull=True)
    held = waiting.select_for_update(skip_locked=True, of=("self",)).order_by("pk")
    left = set(held.values_list("pk", flat=True)[:BATCH])
    total = len(left)
    for queue in queues:
        if not left:
            break
        taken = set(
            Alert.objects.filter(condition_of(queue.filter), pk__in=left).values_list("pk", flat=True)
        )
        _put(taken, queue)
        left -= taken
    return total


def _put(ids: set[int], queue: Queue) -> None:
    """The queue's own due times count from when the alert was opened."""
    alerts = Alert.objects.filter(pk__in=ids)
    alerts.update(queue=queue)
    for severity, minutes in queue.due_minutes.items():
        for alert in alerts.filter(severity=Severity(severity)):
            alert.due_at = alert.opened_at + timedelta(minutes=minutes)
            alert.save(update_fields=["due_at"])
