"""Alerts about FraudGuard itself: one open for each engine and kind, told through the outbox."""

from datetime import datetime

from django.db import connection, transaction
from django.utils import timezone

from alerts.models import OutboxMessage, SystemAlert
from logs.models import Level
from logs.services import record
from logs.services.system_events import note
from users.models import User

TOPIC = "system.alert"
UPSERT = """
    insert into alerts_systemalert as a
        (engine, kind, subject, severity, message, opened_at, last_seen_at, acknowledged_by)
    values (%s, %s, %s, %s, %s, %s, %s, '')
    on conflict (engine, kind) where cleared_at is null do update set
        subject = excluded.subject, severity = excluded.severity, message = excluded.message,
        last_seen_at = greatest(a.last_seen_at, excluded.last_seen_at)
    returning a.id, a.xmax = 0
"""


@transaction.atomic
def raise_system_alert(
    *, engine: str, kind: str, subject: str, severity: str, message: str, at: datetime
) -> bool:
    """Open an alert, or bring the open one up to date; True when it is new, and then others are told."""
    with connection.cursor() as cursor:
        cursor.execute(UPSERT, (engine, kind, subject[:128], severity, message[:500], at, at))
        alert_id, created = cursor.fetchone()
    if created:
        _tell(alert_id, engine, kind, subject, severity, message, at, "open")
    return created


@transaction.atomic
def clear_system_alert(*, engine: str, kind: str, message: str, at: datetime) -> bool:
    """Close the open alert of a kind because its cause is gone; False when there is none."""
    found = SystemAlert.objects.select_for_update().filter(engine=engine, kind=kind, cleared_at__isnull=True)
    alert = found.first()
    if alert is None:
        return False
    SystemAlert.objects.filter(pk=alert.pk).update(cleared_at=at)
    _tell(alert.pk, engine, kind, alert.subject, "low", message, at, "cleared")
    return True


@transaction.atomic
def acknowledge_system_alert(*, alert_id: int, acting_user: User, request_id: str = "") -> bool:
    """Note that somebody has seen it; the alert stays open until its cause is gone. False: no change."""
    open_ones = SystemAlert.objects.filter(pk=alert_id, cleared_at__isnull=True, acknowledged_at__isnull=True)
    if not open_ones.update(acknowledged_at=timezone.now(), acknowledged_by=acting_user.email):
        return False
    record(
        "system_alert.acknowledged",
        actor_kind="user",
        actor=acting_user.email,
        subject_kind="system_alert",
        subject=str(alert_id),
        request_id=request_id,
    )
    return True


def _tell(
    alert_id: int,
    engine: str,
    kind: str,
    subject: str,
    severity: str,
    message: str,
    at: datetime,
    state: str,
) -> None:
    payload = {
        "system_alert_id": alert_id,
        "state": state,
        "kind": kind,
        "severity": severity,
        "subject": subject,
        "engine": engine,
        "message": message[:500],
        "at": at.isoformat(),
    }
    OutboxMessage.objects.create(topic=TOPIC, payload=payload)
    note(
        "system_alert.raised" if state == "open" else "system_alert.cleared",
        component=engine,
        level=Level.WARNING if state == "open" else Level.INFO,
        text=f"{subject}: {message}",
        detail={"system_alert": alert_id, "kind": kind, "severity": severity},
    )
