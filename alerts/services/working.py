"""What analysts do to alerts: assign, resolve with a verdict, refused when their view is stale."""

import re

from django.db import transaction
from django.utils import timezone

from alerts.models import Alert, AlertStatus, Disposition, OutboxMessage
from logs.services import record
from transactions.models import LabelSource, Transaction, Verdict
from transactions.services import record_labels
from users.models import User
from users.roles import Ability

VERDICTS = {Disposition.CONFIRMED_FRAUD: Verdict.FRAUD, Disposition.FALSE_POSITIVE: Verdict.LEGITIMATE}
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


class AlertConflict(Exception):
    """The alert changed since the caller looked; the message says who did what, and when."""

    def __init__(self, alert: Alert):
        self.alert = alert
        super().__init__(_what_happened(alert))


class DispositionRefused(ValueError):
    """A resolution that cannot be accepted; `field` names what is wrong."""

    def __init__(self, field: str, message: str):
        self.field = field
        super().__init__(message)


def resolve_alert(
    *, alert_id: int, acting_user: User, disposition: str, note: str, seen_version: int, request_id: str = ""
) -> Alert:
    """Close an alert with a verdict and its reason; the verdict becomes a label of its events.

    Raises AlertConflict when it changed since `seen_version`, DispositionRefused for bad input.
    """
    note = note.strip()
    if disposition not in Disposition.values:
        raise DispositionRefused("disposition", f"must be one of {', '.join(Disposition.values)}")
    if not note:
        raise DispositionRefused("note", "a reason is required")
    if len(note) > 4000 or UNSTORABLE.search(note):
        raise DispositionRefused("note", "at most 4,000 characters, without NUL and lone surrogates")
    with transaction.atomic():
        _hold_events(alert_id)
        alert = _locked(alert_id, seen_version)
        alert.status, alert.disposition, alert.note = AlertStatus.RESOLVED, disposition, note
        alert.resolved_at, alert.resolved_by = timezone.now(), acting_user
        _save(alert, ("status", "disposition", "note", "resolved_at", "resolved_by"))
        _audit(
            "alert.resolved", alert, acting_user, request_id, {"status": "open"}, {"disposition": disposition}
        )
        _label(alert, acting_user)
        OutboxMessage.objects.create(
            topic="alert.resolved", payload={"alert_id": alert.pk, "disposition": disposition}
        )
    return alert


def assign_alert(
    *, alert_id: int, acting_user: User, assignee: User | None, seen_version: int, request_id: str = ""
) -> Alert:
    """Give an alert to someone, or to nobody; raises AlertConflict when it changed meanwhile."""
    with transaction.atomic():
        if assignee is not None and not assignee.can(Ability.WORK_ALERTS):
            raise DispositionRefused("assignee", f"{assignee} may not work alerts")
        alert = _locked(alert_id, seen_version)
        before = {"assignee": alert.assignee_id}
        alert.assignee = assignee
        _save(alert, ("assignee",))
        _audit("alert.assigned", alert, acting_user, request_id, before, {"assignee": alert.assignee_id})
    return alert


def _hold_events(alert_id: int) -> None:
    """Events before their alert, the order in which a correction takes them: else the two deadlock."""
    events = Transaction.objects.filter(assessments__hits__alert_id=alert_id).values("pk")
    list(Transaction.objects.select_for_update().filter(pk__in=events).order_by("pk").values_list("pk"))


def _locked(alert_id: int, seen_version: int) -> Alert:
    alert = (
        Alert.objects.select_for_update(of=("self",))
        .select_related("resolved_by", "assignee")
        .get(pk=alert_id)
    )
    if alert.version != seen_version or alert.status != AlertStatus.OPEN:
        raise AlertConflict(alert)
    return alert


def _save(alert: Alert, fields: tuple[str, ...]) -> None:
    alert.version += 1
    alert.save(update_fields=(*fields, "version"))


def _audit(action: str, alert: Alert, user: User, request_id: str, before: dict, after: dict) -> None:
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="alert",
        subject=str(alert.pk),
        before=before,
        after=after,
        request_id=request_id,
    )


def _label(alert: Alert, user: User) -> None:
    """A verdict on an alert is a verdict on the events that it is made of."""
    verdict = VERDICTS.get(Disposition(alert.disposition))
    if verdict is None:
        return
    events = alert.hits.order_by().values_list("assessment__transaction_id", flat=True).distinct()
    record_labels(
        [event for event in events if event is not None],
        verdict=verdict,
        source=LabelSource.ANALYST,
        reason=alert.note[:500],
        recorded_by=user.email,
        known_at=alert.resolved_at,
    )


def _what_happened(alert: Alert) -> str:
    if alert.status == AlertStatus.RESOLVED:
        when = timezone.localtime(alert.resolved_at).strftime("%H:%M:%S")
        how = alert.get_disposition_display().lower()
        return f"{alert.resolved_by} closed A-{alert.pk} as {how} at {when}"
    hits = f"it now has {alert.hit_count} hits, at version {alert.version}"
    return f"A-{alert.pk} changed since you looked: {hits}"
