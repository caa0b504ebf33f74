"""Opening alerts again: undo within a minute by whoever closed them, or later with a reason."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils.dateparse import parse_datetime

from alerts.models import Alert, AlertStatus, OutboxMessage
from alerts.services.closing import VERDICTS, events_of
from alerts.services.conflicts import AlertConflict, AlertRefused, reason_of
from alerts.services.due import due_minutes
from alerts.services.holding import audit, database_now, hold, hold_events, save
from logs.models import AuditEvent
from transactions.models import LabelSource
from transactions.services import withdraw_labels
from users.models import User

UNDO_WITHIN = timedelta(seconds=60)
OPENINGS = ("alert.undone", "alert.reopened")
CLEARED = {
    "status": AlertStatus.OPEN, "disposition": "", "note": "", "reason_code": "", "duplicate_of": None,
    "resolved_at": None, "resolved_by": None,
}  # fmt: skip


def undo_resolution(*, alert_id: int, acting_user: User, request_id: str = "") -> Alert:
    """Take back one's own verdict within a minute; labels go back to what was said before it.

    Raises AlertRefused when it is too late, somebody else's, or a newer open alert stands in its place.
    """
    with transaction.atomic():
        hold_events([alert_id])
        alert, now = _closed(alert_id), database_now()
        if alert.resolved_by_id != acting_user.pk:
            raise AlertRefused(f"{alert.resolved_by} closed {alert}; only who closed it can undo that.")
        if now - alert.resolved_at > UNDO_WITHIN:
            raise AlertRefused(
                f"{alert} was closed more than {UNDO_WITHIN.seconds} s ago; open it again with a reason."
            )
        _open(alert, "alert.undone", "undone", acting_user, request_id, now)
    return alert


def reopen_alert(
    *, alert_id: int, acting_user: User, reason: str, seen_version: int, request_id: str = ""
) -> Alert:
    """Open a closed alert again; it is due anew from now, and its verdict's labels are withdrawn.

    Raises AlertConflict for a stale view, AlertRefused, DispositionRefused without a reason.
    """
    reason = reason_of(reason)
    with transaction.atomic():
        hold_events([alert_id])
        alert, now = _closed(alert_id), database_now()
        if alert.version != seen_version:
            raise AlertConflict(alert, seen_version=seen_version, user=acting_user)
        alert.due_at = now + timedelta(minutes=due_minutes(alert.severity, alert.queue))
        alert.escalated_at = None
        _open(alert, "alert.reopened", reason, acting_user, request_id, now)
    return alert


def _closed(alert_id: int) -> Alert:
    alert = hold(alert_id)
    if alert.status != AlertStatus.RESOLVED:
        raise AlertRefused(f"{alert} is open.")
    return alert


def _open(alert: Alert, action: str, reason: str, user: User, request_id: str, now: datetime) -> None:
    _check_place(alert)
    before = {
        "disposition": alert.disposition, "note": alert.note, "labelled_at": alert.resolved_at.isoformat(),
    }  # fmt: skip
    events = events_of([alert])
    withdraw_labels(
        events,
        taken_back=[alert.resolved_at, *_taken_back(alert, events)],
        standing=_standing(alert, events),
        source=LabelSource.ANALYST,
        withdrawn_by=user.email,
        reason=f"A-{alert.pk} opened again: {reason}"[:500],
        known_at=now,
    )
    for name, value in CLEARED.items():
        setattr(alert, name, value)
    try:
        with transaction.atomic():
            save(alert, *CLEARED, "due_at", "escalated_at")
    except IntegrityError as taken:  # by a decision at this very moment
        raise _taken(alert, "Another alert") from taken
    audit(
        action,
        alert,
        user,
        request_id,
        before,
        {"status": "open", "reason": reason, "labelled_at": now.isoformat()},
    )
    payload = {"alert_id": alert.pk, "was": before["disposition"], "reason": reason}
    OutboxMessage.objects.create(topic="alert.reopened", payload=payload)


def _standing(alert: Alert, events: Sequence[int]) -> dict[int, list[datetime]]:
    """By event, when other alerts about it, closed still, got their verdicts."""
    others = Alert.objects.filter(
        status=AlertStatus.RESOLVED, disposition__in=VERDICTS, hits__assessment__transaction__in=events
    ).exclude(pk=alert.pk)
    found: dict[int, list[datetime]] = defaultdict(list)
    pairs = others.order_by().values_list("hits__assessment__transaction", "resolved_at").distinct()
    for event, resolved_at in pairs:
        found[event].append(resolved_at)
    return found


def _taken_back(alert: Alert, events: Sequence[int]) -> list[datetime]:
    """When labels of these events were said that count no more: by verdicts undone, and by their undoing."""
    about = Alert.objects.filter(hits__assessment__transaction__in=events).order_by()
    ids = {alert.pk, *about.values_list("pk", flat=True).distinct()}
    deeds = AuditEvent.objects.filter(
        subject_kind="alert", subject__in=[str(pk) for pk in ids], action__in=OPENINGS
    )
    moments = [
        (values or {}).get("labelled_at") for pair in deeds.values_list("before", "after") for values in pair
    ]
    return [parse_datetime(text) for text in moments if text]


def _check_place(alert: Alert) -> None:
    """One open alert a subject: hits since the closing have opened another one."""
    other = Alert.objects.filter(
        engine=alert.engine, family=alert.family, subject_kind=alert.subject_kind, subject=alert.subject,
        status=AlertStatus.OPEN,
    ).first()  # fmt: skip
    if other is not None:
        raise _taken(alert, str(other))


def _taken(alert: Alert, other: str) -> AlertRefused:
    return AlertRefused(
        f"{other} was opened about the same subject since {alert} was closed; decide that one."
    )
