"""What happens beside the requests, as figures: cache, audit trail, messages, batches."""

from datetime import datetime, timedelta
from typing import Any

import redis
from django.db.models import Count, Sum

from alerts.models import NotificationDelivery, WebhookDelivery
from fraud_detection.models import BatchJob
from logs.activity import client
from logs.models import AuditEvent

LATELY = timedelta(hours=24)


def background_figures(now: datetime) -> dict[str, Any]:
    """{cache, audit, notifications, webhooks, batches}; counts of messages are of 24 hours."""
    return {
        "cache": cache_figures(),
        "audit": {"events": AuditEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0},
        "notifications": _by_state(NotificationDelivery.objects.filter(created_at__gte=now - LATELY)),
        "webhooks": _by_state(WebhookDelivery.objects.filter(created_at__gte=now - LATELY)),
        "batches": _batches(),
    }


def cache_figures() -> dict[str, Any] | None:
    """Look-ups of the Redis store since it started, all callers together; None while it is away."""
    try:
        told = client().info("stats")
    except redis.RedisError:
        return None
    hits, misses = told["keyspace_hits"], told["keyspace_misses"]
    rate = round(hits / (hits + misses), 4) if hits + misses else None
    return {"hits": hits, "misses": misses, "hit_rate": rate}


def _by_state(rows: Any) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(Count("pk")))


def _batches() -> dict[str, Any]:
    sums = BatchJob.objects.aggregate(done=Sum("rows_done"), failed=Sum("rows_failed"))
    return {
        "jobs": _by_state(BatchJob.objects.all()),
        "rows_done": sums["done"] or 0,
        "rows_failed": sums["failed"] or 0,
    }
