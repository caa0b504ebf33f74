"""The outbox: what was written with a change is told to others, at least once, by the worker.

First every message becomes deliveries to endpoints and people (fan_out.py), which need nothing but the
database; then live pages are told, which needs the store. Neither waits for the other.
"""

from datetime import timedelta

import redis
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from alerts.models import OutboxMessage
from alerts.services.delivering.waiting import SKEW
from alerts.services.fan_out import fan_out
from logs import activity

BATCH = 500
MOST_ATTEMPTS = 40  # with the longest wait of an hour: about a day and a half
LONGEST_WAIT = timedelta(hours=1)


def relay_outbox() -> int:
    """Tell live pages of every due message, oldest first; returns how many were delivered.

    Relays may run side by side: each claims rows that no other holds.
    """
    fan_out()
    delivered = 0
    while batch := _relay_batch():
        delivered += batch
        if batch < BATCH:
            break
    return delivered


@transaction.atomic
def _relay_batch() -> int:
    now = timezone.now()
    # Written, or postponed, by a clock that was set back since.
    ahead = Q(created_at__gt=now + SKEW) | Q(next_attempt_at__gt=now + LONGEST_WAIT + SKEW)
    waiting = OutboxMessage.objects.filter(delivered_at__isnull=True, dead_reason="")
    due = waiting.filter(Q(next_attempt_at__lte=now) | ahead)
    messages = list(due.select_for_update(skip_locked=True).order_by("id")[:BATCH])
    if not messages:
        return 0
    try:
        activity.append([("alert", {"topic": message.topic, **message.payload}) for message in messages])
    except redis.RedisError as error:
        _postpone(messages, str(error))
        return 0
    ids = [message.pk for message in messages]
    OutboxMessage.objects.filter(pk__in=ids).update(delivered_at=now)
    return len(ids)


def _postpone(messages: list[OutboxMessage], error: str) -> None:
    """Try again later, each time twice as late; after MOST_ATTEMPTS the message is kept as dead."""
    now = timezone.now()
    for message in messages:
        message.attempts += 1
        message.next_attempt_at = now + min(timedelta(seconds=2 ** min(message.attempts, 12)), LONGEST_WAIT)
        if message.attempts >= MOST_ATTEMPTS:
            message.dead_reason = error[:500]
    OutboxMessage.objects.bulk_update(messages, ("attempts", "next_attempt_at", "dead_reason"))
