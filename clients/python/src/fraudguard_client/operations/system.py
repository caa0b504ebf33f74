"""System: one method for each operation. Written by generate.py."""

from collections.abc import Iterator
from typing import Literal

from fraudguard_client.transport import UNSET, Json, Maybe, Row, Transport, given, part


class SystemOperations(Transport):
    """System."""

    def list_system_alerts(
        self,
        *,
        engine: Maybe[str] = UNSET,
        kind: Maybe[str] = UNSET,
        limit: Maybe[int] = UNSET,
        open: Maybe[bool] = UNSET,
        severity: Maybe[Literal["low", "medium", "high", "critical"]] = UNSET,
    ) -> Iterator[Row]:
        """System alerts, newest first."""
        return self.listed(
            "system/alerts/", **given(engine=engine, kind=kind, limit=limit, open=open, severity=severity)
        )

    def acknowledge_system_alert(self, alert_id: str | int, *, idempotency_key: str | None = None) -> Json:
        """Say that somebody has seen it; it stays open until its cause is gone."""
        return self.request(
            "POST", f"system/alerts/{part(alert_id)}/acknowledge/", idempotency_key=idempotency_key
        )

    def system_overview(self) -> Json:
        """CPU, memory, disk and queues against their thresholds."""
        return self.request("GET", "system/overview/")
