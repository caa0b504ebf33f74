"""Whether anybody consumes the streams that settings name: without a consumer lag is measured by nobody."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Q

from alerts.services.system import clear_system_alert, raise_system_alert
from fraud_detection.models import StreamConsumer, StreamShard

SILENT = timedelta(minutes=3)  # a consumer tells of its shards every two seconds, between batches
REMEDY = "start manage.py consume_transactions, or look at its log"
WHERE = {"engine": "system", "kind": "streams.unconsumed"}


def watch_streams(now: datetime) -> str:
    """What is wrong, told to people once and cleared when all is well again; "" when nothing is."""
    wrong = unconsumed(now)
    if wrong:
        raise_system_alert(**WHERE, subject="streams", severity="critical", message=wrong, at=now)
    else:
        clear_system_alert(**WHERE, message="The streams are consumed again", at=now)
    return wrong


def unconsumed(now: datetime) -> str:
    """Shards of the group that settings name which no consumer measured for a while."""
    group = {"kind": settings.STREAM_SOURCE, "group": settings.STREAM_GROUP}
    shards = StreamShard.objects.filter(_of_clients(), **group)
    silent = shards.filter(measured_at__lt=now - SILENT).order_by("measured_at")
    if not shards.exists() and not _lives(group, now):
        return f"No consumer of {settings.STREAM_SOURCE} tells of itself: {REMEDY}"
    oldest = silent.first()
    if oldest is None:
        return ""
    waits = sum(silent.values_list("lag", flat=True)) + sum(silent.values_list("unacknowledged", flat=True))
    return (
        f"{silent.count():,} of {shards.count():,} shards of streams were measured by no consumer since"
        f" {oldest.measured_at:%Y-%m-%d %H:%M} UTC; {waits:,} messages waited then: {REMEDY}"
    )


def _of_clients() -> Q:
    """Streams of clients that settings name: nobody misses a consumer of others."""
    found = Q(stream__in=settings.STREAM_CLIENTS)
    for client in settings.STREAM_CLIENTS:
        found |= Q(stream__startswith=f"{client}.")
    return found


def _lives(group: dict[str, str], now: datetime) -> bool:
    return StreamConsumer.objects.filter(**group, seen_at__gte=now - SILENT).exists()
