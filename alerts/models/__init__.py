"""Alerts that analysts work, and the outbox through which others hear of them."""

from alerts.models.alert import Alert, AlertStatus, Disposition
from alerts.models.outbox import OutboxMessage
from alerts.models.severity import Severity
from alerts.models.system import SystemAlert

__all__ = ["Alert", "AlertStatus", "Disposition", "OutboxMessage", "Severity", "SystemAlert"]
