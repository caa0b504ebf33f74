"""What waits is written to the streams in its order; what a stream did not take stays and comes first."""

import json

import structlog
from django.conf import settings
from django.db import transaction

from alerts.models import OutboxMessage, StreamDelivery
from alerts.services.delivering.alone import alone
from alerts.services.streaming.publishing import StreamAway, Told, publisher
from alerts.services.webhooks.payloads import data_of

BATCH = 500
DECISION = "decision.made"
log = structlog.get_logger(__name__)


def relay_to_stream() -> int:
    """Write everything that waits; returns how many. One relay at a time, so that order is kept.

    A crash between writing and forgetting writes again: readers drop an `id` that they have seen.
    """
    written = 0
    with alone("stream") as mine:
        while mine and settings.STREAM_OUT:
            try:
                count = _relay_batch()
            except StreamAway as error:
                log.warning("stream_out_away", kind=settings.STREAM_OUT, error=str(error))
                break
            written += count
            if count < BATCH:
                break
    return written


def told(message: OutboxMessage) -> Told:
    """A message as its stream carries it: the documented fields of its topic, nothing else."""
    key = key_of(message)
    content = {
        "id": message.pk,
        "type": message.topic,
        "timestamp": message.created_at.isoformat(timespec="microseconds").replace("+00:00", "Z"),
        "key": key,
        "data": data_of(message.topic, message.payload),
    }
    stream = settings.STREAM_OUT_DECISIONS if message.topic == DECISION else settings.STREAM_OUT_ALERTS
    return Told(stream, key, json.dumps(content, separators=(",", ":")).encode())


def key_of(message: OutboxMessage) -> str:
    """Whose order counts: the customer of a decision, the alert, the case."""
    payload = message.payload
    for name in ("key", "alert_id", "case_id", "system_alert_id", "job_id"):
        if payload.get(name) is not None:
            return str(payload[name])
    return str(payload.get("engine", message.topic))


@transaction.atomic
def _relay_batch() -> int:
    waiting = StreamDelivery.objects.select_for_update(of=("self",)).select_related("message")
    rows = list(waiting.order_by("id")[:BATCH])
    if rows:
        publisher().publish([told(row.message) for row in rows])
        StreamDelivery.objects.filter(pk__in=[row.pk for row in rows]).delete()
    return len(rows)
