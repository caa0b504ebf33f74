"""Raising alerts, working them, and telling others through the outbox."""

from alerts.services.raising import Suspicion, raise_alerts
from alerts.services.working import AlertConflict, DispositionRefused, assign_alert, resolve_alert

__all__ = [
    "AlertConflict",
    "DispositionRefused",
    "Suspicion",
    "assign_alert",
    "raise_alerts",
    "resolve_alert",
]
