"""Alerts: one method for each operation. Written by generate.py."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class AlertsOperations(Transport):
    """Alerts."""

    def list_alerts(
        self,
        *,
        assignee: Maybe[str] = UNSET,
        customer: Maybe[str] = UNSET,
        disposition: Maybe[Literal["confirmed_fraud", "false_positive", "inconclusive", "duplicate"]] = UNSET,
        engine: Maybe[str] = UNSET,
        family: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        opened_after: Maybe[str] = UNSET,
        opened_before: Maybe[str] = UNSET,
        order: Maybe[Literal["newest", "priority"]] = UNSET,
        queue: Maybe[str] = UNSET,
        rule: Maybe[str] = UNSET,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
        snoozed: Maybe[bool] = UNSET,
        status: Maybe[Literal["open", "resolved"]] = UNSET,
        subject: Maybe[str] = UNSET,
    ) -> Iterator[Row]:
        """Alerts, newest first."""
        return self.listed(
            "alerts/",
            **given(
                assignee=assignee,
                customer=customer,
                disposition=disposition,
                engine=engine,
                family=family,
                limit=limit,
                opened_after=opened_after,
                opened_before=opened_before,
                order=order,
                queue=queue,
                rule=rule,
                severity=severity,
                snoozed=snoozed,
                status=status,
                subject=subject,
            ),
        )

    def work_alerts_in_bulk(
        self,
        *,
        action: Literal["resolve", "assign", "snooze"],
        alerts: Sequence[Mapping[str, Any]],
        disposition: Maybe[Literal["confirmed_fraud", "false_positive", "inconclusive", "duplicate"]] = UNSET,
        note: Maybe[str] = UNSET,
        reason_code: Maybe[str] = UNSET,
        duplicate_of: Maybe[int] = UNSET,
        assignee: Maybe[str | None] = UNSET,
        until: Maybe[str] = UNSET,
        reason: Maybe[str] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Resolve, assign or snooze up to 1,000 alerts with one reason; each is refused by itself."""
        return self.request(
            "POST",
            "alerts/bulk/",
            json=given(
                action=action,
                alerts=alerts,
                disposition=disposition,
                note=note,
                reason_code=reason_code,
                duplicate_of=duplicate_of,
                assignee=assignee,
                until=until,
                reason=reason,
            ),
            idempotency_key=idempotency_key,
        )

    def show_next_alert(self) -> Json:
        """The most urgent alert that is free or yours; nothing is assigned."""
        return self.request("GET", "alerts/next/")

    def take_next_alert(
        self, *, after: Maybe[int] = UNSET, queue: Maybe[str] = UNSET, idempotency_key: str | None = None
    ) -> Json:
        """Take the most urgent alert that is free or yours; two callers never get the same."""
        return self.request(
            "POST", "alerts/next/", json=given(after=after, queue=queue), idempotency_key=idempotency_key
        )

    def list_alert_reasons(self) -> Json:
        """Usual reasons for a verdict, by disposition."""
        return self.request("GET", "alerts/reasons/")

    def show_alert(self, alert_id: str | int) -> Json:
        """One alert with its hits."""
        return self.request("GET", f"alerts/{part(alert_id)}/")

    def assign_alert(
        self, alert_id: str | int, *, assignee: str | None, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Give an alert to somebody, or to nobody."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/assign/",
            json=given(assignee=assignee, version=version),
            idempotency_key=idempotency_key,
        )

    def move_alert(
        self,
        alert_id: str | int,
        *,
        queue: str,
        reason: str,
        version: int,
        idempotency_key: str | None = None,
    ) -> Json:
        """Move an alert to another queue; for supervisors of either, and admins."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/move/",
            json=given(queue=queue, reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def reopen_alert(
        self, alert_id: str | int, *, reason: str, version: int, idempotency_key: str | None = None
    ) -> Json:
        """Open a closed alert again; its labels are withdrawn."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/reopen/",
            json=given(reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def resolve_alert(
        self,
        alert_id: str | int,
        *,
        disposition: Literal["confirmed_fraud", "false_positive", "inconclusive", "duplicate"],
        version: int,
        note: Maybe[str] = UNSET,
        reason_code: Maybe[str] = UNSET,
        duplicate_of: Maybe[int] = UNSET,
        idempotency_key: str | None = None,
    ) -> Json:
        """Close an alert with a verdict."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/resolve/",
            json=given(
                disposition=disposition,
                note=note,
                reason_code=reason_code,
                duplicate_of=duplicate_of,
                version=version,
            ),
            idempotency_key=idempotency_key,
        )

    def snooze_alert(
        self,
        alert_id: str | int,
        *,
        until: str,
        reason: str,
        version: int,
        idempotency_key: str | None = None,
    ) -> Json:
        """Take an alert out of the queue until a time, or until it becomes graver."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/snooze/",
            json=given(until=until, reason=reason, version=version),
            idempotency_key=idempotency_key,
        )

    def undo_resolution(self, alert_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Take back one's own verdict within a minute."""
        return self.request("POST", f"alerts/{part(alert_id)}/undo/", idempotency_key=idempotency_key)

    def wake_alert(self, alert_id: str | int, *, version: int, idempotency_key: str | None = None) -> Json:
        """Bring a snoozed alert back at once."""
        return self.request(
            "POST",
            f"alerts/{part(alert_id)}/wake/",
            json=given(version=version),
            idempotency_key=idempotency_key,
        )
