"""Overdue alerts go to the queue that their queue escalates to, once each."""

from datetime import datetime

from django.db import transaction

from alerts.models import Alert, AlertStatus, OutboxMessage
from alerts.services.holding import audit_job, save
from alerts.services.queues import stays_with

JOB = "escalation"
BATCH = 200


def escalate_overdue(now: datetime) -> int:
    """Escalate every alert that is due and was not yet; returns how many. Snoozed ones too: they are due."""
    escalated = 0
    while batch := _escalate_batch(now):
        escalated += batch
    return escalated


@transaction.atomic
def _escalate_batch(now: datetime) -> int:
    overdue = Alert.objects.filter(
        status=AlertStatus.OPEN, due_at__lt=now, escalated_at__isnull=True,
        queue__escalation_to__isnull=False, queue__escalation_to__active=True,
    ).select_related("queue__escalation_to")  # fmt: skip
    held = list(overdue.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "pk")[:BATCH])
    deeds = []
    for alert in held:
        origin, target = alert.queue, alert.queue.escalation_to
        alert.queue, alert.escalated_at = target, now
        if not stays_with(target, alert.assignee_id):
            alert.assignee = None
        save(alert, "queue", "assignee", "escalated_at")
        deeds.append((alert, {"queue": target.pk, "was": origin.pk, "assignee": alert.assignee_id}))
    audit_job(
        "alert.escalated", JOB, ((alert.pk, values | {"version": alert.version}) for alert, values in deeds)
    )
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="alert.escalated", payload=_told(alert, values)) for alert, values in deeds
    )
    return len(held)


def _told(alert: Alert, values: dict) -> dict:
    return {
        "alert_id": alert.pk,
        "severity": alert.severity,
        "reason": alert.reason,
        "due_at": alert.due_at.isoformat(),
        "queue": values["queue"],
        "was": values["was"],
    }
