"""How the machine and the queues stand now, each against its threshold."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.conf import settings
from kombu.exceptions import OperationalError

from alerts.models import OutboxMessage
from alerts.services.watching.machine import shares
from alerts.services.watching.queues import queue_lengths


def overview(now: datetime) -> dict[str, Any]:
    """{status, machine: [...], queues: [...], outbox}; status is "ok", or "strained" past a threshold.

    Shares are in per cent. A queue's `waiting` is null while the broker does not answer. Threshold
    alerts: /system/alerts/.
    """
    machine = [
        {"name": name, "used_percent": round(used, 1), "threshold_percent": limit, "ok": used < limit}
        for name, used, limit in shares()
    ]
    queues = list(_queues())
    outbox = _outbox(now)
    strained = not all(part["ok"] for part in (*machine, *queues, outbox))
    return {
        "status": "strained" if strained else "ok",
        "machine": machine,
        "queues": queues,
        "outbox": outbox,
    }


def _queues() -> Iterator[dict[str, Any]]:
    limit = settings.ALERT_QUEUE_THRESHOLD
    try:
        lengths: dict[str, int | None] = dict(queue_lengths())
    except (OperationalError, OSError):
        lengths = dict.fromkeys(settings.QUEUES)
    for name, waiting in lengths.items():
        yield {
            "name": name,
            "waiting": waiting,
            "threshold": limit,
            "ok": waiting is not None and waiting <= limit,
        }


def _outbox(now: datetime) -> dict[str, Any]:
    limit = settings.ALERT_QUEUE_THRESHOLD
    fresh = OutboxMessage.objects.filter(relayed_at__isnull=True)
    oldest = fresh.order_by("id").values_list("created_at", flat=True).first()
    waiting = fresh[: limit + 1].count()
    age = max(0.0, round((now - oldest).total_seconds(), 1)) if oldest else None
    return {"waiting": waiting, "threshold": limit, "oldest_seconds": age, "ok": waiting <= limit}
