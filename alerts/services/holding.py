"""Holding alerts while they are changed, and writing down each change."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from django.db import connection

from alerts.models import Alert, AlertStatus
from alerts.services.conflicts import AlertConflict
from logs.services import record, record_each
from logs.services.personal import about_row
from transactions.models import Transaction
from users.models import User


def database_now() -> datetime:
    """The database's clock: one for all processes, whatever their machines say."""
    with connection.cursor() as cursor:
        cursor.execute("select statement_timestamp()")
        return cursor.fetchone()[0]


def hold_events(alert_ids: Collection[int]) -> None:
    """Events before their alerts, the order in which a correction takes them: else the two deadlock."""
    events = Transaction.objects.filter(assessments__hits__alert_id__in=alert_ids).values("pk")
    list(Transaction.objects.select_for_update().filter(pk__in=events).order_by("pk").values_list("pk"))


def hold(alert_id: int) -> Alert:
    """The alert, held until the transaction ends.

    Without the people it names: a joined row would be that of before the wait for the lock.
    """
    return Alert.objects.select_for_update().get(pk=alert_id)


def hold_open(alert_id: int, seen_version: int, user: User) -> Alert:
    """The same, as the caller saw it and open; raises AlertConflict otherwise."""
    alert = hold(alert_id)
    if alert.version != seen_version or alert.status != AlertStatus.OPEN:
        raise AlertConflict(alert, seen_version=seen_version, user=user)
    return alert


def save(alert: Alert, *fields: str) -> None:
    """Store the fields as a new version."""
    alert.version += 1
    alert.save(update_fields=(*fields, "version"))


def audit(
    action: str, alert: Alert, user: User, request_id: str, before: dict[str, Any], after: dict[str, Any]
) -> None:
    """One deed of a person on one alert, with the version that it made."""
    record(
        action,
        actor_kind="user",
        actor=user.email,
        subject_kind="alert",
        subject=str(alert.pk),
        before=before,
        after=after | {"version": alert.version},
        request_id=request_id,
        about=whose(alert),
    )


def whose(alert: Alert) -> int:
    """Under whose key the audit trail keeps what people write about an alert."""
    return alert.customer_id or about_row("alert", alert.pk)


def audit_job(action: str, job: str, deeds: Iterable[tuple[int, dict[str, Any]]]) -> None:
    """The same deed of a job on many alerts."""
    record_each(action, actor_kind="system", actor=job, subject_kind="alert", deeds=deeds)
