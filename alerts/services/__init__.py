"""Raising alerts, working them, and telling others through the outbox."""

from alerts.services.raising import Suspicion, raise_alerts
from alerts.services.system import acknowledge_system_alert, clear_system_alert, raise_system_alert
from alerts.services.working import AlertConflict, DispositionRefused, assign_alert, resolve_alert

__all__ = [
    "AlertConflict",
    "DispositionRefused",
    "Suspicion",
    "acknowledge_system_alert",
    "assign_alert",
    "clear_system_alert",
    "raise_alerts",
    "raise_system_alert",
    "resolve_alert",
]
