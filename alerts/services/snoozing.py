"""Snoozing: an alert leaves the queue until a time, or until it becomes graver or hits again.

The queue is selected by the clock, so an alert is back the moment its time is up; `wake_alerts` only writes
that down and tells others. New hits wake it at once in the statement that appends them
(`alerts.services.raising`): when the severity rises, or from WAKING_HITS new hits on.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from alerts.models import Alert, AlertStatus, OutboxMessage
from alerts.services.conflicts import AlertRefused, DispositionRefused, reason_of
from alerts.services.holding import audit, audit_job, hold_open, save
from users.models import User

LONGEST = timedelta(days=90)
JOB = "snooze"
BATCH = 500


def snooze_alert(
    *, alert_id: int, acting_user: User, until: datetime, reason: str, seen_version: int, request_id: str = ""
) -> Alert:
    """Take an alert out of the queue until a time; raises AlertConflict, DispositionRefused."""
    reason = check_snooze(until, reason)
    with transaction.atomic():
        alert = hold_open(alert_id, seen_version, acting_user)
        put_to_sleep(alert, until, reason, acting_user=acting_user, request_id=request_id)
    return alert


def check_snooze(until: datetime, reason: str) -> str:
    """The reason as stored; raises DispositionRefused for a time that is past or beyond 90 days."""
    now = timezone.now()
    if not now < until <= now + LONGEST:
        raise DispositionRefused("until", f"must lie ahead, within {LONGEST.days} days")
    return reason_of(reason)


def put_to_sleep(alert: Alert, until: datetime, reason: str, *, acting_user: User, request_id: str) -> None:
    """Snooze an alert that the caller holds."""
    before = {"until": alert.snoozed_until.isoformat() if alert.snoozed_until else None}
    alert.snoozed_until, alert.snoozed_hits = until, alert.hit_count
    alert.snooze_reason, alert.snoozed_by = reason, acting_user
    save(alert, "snoozed_until", "snoozed_hits", "snooze_reason", "snoozed_by")
    after = {"until": until.isoformat(), "reason": reason}
    audit("alert.snoozed", alert, acting_user, request_id, before, after)


def wake_alert(*, alert_id: int, acting_user: User, seen_version: int, request_id: str = "") -> Alert:
    """Bring an alert back before its time; raises AlertConflict, AlertRefused when it is awake."""
    with transaction.atomic():
        alert = hold_open(alert_id, seen_version, acting_user)
        if not alert.is_snoozed:
            raise AlertRefused(f"{alert} is not snoozed.")
        before = {"until": alert.snoozed_until.isoformat()}
        alert.snoozed_until, alert.snoozed_hits = None, 0
        save(alert, "snoozed_until", "snoozed_hits")
        audit("alert.woken", alert, acting_user, request_id, before, {"why": "by hand"})
    return alert


def wake_alerts(now: datetime) -> int:
    """Write down and tell, once each, which alerts woke by time or by hits; returns how many."""
    woken = 0
    while batch := _wake_batch(now):
        woken += batch
    return woken


@transaction.atomic
def _wake_batch(now: datetime) -> int:
    due = Q(snoozed_until__isnull=True) | Q(snoozed_until__lte=now)
    sleepers = Alert.objects.filter(due, status=AlertStatus.OPEN, snoozed_hits__gt=0)
    held = list(sleepers.select_for_update(skip_locked=True, of=("self",)).order_by("pk")[:BATCH])
    if not held:
        return 0
    ids = [alert.pk for alert in held]
    Alert.objects.filter(pk__in=ids).update(snoozed_until=None, snoozed_hits=0, version=F("version") + 1)
    why = {alert.pk: "time" if alert.snoozed_until else "hits" for alert in held}
    audit_job(
        "alert.woken",
        JOB,
        ((alert.pk, {"why": why[alert.pk], "version": alert.version + 1}) for alert in held),
    )
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic="alert.woken", payload=_told(alert, why[alert.pk])) for alert in held
    )
    return len(ids)


def _told(alert: Alert, why: str) -> dict:
    return {
        "alert_id": alert.pk,
        "severity": alert.severity,
        "reason": alert.reason,
        "assignee": alert.assignee_id,
        "snoozed_by": alert.snoozed_by_id,
        "why": why,
    }
