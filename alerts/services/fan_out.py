"""Messages of the outbox become deliveries, one for each endpoint, and join what people are told.

All of a batch stands in one transaction with the mark that it was relayed, so every message reaches every
destination's queue exactly once; from there each destination retries by itself. A message that cannot be
relayed is given up by itself, with the reason, and holds up no other.
"""

from collections.abc import Sequence

import structlog
from django.db import InterfaceError, OperationalError, connection, transaction

from alerts.models import OutboxMessage, WebhookEndpoint
from alerts.services.delivering.alone import alone
from alerts.services.delivering.waiting import database_now
from alerts.services.notifying.gathering import gather
from alerts.services.streaming import queue_for_stream

BATCH = 2_000
log = structlog.get_logger(__name__)
TO_ENDPOINTS = """
    insert into alerts_webhookdelivery
        (message_id, endpoint_id, event, webhook_id, state, rounds, attempts, created_at, scheduled_at,
         next_attempt_at, dead_reason, replayed_by)
    select m.id, e.id, m.topic, 'msg_' || replace(gen_random_uuid()::text, '-', ''), 'pending', 0, 0,
           %(now)s, %(now)s, %(now)s, '', ''
    from alerts_outboxmessage m
    join alerts_webhookendpoint e
      on e.active and e.deleted_at is null and m.topic = any(e.events)
    where m.id = any(%(ids)s)
    order by m.id
    on conflict (message_id, endpoint_id) do nothing
"""


def fan_out() -> int:
    """Relay every message that was not yet; returns how many. One at a time, so that what is told joins."""
    relayed = 0
    with alone("fan_out") as mine:
        while mine and (count := _fan_out_next()):
            relayed += count
            if count < BATCH:
                break
    return relayed


def _fan_out_next() -> int:
    try:
        return _fan_out_batch(BATCH)
    except (OperationalError, InterfaceError):
        raise  # the database's fault, no message's
    except Exception as error:
        log.warning("fan_out_failed", error=type(error).__name__, exc_info=True)
        return _one_by_one()


def _one_by_one() -> int:
    """Relay up to BATCH messages each by itself; one that fails is given up."""
    fresh = OutboxMessage.objects.filter(relayed_at__isnull=True).order_by("id")
    ids = list(fresh.values_list("pk", flat=True)[:BATCH])
    for pk in ids:
        try:
            _fan_out_batch(1, pk=pk)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:
            log.error("message_not_relayed", message=pk, error=type(error).__name__)
            reason = f"it cannot be relayed: {type(error).__name__}"
            OutboxMessage.objects.filter(pk=pk).update(relayed_at=database_now(), dead_reason=reason)
    return len(ids)


@transaction.atomic
def _fan_out_batch(most: int, **which: int) -> int:
    fresh = OutboxMessage.objects.filter(relayed_at__isnull=True, **which).order_by("id")
    messages = list(fresh.select_for_update(skip_locked=True)[:most])
    if messages:
        now = database_now()
        _to_endpoints(messages, now)
        gather(messages, now)
        queue_for_stream(messages)
        OutboxMessage.objects.filter(pk__in=[message.pk for message in messages]).update(relayed_at=now)
    return len(messages)


def _to_endpoints(messages: Sequence[OutboxMessage], now) -> None:
    """Endpoints are held meanwhile: one that is being switched off gets nothing that would wait for ever."""
    hearers = WebhookEndpoint.objects.filter(active=True, deleted_at=None).order_by("id")
    list(hearers.select_for_update(no_key=True).values_list("pk"))
    with connection.cursor() as cursor:
        cursor.execute(TO_ENDPOINTS, {"now": now, "ids": [message.pk for message in messages]})
