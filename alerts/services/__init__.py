"""Raising alerts, working them, and telling others through the outbox."""

from alerts.services.bulk import BulkResult, assign_alerts, resolve_alerts, snooze_alerts
from alerts.services.conflicts import AlertConflict, AlertRefused, DispositionRefused, NotSupervisor
from alerts.services.looking import look_at
from alerts.services.queues import QueueConflict, QueueRefused, change_queue, make_queue, move_alert
from alerts.services.raising import Suspicion, raise_alerts
from alerts.services.snoozing import snooze_alert, wake_alert
from alerts.services.system import acknowledge_system_alert, clear_system_alert, raise_system_alert
from alerts.services.taking import take_next_alert
from alerts.services.undoing import reopen_alert, undo_resolution
from alerts.services.working import assign_alert, resolve_alert

__all__ = [
    "AlertConflict",
    "AlertRefused",
    "BulkResult",
    "DispositionRefused",
    "NotSupervisor",
    "QueueConflict",
    "QueueRefused",
    "Suspicion",
    "acknowledge_system_alert",
    "assign_alert",
    "assign_alerts",
    "change_queue",
    "clear_system_alert",
    "look_at",
    "make_queue",
    "move_alert",
    "raise_alerts",
    "raise_system_alert",
    "reopen_alert",
    "resolve_alert",
    "resolve_alerts",
    "snooze_alert",
    "snooze_alerts",
    "take_next_alert",
    "undo_resolution",
    "wake_alert",
]
